"""Regularizers: towards orthogonality, with deel-lip's names and arguments; and of columns that do not matter."""

from lipbuild.regularizers.column_maximum import ColumnMaximum
from lipbuild.regularizers.lorth2d import Lorth2D
from lipbuild.regularizers.lorth_regularizer import LorthRegularizer
from lipbuild.regularizers.orth_dense_regularizer import OrthDenseRegularizer

__all__ = ["ColumnMaximum", "Lorth2D", "LorthRegularizer", "OrthDenseRegularizer"]
