"""An activation has a Lipschitz constant above 1, or none.

## What it does
Reports activations by name (`Activation`, and `activation:` of another layer), the layers `GELU`, `SELU`,
`SiLU`, `Swish`, `Mish` and `PReLU`, and `ReLU`s with a slope beyond ±1.

## Why is this bad?
The constants: SELU 1.7581, hard_silu 1.5, GELU 1.1290, SiLU 1.0998, Mish 1.0885; log_softmax up to √n; exponential
and GLU have none, and training can make the slopes of PReLU arbitrarily large. Constants of layers multiply: ten
layers of GELU have 3.4.

## Example
```yaml
- SpectralDense: {units: 64, activation: gelu}
```

## Use instead
```yaml
- SpectralDense: {units: 64}
- GroupSort2
```
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.activations import CONSTANTS, DISCONTINUOUS
from lipbuild.network.specs.refused import REFUSED
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import activation_as_layer, rename, replace_layer
from lipbuild.rules.refused import refusal, refused_by
from lipbuild.rules.rule import Rule
from lipbuild.text.fix import Applicability
from lipbuild.text.problem import Problem

_NAME = "expansive-activations"
_HELP = "use `GroupSort2`, which keeps the norm of every gradient"


def check(context: Context) -> Iterator[Problem]:
    """Every activation that is not known to have a constant of at most 1."""
    for use in layers_of(context.config.stack):
        refused = REFUSED.get(use.kind) if not use.known else None
        if refused is not None and refused.rule == _NAME:
            if refused.function:
                yield _problem(use, use.kind, CONSTANTS[refused.function], None)
            else:
                # Its slopes are learned; there is a layer that holds them in [−1, 1].
                fix = rename(use, refused.instead[0], Applicability.UNSAFE)
                yield dataclasses.replace(refusal(use, refused), fix=fix)
        elif use.kind == "ReLU":
            yield from _relu(use)
        else:
            name = getattr(use.spec, "activation", None)
            if name is not None and name not in DISCONTINUOUS and not _at_most_one(CONSTANTS[name]):
                yield _problem(use, name, CONSTANTS[name], "activation")


def _at_most_one(constant: float | None) -> bool:
    return constant is not None and constant <= 1.0


def _problem(use: LayerUse, name: str, constant: float | None, field: str | None) -> Problem:
    if constant is None:
        message = f"`{name}` has no Lipschitz constant that could be used"
    else:
        message = f"`{name}` has the Lipschitz constant {constant:.4g}, and a layer may have 1"
    inside = field is not None and use.kind != "Activation"
    fix = activation_as_layer(use, "GroupSort2") if inside else replace_layer(use, "GroupSort2")
    return Problem(RULE.name, message, use.place(field), help=_HELP, fix=fix)


def _relu(use: LayerUse) -> Iterator[Problem]:
    gain = use.spec.gain(()) if use.spec is not None else 1.0
    if 1.0 < gain < math.inf:
        slope = getattr(use.spec, "negative_slope", gain)
        message = f"a `ReLU` with the slope {slope:g} has the Lipschitz constant {gain:g}"
        yield Problem(
            RULE.name,
            message,
            use.place("negative_slope"),
            help="use a slope between -1 and 1, or `GroupSort2`",
        )


RULE = Rule("LIP208", _NAME, Severity.ERROR, __doc__, check, refused_by(_NAME))
