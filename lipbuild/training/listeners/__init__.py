"""The listeners of a running training: the terminal, files, trackers."""
