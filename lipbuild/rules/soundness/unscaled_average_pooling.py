"""An average pooling without its scale is used.

## What it does
Reports the average poolings of Keras: `AveragePooling1D/2D/3D` and their global and adaptive forms.

## Why is this bad?
The average over disjoint windows of ph·pw values has the Lipschitz constant 1/√(ph·pw), and the global one
1/√(h·w). It is sound and wasteful: every gradient shrinks by that factor (by a half for windows of 2×2), and so does
every certified radius that the network could have.

## Example
```yaml
- AveragePooling2D: {pool_size: 2}
```

## Use instead
```yaml
- InvertibleDownSampling: {pool_size: 2}
```

It makes channels of the pixels of a window and keeps everything. `ScaledAveragePooling2D: {pool_size: 2}` is as
valid: its constant is exactly 1 too, and most of the image is averaged away. The network of `configs/digits_cnn.yaml`
with each of them (τ = 10, five seeds by `tests/benchmarks/convolutions.py`):

| pooling | convolution | accuracy | mean certified radius |
|---|---|---|---|
| `ScaledAveragePooling2D` | `OrthoConv2D` | 98.7 % | .326 |
| `InvertibleDownSampling` | `OrthoConv2D` | 98.5 % | .441 |
| `ScaledAveragePooling2D` | `SpectralConv2D` | 98.3 % | .285 |
| `InvertibleDownSampling` | `SpectralConv2D` | 98.3 % | .404 |

Its output has ph·pw times as many channels, so the layer that follows has as many times the weights. So the fix takes
the average where a window has more than four pixels, where windows do not divide the image or its size is not known,
where a merge needs the channels as they are, and for an imported model that keeps its weights.

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
