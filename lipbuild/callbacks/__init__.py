"""Callbacks for training, with deel-lip's names and arguments."""

from lipbuild.callbacks.condense_callback import CondenseCallback

__all__ = ["CondenseCallback"]
