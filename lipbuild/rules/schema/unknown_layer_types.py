"""A layer is unknown.

## What it does
Reports a layer for which lipbuild has no Lipschitz constant and no other rule, with the nearest layer that it knows.

## Why is this bad?
One layer with an unknown constant makes the constant of the whole network unknown. It is refused, and never counted
as 1.

## Example
```yaml
- SpectralDens: {units: 10}
```

## Use instead
```yaml
- SpectralDense: {units: 10}
```
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lipbuild.config.blocks import BLOCKS
from lipbuild.config.hints import not_here, other_name, synonym
from lipbuild.config.names import unknown_name
from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.specs import LAYERS
from lipbuild.network.specs.refused import REFUSED
from lipbuild.rules import fixes
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span

# The arguments that most layers with weights and windows have.
ARGUMENTS = (
    *("units", "filters", "kernel_size", "strides", "padding", "pool_size", "activation", "use_bias", "name"),
    *("inputs", "k_coef_lip", "kernel_initializer"),
)


def check(context: Context) -> list[Problem]:
    """Every layer that is neither known nor refused by a rule of its own."""
    # A name may be that of a refused layer with a letter wrong: the rule that refuses it says what to use instead.
    names = [*LAYERS, *BLOCKS, *sorted(context.refused - {*LAYERS, *BLOCKS})]
    return [
        _unknown(use, names)
        for use in layers_of(context.config.stack)
        if not use.known and use.kind not in context.refused
    ]


def _unknown(use: LayerUse, names: list[str]) -> Problem:
    if not isinstance(use.origin, Span):
        return Problem(RULE.name, f"unknown layer `{use.kind}`", use.origin)
    found = unknown_name("layer", use.kind, use.origin, names, RULE.name, classes=LAYERS)
    meant = other_name(use.kind, names)
    if meant in REFUSED:
        refused = REFUSED[meant]
        advice = refused.help or (f"use {refused.instead[0].help}" if refused.instead else "")
        help = f"in Keras it is `{meant}`, which {refused.why}: {advice}"
        if refused.remedy == "remove":
            return replace(found, help=help, fix=fixes.remove(use, Applicability.UNSAFE))
        # Which of several fits is known once its arguments are Keras's; the last one keeps the shape of what it makes.
        if not refused.instead or (
            len(refused.instead) > 1 and _has_our_words(use, refused.instead[-1].kind)
        ):
            return replace(found, help=help)
        *_, instead = refused.instead
        return replace(found, help=help, fix=_in_its_place(use, instead.kind, instead.defaults))
    if meant is not None and meant in LAYERS and not _is_bare(use):
        return replace(found, fix=_in_its_place(use, meant))
    if found.fix is None and use.kind in ARGUMENTS:
        advice = "it is an argument: indent it below its layer, without a `-`"
        return replace(found, help=advice)
    return found


def _has_our_words(use: LayerUse, layer: str) -> bool:
    """Whether its arguments have the names that they have here."""
    return set(use.fields) <= set(LAYERS[layer].model_fields) and (bool(use.fields) or _is_bare(use))


def _is_bare(use: LayerUse) -> bool:
    """Whether nothing but its name is written."""
    return not use.fields and isinstance(use.whole, Span) and use.whole.text.strip("{}: ") == use.kind


def _in_its_place(use: LayerUse, layer: str, defaults: Sequence[tuple[str, str | int]] = ()) -> Fix | None:
    """A layer in the place of another library's, its arguments by their names here; None where one has none.

    Args:
        use: The other library's.
        layer: The layer.
        defaults: What arguments are where the other library's layer leaves them out.
    """
    whole = use.whole
    if not isinstance(whole, Span) or set("#&*") & set(whole.text):
        return None
    keys, written = LAYERS[layer].model_fields, []
    if not use.fields and not _is_bare(use):
        number = re.fullmatch(r"\S+:\s+(\d+)", whole.text)
        first = next((key for key in ("units", "filters", "pool_size") if key in keys), None)
        if number is None or first is None:
            return None
        written.append(f"{first}: {number[1]}")
    size, given = use.fields.get("kernel_size"), set()
    for name, place in use.fields.items():
        key = name if name in keys else synonym(name, keys)
        value = place.text if isinstance(place, Span) else ""
        if key is None and not_here(name):
            continue
        if key == "padding" and value.isdecimal():
            # PyTorch counts the rows that are added on each side.
            around = size.text if isinstance(size, Span) else ""
            value = "valid" if value == "0" else "same" if around == str(2 * int(value) + 1) else ""
        if key is None or not value:
            return None
        written.append(f"{key}: {value}")
        given.add(key)
    written += [f"{key}: {value}" for key, value in defaults if key not in given]
    text = f"{layer}: {{{', '.join(written)}}}" if written else layer
    said = f"replace `{use.kind}` by `{layer}`"
    return fixes.replace(
        whole, f"{{{text}}}" if whole.text.startswith("{") else text, said, Applicability.UNSAFE
    )


RULE = Rule("LIP105", "unknown-layer-types", Severity.ERROR, __doc__, check)
