"""Dot-product attention is used.

## What it does
Reports `Attention`, `AdditiveAttention`, `MultiHeadAttention` and `GroupedQueryAttention`.

## Why is this bad?
Dot-product attention multiplies its inputs with each other and has no finite Lipschitz constant on unbounded
inputs (Kim, Papamakarios, Mnih: The Lipschitz constant of self-attention, 2021).

## Example
```yaml
- MultiHeadAttention: {num_heads: 2, key_dim: 4}
```

## Use instead
Convolutions (`SpectralConv2D`) or dense layers (`SpectralDense`).
```yaml
- SpectralDense: {units: 8}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_LAYERS = {
    "Attention": Instead(
        "has no finite Lipschitz constant: it multiplies its inputs with each other",
        "use `SpectralConv2D` or `SpectralDense`",
    ),
    "AdditiveAttention": Instead(
        "has no finite Lipschitz constant: it multiplies its inputs with each other",
        "use `SpectralConv2D` or `SpectralDense`",
    ),
    "MultiHeadAttention": Instead(
        "has no finite Lipschitz constant: it multiplies its inputs with each other",
        "use `SpectralConv2D` or `SpectralDense`",
    ),
    "GroupedQueryAttention": Instead(
        "has no finite Lipschitz constant: it multiplies its inputs with each other",
        "use `SpectralConv2D` or `SpectralDense`",
    ),
    "GroupQueryAttention": Instead(
        "has no finite Lipschitz constant: it multiplies its inputs with each other",
        "use `SpectralConv2D` or `SpectralDense`",
    ),
}

RULE = Rule(
    "LIP211",
    "attention",
    Severity.ERROR,
    __doc__,
    refuse("attention", _LAYERS),
    frozenset(_LAYERS),
)
