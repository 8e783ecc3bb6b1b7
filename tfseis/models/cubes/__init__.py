"""Networks over cubes: three axes and channels."""
