"""Crawled, summarised, fact-checked, edited (opens with the News page)."""
