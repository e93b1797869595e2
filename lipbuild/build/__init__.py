"""From a graph to a Keras model."""

from lipbuild._lazy import make_callable

make_callable(__name__)
