"""The sampler or the pruner of a sweep does not fit it.

## What it does
Reports a pruner if there are several objectives, or if no metric of an epoch shows the objective; and the sampler
`Grid` if a range has no steps.

## Why is this bad?
A pruner compares trials after each epoch by one number. By several numbers neither of two trials may be better, and
certified accuracy is only measured after each epoch at the radii of `certify`. A grid must be finite.

## Example
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
sweep:
  space: {train.loss.tau: {low: 1.0, high: 100.0, log: true}}
  objectives: [accuracy, certified_accuracy: {radius: 0.25}]
  pruner: Median
```

## Use instead
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
sweep:
  space: {train.loss.tau: {low: 1.0, high: 100.0, log: true}}
  objectives: [certified_accuracy: {radius: 0.25}]
  pruner: Median
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lipbuild.config.choices import ObjectiveSpec
from lipbuild.config.config import Config
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem, Related


def check(context: Context) -> Iterator[Problem]:
    """The sampler against the space, the pruner against the objectives."""
    config = context.config
    if config.sweep is None:
        return
    if config.sweep.sampler.kind == "Grid":
        for key in config.space:
            if key.count is None:
                yield Problem(
                    RULE.name,
                    f"`Grid` tries every value, and the range of `{key.path}` has no end of them",
                    key.whole,
                    related=(Related(config.place("sweep.sampler"), "tries every value"),),
                    help="give it a `step`, or choices: `[1e-3, 1e-2]`",
                )
    if config.sweep.pruner is not None:
        yield from _pruner(config, config.sweep.objectives)


def _pruner(config: Config, objectives: Sequence[ObjectiveSpec]) -> Iterator[Problem]:
    place = config.place("sweep.pruner")
    asked = (Related(config.place("sweep.objectives[0]"), "looked for"),)
    if len(objectives) > 1:
        message = f"a pruner goes by one objective, and there are {len(objectives)}"
        yield Problem(RULE.name, message, place, related=asked, help="leave it out")
        return
    [objective] = objectives
    if objective.column is None:
        message = f"no metric of an epoch shows `{objective.label}`, so a pruner has nothing to go by"
        yield Problem(RULE.name, message, place, related=asked, help="leave it out")
    elif any(radius not in config.certify.radii for radius in objective.radii):
        [radius] = objective.radii
        message = f"certified accuracy is not measured at {radius:g} after each epoch, so a pruner has nothing to go by"
        given = "certify.radii" in config.keys
        radii = (Related(config.place("certify.radii"), "the radii that are measured"),) if given else ()
        advice = f"add {radius:g} to `certify.radii`, or leave the pruner out"
        yield Problem(RULE.name, message, place, related=(*asked, *radii), help=advice)


RULE = Rule("LIP433", "unfit-searches", Severity.ERROR, __doc__, check)
