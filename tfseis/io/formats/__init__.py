"""Cubes of other formats than SEG-Y and NumPy, each read by the library that knows it."""
