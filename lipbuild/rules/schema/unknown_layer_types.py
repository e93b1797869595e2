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

from dataclasses import replace
from typing import TYPE_CHECKING

from lipbuild.config.blocks import BLOCKS
from lipbuild.config.names import unknown_name
from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.specs import LAYERS
from lipbuild.network.specs.refused import REFUSED, Substitute
from lipbuild.rules import fixes
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span

if TYPE_CHECKING:
    from lipbuild.rules.other_libraries import Meant

# The arguments that most layers with weights and windows have.
ARGUMENTS = (
    *("units", "filters", "kernel_size", "strides", "padding", "pool_size", "activation", "use_bias", "name"),
    *("inputs", "k_coef_lip", "kernel_initializer"),
)


def check(context: Context) -> list[Problem]:
    """Every layer that is neither known nor refused by a rule of its own."""
    # A name may be that of a refused layer with a letter wrong: the rule that refuses it says what to use instead.
    names = [*LAYERS, *BLOCKS, *sorted(context.refused - {*LAYERS, *BLOCKS})]
    uses = [
        use for use in layers_of(context.config.stack) if not use.known and use.kind not in context.refused
    ]
    if not uses or context.keeps_weights:
        return [_unknown(use, names) for use in uses]
    from lipbuild.rules.other_libraries import meant_by
    from lipbuild.rules.substitutes import substitutes

    meant = [(use, meant_by(use)) for use in uses]
    several = any(one is not None and len(one.instead) > 1 for _, one in meant)
    choice = substitutes(context.config) if several else {}
    return [_unknown(use, names, one, choice.get(use.origin, 0)) for use, one in meant]


def _unknown(use: LayerUse, names: list[str], meant: Meant | None = None, number: int = 0) -> Problem:
    if not isinstance(use.origin, Span):
        return Problem(RULE.name, f"unknown layer `{use.kind}`", use.origin)
    found = unknown_name("layer", use.kind, use.origin, names, RULE.name, classes=LAYERS)
    if meant is not None and meant.kind in REFUSED:
        refused = REFUSED[meant.kind]
        advice = refused.help or (f"use {meant.instead[number].help}" if meant.instead else "")
        why = refused.why or "has a Lipschitz constant above 1"
        help = f"in Keras it is `{meant.kind}`, which {why}: {advice}"
        if refused.remedy == "remove":
            return replace(found, help=help, fix=fixes.remove(use, Applicability.UNSAFE))
        fix = _in_its_place(use, meant, meant.instead[number]) if meant.instead else None
        return replace(found, help=help, fix=fix)
    if meant is not None and meant.kind in LAYERS:
        fix = _in_its_place(use, meant, meant.instead[0]) or found.fix
        if f"`{meant.kind}" in (found.help or ""):
            return replace(found, fix=fix)
        return replace(found, help=f"write `{_written(meant, meant.instead[0])}`", fix=fix)
    if found.fix is None and use.kind in ARGUMENTS:
        advice = "it is an argument: indent it below its layer, without a `-`"
        return replace(found, help=advice)
    return found


def _in_its_place(use: LayerUse, meant: Meant, substitute: Substitute) -> Fix | None:
    """A layer in the place of another library's; None where an argument has no counterpart."""
    if meant.arguments is None or not isinstance(use.whole, Span):
        return None
    text = _written(meant, substitute)
    said = f"replace `{use.kind}` by `{substitute.kind}`"
    return fixes.replace(
        use.whole, f"{{{text}}}" if use.whole.text.startswith("{") else text, said, Applicability.UNSAFE
    )


def _written(meant: Meant, substitute: Substitute) -> str:
    only, arguments = substitute.only, meant.arguments or {}
    given = {key: value for key, value in arguments.items() if not only or key in only}
    given |= {key: str(value) for key, value in substitute.defaults if key not in given}
    written = ", ".join(f"{key}: {value}" for key, value in given.items())
    return f"{substitute.kind}: {{{written}}}" if written else substitute.kind


RULE = Rule("LIP105", "unknown-layer-types", Severity.ERROR, __doc__, check)
