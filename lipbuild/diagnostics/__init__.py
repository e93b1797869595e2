"""What lipbuild has to say about a config, and how it is shown."""
