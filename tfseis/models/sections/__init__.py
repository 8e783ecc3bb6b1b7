"""2D networks, and those of patches."""
