"""Answers that no rounding contradicts, and whether Keras computes what was read."""
