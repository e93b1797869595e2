"""Numbers as the page writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.network.rounding import decimal_down as down
from lipbuild.network.rounding import decimal_up as up

__all__ = ["down", "percent", "plain", "samples_of", "up"]


def percent(share: float | None) -> str:
    """A share; nothing where there is none."""
    return "" if share is None else f"{100.0 * share:.2f} %"


def plain(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits; nothing where there is none."""
    return "" if value is None else f"{value:.{digits}g}"


def samples_of(evaluation: Mapping[str, Any]) -> str:
    """Which samples an evaluation measured."""
    on = (evaluation.get("data") or {}).get("on")
    return f"samples of {on}, other data than the run's" if on else "test samples"
