"""Fit, the seeds, the run folder."""
