"""What a network costs beside the same network without constraints."""

from __future__ import annotations

from lipbuild._lazy import make_callable

make_callable(__name__)
