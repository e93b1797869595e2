"""A trained network as plain files, each past a gate."""

from lipbuild._lazy import make_callable

make_callable(__name__)
