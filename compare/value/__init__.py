"""Price × quality × speed: which models nobody shown beats in all of them at once."""
