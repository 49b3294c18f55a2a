"""Live push beside others: what a delivered message costs, and how long it is under way."""
