"""A sweep varies one key twice.

## What it does
Reports a key of a sweep's space that is part of another one, or that another one replaces.

## Why is this bad?
The keys are put into the config one after the other, so only the last of two values counts. The trial is then not
trained with the values that it states, and the search learns from wrong answers.

## Example
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
sweep:
  space:
    train.loss.tau: {low: 1.0, high: 100.0, log: true}
    train.loss: [{TauCategoricalCrossentropy: {tau: 3}}, {TauCategoricalCrossentropy: {tau: 30}}]
  objectives: [accuracy]
```

## Use instead
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
sweep:
  space:
    train.loss.tau: {low: 1.0, high: 100.0, log: true}
  objectives: [accuracy]
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.overrides import spelled_out
from lipbuild.text.path import Path
from lipbuild.text.problem import Problem, Related

if TYPE_CHECKING:
    from lipbuild.config.sweep.dimension import Dimension


def check(context: Context) -> Iterator[Problem]:
    """Each key of the space against those before it."""
    seen: list[tuple[Path, Dimension]] = []
    for key in context.config.space:
        steps = spelled_out(context.loaded.root, key.steps)
        for other, earlier in seen:
            common = min(len(steps), len(other))
            is_other_choice = _names_differ(steps, other)
            if steps[:common] != other[:common] and not is_other_choice:
                continue
            what = (
                "chooses another name than"
                if is_other_choice
                else "varies a part of the value that is varied by"
            )
            if steps == other:
                what = "is the same key as"
            yield Problem(
                RULE.name,
                f"`{key.path}` {what} `{earlier.path}`",
                key.span,
                related=(Related(earlier.span, "varied here"),),
                help="vary whole values by a list of choices" if is_other_choice else "leave one of them out",
            )
            break
        seen.append((steps, key))


def _names_differ(one: Path, other: Path) -> bool:
    """Whether two paths part at the names of two choices, of which only one can be made."""
    for a, b in zip(one, other):
        if a != b:
            return (
                all(isinstance(step, str) and step[:1].isupper() for step in (a, b)) and one[0] != "variables"
            )
    return False


RULE = Rule("LIP430", "overlapping-ranges", Severity.ERROR, __doc__, check)
