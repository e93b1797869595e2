"""Regularizers towards orthogonality, with deel-lip's names and arguments."""

from lipbuild.regularizers.lorth2d import Lorth2D
from lipbuild.regularizers.lorth_regularizer import LorthRegularizer
from lipbuild.regularizers.orth_dense_regularizer import OrthDenseRegularizer

__all__ = ["Lorth2D", "LorthRegularizer", "OrthDenseRegularizer"]
