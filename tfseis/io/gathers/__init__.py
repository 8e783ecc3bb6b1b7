"""Pre-stack gathers in SEG-Y files and arrays."""
