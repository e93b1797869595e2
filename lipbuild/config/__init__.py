"""What a config says: its sections, the stack of its layers, and the graph that they make. No numpy, no Keras."""
