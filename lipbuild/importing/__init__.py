"""From an existing Keras or deel-lip model to a config, and its weights to a Lipschitz network."""
