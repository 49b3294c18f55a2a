"""The peers: each file is a process of its own that makes one job's probes and says what it measured."""
