"""Many trainings of one config with different values, and which of them are the best."""
