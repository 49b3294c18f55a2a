"""The servers of the live bench that are written in Python."""
