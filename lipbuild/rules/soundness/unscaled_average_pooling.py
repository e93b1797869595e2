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

## References
- Serrurier et al.: Achieving robustness in classification using optimal transport with hinge regularization, 2021
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.fixes import rename
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_IMAGE = Instead(
    "shrinks every gradient by √(ph·pw)",
    "use `ScaledAveragePooling2D`, whose constant is exactly 1",
    lambda use: rename(use, "ScaledAveragePooling2D"),
    "the average of n disjoint values has the constant 1/√n",
)
_GLOBAL = Instead(
    "shrinks every gradient by √(h·w)",
    "use `ScaledGlobalAveragePooling2D`, whose constant is exactly 1",
    lambda use: rename(use, "ScaledGlobalAveragePooling2D"),
    "the average of n values has the constant 1/√n",
)
_OTHER = Instead(
    "shrinks every gradient by the root of its window",
    "use `Reshape` to an image and `ScaledAveragePooling2D`",
    note="the average of n values has the constant 1/√n",
)
_LAYERS = {
    **dict.fromkeys(("AveragePooling2D", "AvgPool2D"), _IMAGE),
    **dict.fromkeys(("GlobalAveragePooling2D", "GlobalAvgPool2D"), _GLOBAL),
    **dict.fromkeys(
        (
            "AveragePooling1D",
            "AvgPool1D",
            "AveragePooling3D",
            "AvgPool3D",
            "GlobalAveragePooling1D",
            "GlobalAvgPool1D",
            "GlobalAveragePooling3D",
            "GlobalAvgPool3D",
            "AdaptiveAveragePooling1D",
            "AdaptiveAveragePooling2D",
            "AdaptiveAveragePooling3D",
        ),
        _OTHER,
    ),
}

RULE = Rule(
    "LIP206",
    "unscaled-average-pooling",
    Severity.ERROR,
    __doc__,
    refuse("unscaled-average-pooling", _LAYERS),
    frozenset(_LAYERS),
)
