"""A network as one graph: its layers, their shapes and their constants. No numpy, no Keras."""
