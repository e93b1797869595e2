"""Exported files: what is in them, read without their runtimes, and whether it is what they say of themselves."""
