"""Raw attempts as Parquet files, one per UTC day: `layout` → `files` → `places`. Knows no Django.

layout   what a row of the archive is, and the tally by which two sets of rows are compared
places   where the files lie: a folder or a bucket
files    writing a day, reading it back, asking it
"""
