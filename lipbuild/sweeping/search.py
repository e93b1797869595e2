"""A study with the sampler and the pruner of a config."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lipbuild.config.config import Config
from lipbuild.errors import UnusableError
from lipbuild.missing import install_command
from lipbuild.sweeping.setting import Setting
from lipbuild.sweeping.storage import made_by_one_of_many, open_storage
from lipbuild.sweeping.values import grid

if TYPE_CHECKING:
    from optuna import Study
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler


def open_study(setting: Setting, config: Config) -> Study:
    """The study of a sweep, a new one where there is none.

    Raises:
        UnusableError: Optuna is not installed, or the storage cannot be reached.
    """
    try:
        import optuna
    except ImportError:
        raise UnusableError("Optuna is not installed", install_command("sweep")) from None
    # It would write of every trial that failed, with a traceback.
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    storage = open_storage(setting.storage)
    return made_by_one_of_many(
        lambda: optuna.create_study(
            storage=storage,
            study_name=setting.study,
            sampler=_sampler(config),
            pruner=_pruner(config),
            directions=[
                "maximize" if one.maximized else "minimize" for one in config.needed("sweep").objectives
            ],
            load_if_exists=True,
        )
    )


def trials_of(setting: Setting, config: Config) -> int:
    """How many trials there are: no more than a grid has points."""
    if config.needed("sweep").sampler.kind != "Grid":
        return setting.trials
    return min(setting.trials, math.prod(key.count or 1 for key in config.space))


def _sampler(config: Config) -> BaseSampler:
    from optuna import samplers

    from lipbuild.sweeping.seeded_sampler import SeededSampler

    spec = config.needed("sweep").sampler

    def make(seed: int) -> BaseSampler:
        if spec.kind == "Grid":
            # Its points are shuffled once, and each trial takes that of its number.
            return samplers.GridSampler(grid(config.space), seed=spec.seed)
        sampler: BaseSampler = getattr(samplers, f"{spec.kind}Sampler")(seed=seed, **spec.arguments())
        return sampler

    return SeededSampler(make, spec.seed)


def _pruner(config: Config) -> BasePruner:
    from optuna import pruners

    spec = config.needed("sweep").pruner
    if spec is None or config.train is None:
        return pruners.NopPruner()
    pruner: BasePruner = getattr(pruners, f"{spec.kind}Pruner")(**spec.arguments(config.train.epochs))
    return pruner
