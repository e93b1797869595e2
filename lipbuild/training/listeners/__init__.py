"""What is told of a training while it runs: on the terminal, in files, to trackers."""
