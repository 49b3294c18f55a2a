"""A whole site to look at and to test: a real server on a store seeded with ninety invented days."""
