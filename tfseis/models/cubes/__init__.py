"""3D networks."""
