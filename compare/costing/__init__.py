"""What a request costs over models: tokens of a real text, prices in force, what reasoning adds."""
