"""Networks over sections, gathers and images; two of them build 3D twins, too."""
