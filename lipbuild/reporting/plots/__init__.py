"""Plots of an evaluation, drawn with matplotlib (an extra)."""
