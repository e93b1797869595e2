"""A radius is larger than the data allows.

## What it does
Warns of a radius in `certify.radii`, or of a loss's `target_radius`, above half the diameter √n of [0, 1]ⁿ, for
data sets in this range.

## Why is this bad?
Two inputs of different classes are at most √n apart, so their certified balls overlap beyond √n/2: at a larger
radius at most one class can be certified. Most likely the radius is in other units: 36 in pixel values of 0 to 255 is
36/255 = 0.141 here.

## Example
```yaml
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits}
certify: {radii: [36]}
```

## Use instead
```yaml
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits}
certify: {radii: [0.141]}
```
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from lipbuild.config.choices import greatest
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import replace
from lipbuild.rules.rule import Rule
from lipbuild.rules.training.diameter import diameter
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span


def check(context: Context) -> Iterator[Problem]:
    """Each radius that is certified, and the one that the loss is to reach, against the data's diameter."""
    config = context.config
    width = diameter(config)
    if width is None:
        return
    asked = [(radius, _place(context, radius)) for radius in config.certify.radii]
    target = getattr(config.train.loss, "target_radius", None) if config.train is not None else None
    path = f"train.loss.{config.train.loss.kind}.target_radius" if config.train is not None else ""
    if target is not None and path in config.places:
        asked.append((greatest(target), config.places[path]))
    for radius, place in asked:
        if radius > width / 2:
            limit = math.floor(width * 50) / 100
            yield Problem(
                RULE.name,
                f"the radius {radius:g} is above {limit:g}, half the diameter of the data",
                place,
                help="radii are in the units of the data, which is scaled to [0, 1] here",
                fix=_of_pixels(place, radius, width),
            )


def _of_pixels(place: Span, radius: float, width: float) -> Fix | None:
    """A radius in pixel values of 0 to 255, in those of 0 to 1, for a person to decide."""
    scaled = f"{radius / 255:.4g}"
    if radius / 255 > width / 2 or place.text not in (f"{radius:g}", str(radius)):
        return None
    return replace(place, scaled, f"write `{scaled}`: {radius:g}/255", Applicability.DISPLAY)


def _place(context: Context, radius: float) -> Span:
    span = context.config.place("certify.radii")
    found = span.word(f"{radius:g}")
    return found if found != span else span.word(str(radius))


RULE = Rule("LIP408", "radius-unit-mismatch", Severity.WARNING, __doc__, check)
