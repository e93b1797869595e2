"""The inputs are standardised inside the network.

## What it does
Reports Keras's `Normalization`.

## Why is this bad?
It divides each feature by the deviation of the data, which is not known before the data has been seen: the constant
is multiplied by 1/min(std), 10 and more for a feature that hardly varies, and every radius in the units of the data
is divided by it. A `Rescaling` has a constant that the config states.

## Example
```yaml
- Normalization
- SpectralDense: {units: 8}
```

## Use instead
```yaml
- Rescaling: {scale: 0.5}
- SpectralDense: {units: 8}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_LAYERS = {
    "Normalization": Instead(
        "multiplies by 1/√var of the data, which is not known here",
        "scale by constants with `Rescaling`, whose factor counts",
    ),
}


RULE = Rule(
    "LIP219",
    "standardized-inputs",
    Severity.ERROR,
    __doc__,
    refuse("standardized-inputs", _LAYERS),
    frozenset(_LAYERS),
)
