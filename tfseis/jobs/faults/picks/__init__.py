"""A few picked lines of a cube: what they say, the fine-tuning on them, and its scores."""
