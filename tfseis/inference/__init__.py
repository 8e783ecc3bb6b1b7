"""A trained model over more data than fits in memory."""

from tfseis.backend import require_keras

require_keras()
