"""Delivering notices."""
