"""Many trainings of one config with different values, and which of them are the best."""

from lipbuild._lazy import make_callable

make_callable(__name__)
