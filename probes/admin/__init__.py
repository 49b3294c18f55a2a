"""The operators' pages of measuring: targets, budgets, servers, and the evidence as it came in."""

from probes.admin import evidence, targets

__all__ = ["evidence", "targets"]
