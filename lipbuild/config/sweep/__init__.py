"""What a config says of its sweep: the search space, the objectives, how it is searched."""
