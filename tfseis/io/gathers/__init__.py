"""Pre-stack gathers from SEG-Y files and arrays."""
