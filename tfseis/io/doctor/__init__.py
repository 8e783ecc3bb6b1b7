"""What is wrong with a SEG-Y file, and which arguments open it."""
