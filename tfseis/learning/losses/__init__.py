"""Losses and accuracies on logits, by the kind of label."""
