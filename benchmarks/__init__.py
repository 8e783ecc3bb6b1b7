"""Ratios to peers, results compared for equality first."""
