"""Saved models of any origin, in the form that certificates read."""
