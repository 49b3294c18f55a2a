"""The probe engine beside its peers, measured in one run: `make bench`. See docs/benches.md."""
