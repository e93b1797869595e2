"""Models of Lipschitz layers, with deel-lip's names and arguments."""

from lipbuild.model.model import Model
from lipbuild.model.sequential import Sequential
from lipbuild.model.vanilla_model import vanillaModel

__all__ = ["Model", "Sequential", "vanillaModel"]
