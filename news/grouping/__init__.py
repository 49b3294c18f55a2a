"""Which items belong to one story. Pure.

figures  the values in a text, its days and clock times
names    who and what it is about, Korean spellings in Latin letters
texts    what two texts have in common letter by letter: shingles, MinHash, bands
rules    whether two items belong together, and why; all thresholds
keys     numbers by which those that might are found in a table
"""
