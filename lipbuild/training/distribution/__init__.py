"""Training over several devices and machines, on TensorFlow's own strategies."""
