"""Pipelines: functions that return a tf.data.Dataset, and what feeds them."""
