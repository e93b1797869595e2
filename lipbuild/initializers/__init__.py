"""Initializers, with deel-lip's names and arguments."""

from lipbuild.initializers.spectral_initializer import SpectralInitializer

__all__ = ["SpectralInitializer"]
