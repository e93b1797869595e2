"""lipbuild: a declarative builder for 1-Lipschitz neural networks.

The Python API is loaded when it is used: importing lipbuild imports neither TensorFlow, Keras nor NumPy.
"""

from __future__ import annotations

from lipbuild._version import __version__

__all__ = ["__version__"]
