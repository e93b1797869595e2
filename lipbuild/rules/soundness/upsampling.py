"""An up-sampling is used.

## What it does
Reports `UpSampling1D/2D/3D` and `RepeatVector`.

## Why is this bad?
A value that is written n times counts √n-fold: the constant of nearest up-sampling by s is s in two dimensions and √s
in one.

## Example
```yaml
model:
  input: [4, 4, 4]
  layers:
    - UpSampling2D: {size: 2}
```

## Use instead
`SpectralConv2DTranspose`, or `InvertibleUpSampling`, which spreads channels over pixels.
```yaml
model:
  input: [4, 4, 4]
  layers:
    - SpectralConv2DTranspose: {filters: 2, kernel_size: 3, strides: 2}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_LAYERS = {
    **dict.fromkeys(
        ("UpSampling1D", "UpSampling3D", "RepeatVector"),
        Instead(
            "writes every value several times, which multiplies the constant",
            "use `SpectralDense` and `Reshape`",
            note="a value that is written n times has the constant √n",
        ),
    ),
    "UpSampling2D": Instead(
        "writes every value several times, which multiplies the constant",
        "use `SpectralConv2DTranspose` or `InvertibleUpSampling`",
        note="a value that is written n times has the constant √n: 2 for a size of 2",
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
