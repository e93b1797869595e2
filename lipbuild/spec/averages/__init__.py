"""Averages of weights over the training."""

from __future__ import annotations

from lipbuild.spec.averages.average_spec import AverageSpec
from lipbuild.spec.registry import Registry

__all__ = ["AVERAGES", "AverageSpec"]

AVERAGES: Registry[AverageSpec] = Registry(__name__, {"EMA": "ema", "SWA": "swa"})
