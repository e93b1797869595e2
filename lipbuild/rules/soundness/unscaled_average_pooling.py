"""An average pooling without its scale is used.

## What it does
Reports the average poolings of Keras: `AveragePooling1D/2D/3D`, their global and their adaptive kin.

## Why is this bad?
The average over disjoint windows of ph·pw values has the Lipschitz constant 1/√(ph·pw), and the global one
1/√(h·w). It is sound and wasteful: every gradient shrinks by that factor (by a half for windows of 2×2), and every
certified radius that the network could have with it.

## Example
```yaml
- AveragePooling2D: {pool_size: 2}
```

## Use instead
```yaml
- ScaledAveragePooling2D: {pool_size: 2}
```

Its constant is exactly 1, and most of the image is averaged away. `InvertibleDownSampling: {pool_size: 2}` makes channels
of the pixels of a window and keeps everything: in `configs/digits_cnn.yaml` at τ = 10 the mean certified radius is .404
with it and .285 with the average, at the same accuracy of 98.3 % (five seeds by `tests/benchmarks/convolutions.py`). It
has ph·pw times as many channels, so the kernel that follows has other weights.

## References
- Serrurier et al.: Achieving robustness in classification using optimal transport with hinge regularization, 2021
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule(
    "LIP206",
    "unscaled-average-pooling",
    Severity.ERROR,
    __doc__,
    layers=refused_by("unscaled-average-pooling"),
)
