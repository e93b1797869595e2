"""What is shown of a training while it runs, and written when it has ended."""
