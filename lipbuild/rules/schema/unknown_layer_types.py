"""A layer is unknown.

## What it does
Reports a layer that lipbuild has no Lipschitz constant for and no rule about, with the nearest that it knows.

## Why is this bad?
A layer whose constant is not known makes the constant of the whole network unknown. It is refused, never
counted as 1.

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

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.source.problem import Problem
from lipbuild.spec.blocks import BLOCKS
from lipbuild.spec.layers import LAYERS
from lipbuild.spec.names import unknown_name
from lipbuild.spec.stack import layers_of


def check(context: Context) -> list[Problem]:
    """Every layer that is neither known nor refused by a rule of its own."""
    from lipbuild.rules.registry import REFUSED_LAYERS

    # A name may be that of a refused layer with a letter wrong: the rule that refuses it says what to use instead.
    names = [*LAYERS, *BLOCKS, *sorted(REFUSED_LAYERS - {*LAYERS, *BLOCKS})]
    return [
        unknown_name("layer", use.kind, use.span, names, RULE.name)
        for use in layers_of(context.config.stack)
        if not use.known and use.kind not in REFUSED_LAYERS
    ]


RULE = Rule("LIP105", "unknown-layer-types", Severity.ERROR, __doc__, check)
