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

from lipbuild.config.blocks import BLOCKS
from lipbuild.config.names import unknown_name
from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.specs import LAYERS
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
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
    if found.fix is None and use.kind in ARGUMENTS:
        advice = "it is an argument: indent it below its layer, without a `-`"
        return replace(found, help=advice)
    return found


RULE = Rule("LIP105", "unknown-layer-types", Severity.ERROR, __doc__, check)
