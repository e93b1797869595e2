"""What an editor asks of a config: what may be written, what something means, how to mend it."""
