"""The best epoch is chosen by a loss that changes with the epoch.

## What it does
Remarks on `early_stopping`, `restore_best_weights` or a `monitor` by the loss, if a parameter of the loss has a
schedule.

## Why is this bad?
`val_loss` is measured with the current values of the parameters. If a radius or a weight rises, the loss of the same
network rises too: the first epochs look best, and a training stops while it still learns. A clean or certified
accuracy means the same in every epoch.

## Example
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train:
  loss: {TRADES: {target_radius: {Ramp: {start: 0.05, end: 0.5}}}}
  epochs: 30
  restore_best_weights: true
```

## Use instead
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train:
  loss: {TRADES: {target_radius: {Ramp: {start: 0.05, end: 0.5}}}}
  epochs: 30
  monitor: val_certified_0.25
  restore_best_weights: true
```
"""

from __future__ import annotations

from lipbuild.config.columns import certified_column
from lipbuild.diagnostics.severity import Severity
from lipbuild.margin import median
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import replace
from lipbuild.rules.rule import Rule
from lipbuild.rules.training.measured_on_test import choices_by_epochs
from lipbuild.text.fix import Applicability
from lipbuild.text.problem import Problem, Related


def check(context: Context) -> list[Problem]:
    """What chooses by the loss, where that changes."""
    config = context.config
    train = config.train
    if train is None or train.monitor.removeprefix("val_") != "loss":
        return []
    changing = next(iter(train.loss.scheduled()), None)
    is_given = "train.monitor" in config.keys
    chosen = ["monitor"] if is_given else choices_by_epochs(config)
    if changing is None or not chosen:
        return []
    better = "val_mean_absolute_error"
    if train.loss.task != "regression":
        radius = median(config.certify.radii)
        better = "val_accuracy" if radius is None else f"val_{certified_column(radius)}"
    place = config.place(f"train.{chosen[0]}")
    fix = None
    if is_given and place.text == train.monitor:
        fix = replace(place, better, applicability=Applicability.UNSAFE)
    return [
        Problem(
            RULE.name,
            f"`{chosen[0]}` goes by the loss, which is another one at each epoch",
            place,
            related=(Related(config.place(f"train.loss.{train.loss.kind}.{changing}"), "changes"),),
            help=f"choose by what stays the same: `monitor: {better}`",
            fix=fix,
        )
    ]


RULE = Rule("LIP426", "incomparable-epochs", Severity.REMARK, __doc__, check)
