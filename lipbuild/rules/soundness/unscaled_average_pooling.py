"""An average pooling without its scale is used.

## What it does
Reports `AveragePooling2D` and `GlobalAveragePooling2D`.

## Why is this bad?
The average over disjoint windows of ph·pw values has the Lipschitz constant 1/√(ph·pw), and the global one
1/√(h·w). It is sound and wasteful: every gradient shrinks by that factor, and every certified radius that the
network could have with it.

## Example
```yaml
- AveragePooling2D: {pool_size: 2}
```

## Use instead
```yaml
- ScaledAveragePooling2D: {pool_size: 2}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.fixes import rename
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_LAYERS = {
    "AveragePooling2D": Instead(
        "shrinks every gradient by √(ph·pw)",
        "use `ScaledAveragePooling2D`, whose constant is exactly 1",
        lambda use: rename(use, "ScaledAveragePooling2D"),
    ),
    "AvgPool2D": Instead(
        "shrinks every gradient by √(ph·pw)",
        "use `ScaledAveragePooling2D`, whose constant is exactly 1",
        lambda use: rename(use, "ScaledAveragePooling2D"),
    ),
    "GlobalAveragePooling2D": Instead(
        "shrinks every gradient by √(h·w)",
        "use `ScaledGlobalAveragePooling2D`, whose constant is exactly 1",
        lambda use: rename(use, "ScaledGlobalAveragePooling2D"),
    ),
    "GlobalAvgPool2D": Instead(
        "shrinks every gradient by √(h·w)",
        "use `ScaledGlobalAveragePooling2D`, whose constant is exactly 1",
        lambda use: rename(use, "ScaledGlobalAveragePooling2D"),
    ),
    "AveragePooling1D": Instead(
        "shrinks every gradient by the root of its window",
        "use `Reshape` to an image and `ScaledAveragePooling2D`",
    ),
    "AveragePooling3D": Instead(
        "shrinks every gradient by the root of its window",
        "use `Reshape` to an image and `ScaledAveragePooling2D`",
    ),
    "GlobalAveragePooling1D": Instead(
        "shrinks every gradient by the root of its window",
        "use `Reshape` to an image and `ScaledAveragePooling2D`",
    ),
    "GlobalAveragePooling3D": Instead(
        "shrinks every gradient by the root of its window",
        "use `Reshape` to an image and `ScaledAveragePooling2D`",
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
