"""The command line: `app.py` and one file a command, heavy imports inside the functions."""
