"""A normalisation by the input's own scale is used.

## What it does
Reports `LayerNormalization`, `GroupNormalization`, `RMSNormalization`, `UnitNormalization` and
`SpectralNormalization` as a wrapper.

## Why is this bad?
Layer normalisation divides by the deviation of its input: its constant is up to max|γ|/√ε, 31.6 at Keras's
default ε = 1e-3, which is finite and useless. Unit normalisation has no finite constant. Keras's spectral
normalisation divides by the estimate of a power iteration, which is a lower bound of the norm and proves
nothing.

## Example
```yaml
- SpectralDense: {units: 64}
- LayerNormalization
- GroupSort2
```

## Use instead
Nothing in its place: layers whose kernels are orthogonal keep the norm of what passes through them.
```yaml
- SpectralDense: {units: 64}
- GroupSort2
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.fixes import remove
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_LAYERS = {
    "LayerNormalization": Instead(
        "divides by a norm or a deviation of its input, which may be next to nothing: its constant is up to max|γ|/√ε, 31.6 at Keras's default",
        "remove it: orthogonal layers keep the scale of what passes through them",
        remove,
    ),
    "GroupNormalization": Instead(
        "divides by a norm or a deviation of its input, which may be next to nothing",
        "remove it: orthogonal layers keep the scale of what passes through them",
        remove,
    ),
    "RMSNormalization": Instead(
        "divides by a norm or a deviation of its input, which may be next to nothing",
        "remove it: orthogonal layers keep the scale of what passes through them",
        remove,
    ),
    "UnitNormalization": Instead(
        "has no finite Lipschitz constant near 0",
        "remove it, or scale by a constant with `Rescaling`",
        remove,
    ),
    "SpectralNormalization": Instead(
        "divides by the estimate of a power iteration, which is below the true norm",
        "use `SpectralDense` or `SpectralConv2D`",
    ),
}

RULE = Rule(
    "LIP204",
    "layer-normalization",
    Severity.ERROR,
    __doc__,
    refuse("layer-normalization", _LAYERS),
    frozenset(_LAYERS),
)
