"""An up-sampling is used.

## What it does
Reports `UpSampling1D/2D/3D` and `RepeatVector`.

## Why is this bad?
Every value is written several times: the constant of nearest up-sampling by n is n in two dimensions (√n in
one).

## Example
```yaml
model:
  input: [4, 4, 1]
  layers:
    - UpSampling2D: {size: 2}
```

## Use instead
`SpectralDense` and `Reshape`.
```yaml
model:
  input: [4, 4, 1]
  layers:
    - Flatten
    - SpectralDense: {units: 64}
    - Reshape: {target_shape: [8, 8, 1]}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_LAYERS = {
    "UpSampling1D": Instead(
        "writes every value several times, which multiplies the constant",
        "use `SpectralDense` and `Reshape`",
    ),
    "UpSampling2D": Instead(
        "writes every value several times, which multiplies the constant",
        "use `SpectralDense` and `Reshape`",
    ),
    "UpSampling3D": Instead(
        "writes every value several times, which multiplies the constant",
        "use `SpectralDense` and `Reshape`",
    ),
    "RepeatVector": Instead(
        "writes every value several times, which multiplies the constant",
        "use `SpectralDense` and `Reshape`",
    ),
}

RULE = Rule(
    "LIP213",
    "upsampling",
    Severity.ERROR,
    __doc__,
    refuse("upsampling", _LAYERS),
    frozenset(_LAYERS),
)
