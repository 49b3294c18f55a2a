"""What pages are looked at for in a real browser: by `make test` briefly, by `make quality` at length."""
