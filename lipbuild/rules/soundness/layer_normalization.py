"""A normalisation by the input's own scale is used.

## What it does
Reports `LayerNormalization`, `GroupNormalization`, `RMSNormalization`, `UnitNormalization` and
`SpectralNormalization` as a wrapper.

## Why is this bad?
Layer normalisation γ·(x − μ)/√(var + ε) divides by the deviation of its input: its constant is up to max|γ|/√ε, 31.6
at Keras's default ε = 1e-3 (and 1,000 for RMS normalisation, whose ε is 1e-6), which is finite and useless. Unit
normalisation x/‖x‖ has 1/‖x‖, which nothing bounds. Keras's spectral normalisation divides by the estimate of a power
iteration, which is a lower bound of the norm and proves nothing.

## Example
```yaml
- SpectralDense: {units: 64}
- LayerNormalization
- GroupSort2
```

## Use instead
Nothing in its place: layers whose kernels are orthogonal keep the norm of what passes through them. `LayerCentering`
subtracts the mean alone, with the constant 1.
```yaml
- SpectralDense: {units: 64}
- GroupSort2
```

## References
- Ba, Kiros, Hinton: Layer normalization, 2016
- Miyato et al.: Spectral normalization for generative adversarial networks, 2018
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.fixes import remove
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_REMOVE = "remove it: orthogonal layers keep the scale of what passes through them"
_DIVIDES = Instead(
    "divides by the deviation of its input, which may be next to nothing",
    _REMOVE,
    remove,
    note="its constant is up to max|γ|/√ε: 31.6 at Keras's ε = 1e-3",
)
_LAYERS = {
    "LayerNormalization": _DIVIDES,
    "GroupNormalization": _DIVIDES,
    "RMSNormalization": Instead(
        "divides by the norm of its input, which may be next to nothing",
        _REMOVE,
        remove,
        note="its constant is up to max|γ|/√ε: 1,000 at Keras's ε = 1e-6",
    ),
    "UnitNormalization": Instead(
        "has no finite Lipschitz constant near 0",
        "remove it, or scale by a constant with `Rescaling`",
        remove,
    ),
    "SpectralNormalization": Instead(
        "proves nothing of the norm",
        "use `SpectralDense` or `SpectralConv2D`",
        note="it divides by the estimate of a power iteration, which is below the true norm",
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
