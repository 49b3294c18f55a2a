"""Up to four models side by side; the only app that may see all the others."""
