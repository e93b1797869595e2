"""Rigorous Lipschitz bounds of trained layers, in numpy alone.

Each function takes the weights of one layer and returns a `Bound`. See `docs/` for the arguments; the error
terms stand beside the code that they belong to.
"""

from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.dense import dense

__all__ = ["Bound", "dense"]
