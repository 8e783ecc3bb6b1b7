"""Image networks on encoders that were trained on photographs."""
