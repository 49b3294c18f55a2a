"""A server that speaks the providers' protocols and fails as a scenario says. It knows nothing of the probes.

`python -m probes.simulator --port 8001` runs it alone; SCENARIOS.md describes the scenario files.
"""
