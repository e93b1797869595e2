"""Optimisers under Keras's names."""

from __future__ import annotations

from lipbuild.config.optimizers.optimizer import OptimizerSpec
from lipbuild.fields.registry import Registry

__all__ = ["OPTIMIZERS", "OptimizerSpec"]

OPTIMIZERS: Registry[OptimizerSpec] = Registry(
    __name__,
    {
        "SGD": "sgd",
        "RMSprop": "rm_sprop",
        "Adam": "adam",
        "AdamW": "adam_w",
        "Nadam": "nadam",
        "Adamax": "adamax",
        "Adagrad": "adagrad",
        "Lamb": "lamb",
        "Lion": "lion",
    },
)
