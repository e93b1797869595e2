"""Proofs about trained networks: Lipschitz bounds, certified radii and certificates that can be checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lipbuild._lazy import make_callable

if TYPE_CHECKING:
    from lipbuild.certify.guard import guarded

__all__ = ["guarded"]

make_callable(__name__)


def __getattr__(name: str) -> Any:
    if name == "guarded":
        from lipbuild.certify.guard import guarded

        return guarded
    raise AttributeError(f"module 'lipbuild.certify' has no attribute {name!r}")
