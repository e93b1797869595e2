"""Averages of weights over the training."""

from __future__ import annotations

from lipbuild.config.averages.average_spec import AverageSpec
from lipbuild.fields.registry import Registry

__all__ = ["AVERAGES", "AverageSpec"]

AVERAGES: Registry[AverageSpec] = Registry(__name__, {"EMA": "ema", "SWA": "swa"})
