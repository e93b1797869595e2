"""The data contract of a run: which sample is in which part, and how files become tensors."""
