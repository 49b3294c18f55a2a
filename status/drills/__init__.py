"""Drills: played trouble, and what must come of it. Scenarios, plan and report are pure; `playing` acts."""
