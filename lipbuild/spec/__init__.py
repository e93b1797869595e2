"""What a config says: typed sections, the layers' shapes and constants, the graph. No numpy, no Keras."""
