"""Dot-product attention is used.

## What it does
Reports `Attention`, `AdditiveAttention`, `MultiHeadAttention` and `GroupedQueryAttention`.

## Why is this bad?
Dot-product attention multiplies its inputs with each other and has no finite Lipschitz constant on unbounded
inputs (Kim, Papamakarios, Mnih: The Lipschitz constant of self-attention, 2021). lipbuild has no attention layer of
its own either: distances in place of products give a finite constant, but the known one grows like √N log N with the
number N of tokens (the same paper), and every margin would be divided by it.

## Example
```yaml
- MultiHeadAttention: {num_heads: 2, key_dim: 4}
```

## Use instead
Convolutions (`OrthoConv2D`, `SpectralConv1D`), which mix what is near, or dense layers (`SpectralDense`), which mix all
of a fixed number of tokens.
```yaml
- SpectralDense: {units: 8}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_PRODUCTS = Instead(
    "has no finite Lipschitz constant: it multiplies its inputs with each other",
    "use `OrthoConv2D` or `SpectralConv1D` to mix what is near, or `Flatten` and `SpectralDense` to mix all",
)

_LAYERS = dict.fromkeys(
    (
        "Attention",
        "AdditiveAttention",
        "MultiHeadAttention",
        "GroupedQueryAttention",
        "GroupQueryAttention",
    ),
    _PRODUCTS,
)

RULE = Rule(
    "LIP211",
    "attention",
    Severity.ERROR,
    __doc__,
    refuse("attention", _LAYERS),
    frozenset(_LAYERS),
)
