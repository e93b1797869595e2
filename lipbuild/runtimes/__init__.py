"""What runs an exported file: each module imports the one runtime that it is about, and nothing of the others."""
