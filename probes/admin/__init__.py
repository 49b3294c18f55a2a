"""The operators' pages of measuring: targets, budgets, servers, and the evidence as it came in."""

from probes.admin import budgets, evidence, servers, targets

__all__ = ["budgets", "evidence", "servers", "targets"]
