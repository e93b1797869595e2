"""Proofs about trained networks: Lipschitz bounds, certified radii and certificates that can be checked."""

from lipbuild._lazy import make_callable

make_callable(__name__)
