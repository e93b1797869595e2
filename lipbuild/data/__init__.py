"""Named and file data sets, split and encoded for a loss."""
