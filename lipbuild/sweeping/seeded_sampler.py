from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState


class SeededSampler(BaseSampler):
    """A sampler whose draws depend on the seed, the trial's number and the trials before it, and on nothing else.

    So a sweep that was interrupted goes on as if it had not been, and no two workers draw the same numbers.

    Args:
        make: Makes the sampler that draws, with a seed.
        seed: The seed of the sweep.
    """

    def __init__(self, make: Callable[[int], BaseSampler], seed: int) -> None:
        self._make = make
        self._seed = seed
        self._number = -1

    def _of(self, trial: FrozenTrial) -> BaseSampler:
        if trial.number != self._number:
            state = np.random.SeedSequence([self._seed, trial.number]).generate_state(1)
            self._sampler = self._make(int(state[0]))
            self._number = trial.number
        return self._sampler

    def reseed_rng(self) -> None:
        """Nothing: each trial has a seed of its own."""

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The keys that are drawn together."""
        return self._of(trial).infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Draw them."""
        return self._of(trial).sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Draw one key."""
        return self._of(trial).sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """A trial begins."""
        self._of(trial).before_trial(study, trial)

    def after_trial(
        self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """A trial has ended."""
        self._of(trial).after_trial(study, trial, state, values)
