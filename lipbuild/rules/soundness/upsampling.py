"""Up-sampling is used.

## What it does
Reports `UpSampling1D/2D/3D` and `RepeatVector`.

## Why is this bad?
Repeating a value n times multiplies distances by √n: nearest up-sampling by s has the constant s in two dimensions
and √s in one.

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
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule("LIP213", "upsampling", Severity.ERROR, __doc__, layers=refused_by("upsampling"))
