"""An activation loses the norm of gradients.

## What it does
Remarks on `ReLU` and on elementwise activations other than the identity between layers.

## Why is this bad?
It is sound, but it costs accuracy. In the flat part of ReLU the gradient is lost. If every layer has norm 1 or less,
a network with such activations cannot represent functions whose gradient has norm 1 everywhere, not even |x| (Anil et
al. 2019). GroupSort2 permutes its inputs, so every gradient keeps its norm.

## Example
```yaml
- SpectralDense: {units: 64}
- ReLU
```

## Use instead
```yaml
- SpectralDense: {units: 64}
- GroupSort2
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.config.stack import layers_of
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.activations import CONSTANTS
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import activation_as_layer, replace_layer
from lipbuild.rules.rule import Rule
from lipbuild.text.fix import Fix
from lipbuild.text.origin import Origin
from lipbuild.text.problem import Problem

_LAYERS = frozenset({"LeakyReLU", "ELU"})
_KEEP = frozenset({"linear", "softmax", "sparsemax"})


def check(context: Context) -> Iterator[Problem]:
    """Every allowed activation that flattens somewhere."""
    for use in layers_of(context.config.stack):
        if use.kind == "ReLU":
            if use.spec is not None and use.spec.gain(()) <= 1.0:
                yield _remark("ReLU", use.origin, replace_layer(use, "GroupSort2"))
            continue
        if use.kind in _LAYERS and use.spec is not None:
            yield _remark(use.kind, use.origin, replace_layer(use, "GroupSort2"))
            continue
        name = getattr(use.spec, "activation", None)
        if name is not None and name not in _KEEP and (CONSTANTS[name] or 2.0) <= 1.0:
            alone = use.kind == "Activation"
            fix = replace_layer(use, "GroupSort2") if alone else activation_as_layer(use, "GroupSort2")
            yield _remark(name, use.place("activation"), fix)


def _remark(name: str, origin: Origin, fix: Fix | None = None) -> Problem:
    return Problem(
        RULE.name,
        f"`{name}` loses the gradient's norm in its flat part",
        origin,
        help="`GroupSort2` keeps it, and so reaches a higher certified accuracy",
        fix=fix,
    )


RULE = Rule("LIP301", "norm-losing-activations", Severity.REMARK, __doc__, check)
