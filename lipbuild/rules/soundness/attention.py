"""Attention is used.

## What it does
Reports `Attention`, `AdditiveAttention`, `MultiHeadAttention` and `GroupedQueryAttention`.

## Why is this bad?
Dot-product attention softmax(xW_q·(xW_k)ᵀ)·xW_v multiplies its inputs with each other: its slope grows with ‖x‖², so
it has no finite Lipschitz constant on unbounded inputs (Kim, Papamakarios, Mnih 2021). Additive attention multiplies
its values by weights that depend on the inputs, so its slope grows with ‖x‖. lipbuild has no attention layer of its
own either: distances in place of products give a finite constant, but the known one grows like √N log N with the
number N of tokens (the same paper), and every margin would be divided by it.

## Example
```yaml
- MultiHeadAttention: {num_heads: 2, key_dim: 4}
```

## Use instead
Convolutions (`OrthoConv2D`, `SpectralConv1D`), which mix what is near, or dense layers (`SpectralDense`), which mix
all of a fixed number of tokens.
```yaml
- SpectralDense: {units: 8}
```

## References
- Kim, Papamakarios, Mnih: The Lipschitz constant of self-attention, 2021
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule("LIP211", "attention", Severity.ERROR, __doc__, layers=refused_by("attention"))
