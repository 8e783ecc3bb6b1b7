"""Training on several devices: which ones, a step that they share, processes that agree."""

from tfseis.devices.choice import shared_by as shared_by
