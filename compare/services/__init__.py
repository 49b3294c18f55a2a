"""Writing comparisons: freezing figures, and keeping a comparison under a name."""
