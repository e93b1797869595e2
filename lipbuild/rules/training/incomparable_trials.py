"""A sweep varies how its trials are measured.

## What it does
Reports a key of a sweep's space that changes the measured data, the radii, or something that is not part of the
training: `data.source` and how it is split, `certify`, `export`, `name`, `extends` and `sweep` itself.

## Why is this bad?
Trials that are measured on different samples cannot be compared: the search would find the easiest samples instead of
the best network.

## Example
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
sweep:
  space: {data.validation: [0.1, 0.2]}
  objectives: [accuracy]
```

## Use instead
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
sweep:
  space: {train.batch_size: [32, 64]}
  objectives: [accuracy]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem

_WHOLE = ("certify", "export", "name", "extends", "sweep")
_OF_DATA = ("source", "test", "validation", "seed", "stratify")


def check(context: Context) -> Iterator[Problem]:
    """Each key of the space."""
    for key in context.config.space:
        first, second = (*key.steps, None)[:2]
        whole_data = first == "data" and second is None
        if first in _WHOLE or whole_data or (first == "data" and second in _OF_DATA):
            measured = first in ("data", "certify")
            yield Problem(
                RULE.name,
                f"`{key.path}` changes what trials are measured by"
                if measured
                else f"`{key.path}` is not part of the training",
                key.span,
                help="leave it out of the space",
            )


RULE = Rule("LIP431", "incomparable-trials", Severity.ERROR, __doc__, check)
