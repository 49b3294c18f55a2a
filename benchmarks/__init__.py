"""What others measured: suites, scores and their evidence (opens with the Benchmark page)."""
