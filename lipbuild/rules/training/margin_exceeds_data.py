"""The loss asks for a margin that no network can have.

## What it does
Warns of a margin (`min_margin`, `offset`, that of a `target_radius`, or the default) above L·√n, the constant of the
network times the diameter of data in [0, 1]ⁿ.

## Why is this bad?
A network with one output changes by at most L·√n between any two samples. For several classes, a difference of two
logits changes by at most √2·L·√n, and at two samples of different classes it has opposite signs, so both cannot have
a margin above L·√n/√2. In both cases the margin of all samples cannot exceed L·√n: a hinge then never ends and only
adds a constant slope to the loss, and a cross-entropy never treats a sample as solved.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: {MulticlassHKR: {min_margin: 36}}, epochs: 10}
```

## Use instead
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: {MulticlassHKR: {min_margin: 0.5}}, epochs: 10}
```
"""

from __future__ import annotations

from lipbuild.config.choices import greatest
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.rules.training.diameter import diameter
from lipbuild.rules.training.promised import promised
from lipbuild.text.problem import Problem


def check(context: Context) -> list[Problem]:
    """The loss's margin against what the network can reach on the data."""
    train, constant, width = context.config.train, promised(context), diameter(context.config)
    if train is None or constant is None or width is None or not train.loss.takes_constant:
        return []
    # A config that names none of these losses does without their file.
    from lipbuild.config.radius_losses import RadiusLossSpec

    if not isinstance(train.loss, RadiusLossSpec):
        return []
    loss, most = train.loss, constant * width
    margin = loss.margin_for(constant)
    radius = None if loss.target_radius is None else greatest(loss.target_radius)
    # A radius that is too great in itself is another rule's.
    if margin <= most or (radius is not None and radius > width / 2):
        return []
    note: tuple[str, ...] = ()
    if radius is not None:
        by = "the network's constant" if loss.lip_const is None else f"`lip_const: {loss.lip_const:g}`"
        note = (f"by {by} the radius {radius:g} stands for the margin {margin:.4g}",)
        key, advice = "target_radius", "use a smaller radius"
        if loss.lip_const is not None and loss.lip_const > constant:
            key, advice = "lip_const", "leave `lip_const` out: it is the network's own then"
    elif getattr(loss, loss.margin) is None:
        key, advice = "", f"give a smaller one as `{loss.margin}` or, better, a `target_radius`"
        note = (f"`{loss.margin}` is {margin:.4g} by default",)
    else:
        key, advice = loss.margin, "use a margin of the size of the radii that you certify"
    return [
        Problem(
            RULE.name,
            f"no two samples can be {margin:.4g} apart after this network: at most {most:.4g}",
            context.config.place(f"train.loss.{loss.kind}.{key}" if key else "train.loss"),
            notes=note,
            help=advice,
        )
    ]


RULE = Rule("LIP409", "margin-exceeds-data", Severity.WARNING, __doc__, check)
