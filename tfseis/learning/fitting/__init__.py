"""The one training engine of all jobs."""

from tfseis.learning.fitting.history import trained_minutes as trained_minutes
