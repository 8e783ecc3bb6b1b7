"""Networks on pretrained encoders."""
