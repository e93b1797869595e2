"""The loss aims at radii far beyond those that are certified.

## What it does
Remarks on a margin (`min_margin`, `offset`, that of a `target_radius`, or the default) of more than three times the
margin that certifies the largest of `certify.radii`, and on a temperature (1/τ for the losses with a `tau`) of more
than three times that margin.

## Why is this bad?
Numbers in papers are in the units of their networks. The margin √2·L·ε certifies ε for a network of constant L. A
multiple of it gives up clean accuracy for radii that nobody looks at. With two classes and a temperature T, a sample
of margin m has the weight 1/(1 + e^(m/T)) in the gradient: at T = 3·m a certified sample still has 83 % of the weight
of a sample on the boundary, so the loss hardly distinguishes them. `target_radius` brings both into the units of the
radii.

## Example
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {LogitAnnealing: {offset: 2.0, temperature: 0.15}}, epochs: 10}
certify: {radii: [0.1, 0.141]}
```

## Use instead
```yaml
seed: 0
data: {source: digits, validation: 0.1}
train: {loss: {LogitAnnealing: {target_radius: 0.141}}, epochs: 10}
certify: {radii: [0.1, 0.141]}
```
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from lipbuild.config.choices import LossSpec, ScheduleSpec, greatest
from lipbuild.config.config import Config
from lipbuild.diagnostics.severity import Severity
from lipbuild.margin import OF_CLASSES, OF_PAIRS, median
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import replace
from lipbuild.rules.rule import Rule
from lipbuild.rules.training.diameter import diameter
from lipbuild.rules.training.promised import promised
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.problem import Problem, Related

# Not a variable, which may stand in other places too, and not a schedule.
_NUMBER = r"[0-9.eE+-]+"
# What is three times as great by the rules of floating point is not more.
_TIMES = 3.0 * (1.0 + 1e-6)


def check(context: Context) -> Iterator[Problem]:
    """The loss's margin and its temperature against the radii."""
    config, constant = context.config, promised(context)
    radius = median(config.certify.radii)
    if config.train is None or constant is None or radius is None:
        return
    loss = config.train.loss
    if context.graph is not None:
        constant = loss.constant_of(context.graph)
    yield from _margin(config, loss, constant, radius)
    yield from _temperature(config, loss, constant, radius)


def _margin(config: Config, loss: LossSpec, constant: float, radius: float) -> Iterator[Problem]:
    if not loss.takes_constant:
        return
    # A config that names none of these losses does without their file.
    from lipbuild.config.radius_losses import RadiusLossSpec

    most, width = max(config.certify.radii), diameter(config)
    if isinstance(loss, RadiusLossSpec):
        margin, key = loss.margin_for(constant), loss.margin
        asked = margin / loss.asked.of(None, 1.0, constant)
        given = getattr(loss, key)
    else:
        from lipbuild.config.pairwise_losses import PairwiseLossSpec

        if not isinstance(loss, PairwiseLossSpec):
            return
        asked = greatest(loss.target_radius) * (loss.lip_const or constant) / constant
        margin, key, given = OF_CLASSES.of(None, asked, constant), "target_radius", None
    # What no data can reach is another rule's.
    if asked <= _TIMES * most or (width is not None and (margin > constant * width or asked > width / 2)):
        return
    path = f"train.loss.{loss.kind}"
    advice, fix = f"ask for one of them: `target_radius: {radius:g}`", None
    if getattr(loss, "target_radius", None) is not None:
        key, what = "target_radius", f"`target_radius` is {asked / most:.2g} times the largest radius"
    else:
        what = (
            f"the margin {margin:.4g} stands for the radius {asked:.3g}, {asked / most:.2g} times the largest"
        )
        fix = _as_radius(config, loss, key, given, radius)
    place = config.place(f"{path}.{key}") if f"{path}.{key}" in config.places else config.place("train.loss")
    yield Problem(RULE.name, f"{what} that is certified", place, related=_radii(config), help=advice, fix=fix)


def _as_radius(config: Config, loss: LossSpec, key: str, given: object, radius: float) -> Fix | None:
    """The margin as a radius; None where the layout is not plain."""
    path = f"train.loss.{loss.kind}"
    written, message = f"target_radius: {radius:g}", f"write `target_radius: {radius:g}`"
    if given is None:
        place = config.place("train.loss")
        if place.text != loss.kind or path in config.keys:
            return None
        return replace(place, f"{{{loss.kind}: {{{written}}}}}", message, Applicability.UNSAFE)
    name, value = config.keys.get(f"{path}.{key}"), config.places.get(f"{path}.{key}")
    if name is None or value is None or name.text != key or not re.fullmatch(_NUMBER, value.text):
        return None
    edits = (Edit(name, "target_radius"), Edit(value, f"{radius:g}"))
    return Fix(message, edits, Applicability.UNSAFE)


def _temperature(config: Config, loss: LossSpec, constant: float, radius: float) -> Iterator[Problem]:
    """What divides the logits, at its least where it changes. One that is left out goes with the margin."""
    key = "tau" if hasattr(loss, "tau") else "temperature"
    value = getattr(loss, key, None)
    if value is None or not loss.temperature_divides:
        return
    extremes = [found for _, found in value.extremes()] if isinstance(value, ScheduleSpec) else [value]
    least = 1.0 / max(extremes) if key == "tau" else min(extremes)
    if loss.task == "binary":
        # Its one logit is L·ε where the radius ε is certified.
        constant /= math.sqrt(2.0)
    margin = OF_CLASSES.of(None, max(config.certify.radii), constant)
    if least <= _TIMES * margin:
        return
    fitting = OF_PAIRS.temperature_of(None, radius, constant)
    better = f"{1.0 / fitting if key == 'tau' else fitting:.3g}"
    place = config.place(f"train.loss.{loss.kind}.{key}")
    said = f"1/τ, {least:.3g}," if key == "tau" else f"the temperature {least:.3g}"
    fix = None
    if re.fullmatch(_NUMBER, place.text):
        fix = replace(place, better, applicability=Applicability.UNSAFE)
    yield Problem(
        RULE.name,
        f"{said} is {least / margin:.2g} times the margin that certifies the largest radius",
        place,
        related=_radii(config),
        help=f"for the radius {radius:g} it would be `{key}: {better}`"
        + ("" if key == "tau" else ", and follows a `target_radius` by default"),
        fix=fix,
    )


def _radii(config: Config) -> tuple[Related, ...]:
    """Where the radii are, if the config has some."""
    given = "certify.radii" in config.places
    return (Related(config.places["certify.radii"], "what is certified"),) if given else ()


RULE = Rule("LIP425", "loss-beyond-radii", Severity.REMARK, __doc__, check)
