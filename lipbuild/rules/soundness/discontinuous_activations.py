"""An activation jumps.

## What it does
Reports `hard_shrink`, `threshold`, and a `ReLU` with a `threshold` other than 0.

## Why is this bad?
Two inputs on either side of the jump can be arbitrarily close while their outputs are not, so there is no Lipschitz
constant.

## Example
```yaml
- SpectralDense: {units: 8}
- ReLU: {threshold: 0.5}
```

## Use instead
```yaml
- SpectralDense: {units: 8}
- GroupSort2
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.config.stack import layers_of
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.activations import DISCONTINUOUS
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem


def check(context: Context) -> Iterator[Problem]:
    """Every activation that jumps."""
    for use in layers_of(context.config.stack):
        if use.kind == "ReLU":
            if getattr(use.spec, "threshold", 0.0) != 0.0:
                message = "a `ReLU` with a threshold jumps there, so it has no Lipschitz constant"
                yield Problem(RULE.name, message, use.place("threshold"), help="remove `threshold`")
            continue
        name = getattr(use.spec, "activation", None)
        if name in DISCONTINUOUS:
            message = f"`{name}` jumps, so it has no Lipschitz constant"
            help = "use `soft_shrink`, which does not jump, or `GroupSort2`"
            yield Problem(RULE.name, message, use.place("activation"), help=help)


RULE = Rule("LIP218", "discontinuous-activations", Severity.ERROR, __doc__, check)
