"""When a sweep gives a trial up, under Optuna's names without `Pruner`."""

from __future__ import annotations

from lipbuild.config.pruners.pruner import PrunerSpec
from lipbuild.fields.registry import Registry

__all__ = ["PRUNERS", "PrunerSpec"]

PRUNERS: Registry[PrunerSpec] = Registry(
    __name__,
    {
        "Median": "median",
        "Percentile": "percentile",
        "SuccessiveHalving": "successive_halving",
        "Hyperband": "hyperband",
    },
)
