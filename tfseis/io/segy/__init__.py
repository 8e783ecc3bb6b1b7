"""SEG-Y cubes: reading, writing, copying."""
