"""Networks for images that wrap around a borehole."""
