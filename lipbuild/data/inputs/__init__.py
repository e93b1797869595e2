"""Inputs without labels, from files that a user names."""
