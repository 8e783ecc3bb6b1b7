"""Training on an accelerator: surveys from all cores, one compiled step, a clock that ends it."""
