"""Branches are concatenated without being scaled down.

## What it does
Reports a `Concatenate` at which the network's constant exceeds `model.lipschitz`.

## Why is this bad?
The constant of a concatenation is √ΣΛ², the root of the sum of the squares of its inputs' constants: √2 for two
branches of constant 1. Branches with the coefficient 1/√n give 1.

## Example
```yaml
- SpectralDense: {units: 8, name: a}
- SpectralDense: {units: 8, name: b, inputs: [input]}
- Concatenate: {inputs: [a, b]}
```

## Use instead
```yaml
- SpectralDense: {units: 8, name: a, k_coef_lip: 0.7071}
- SpectralDense: {units: 8, name: b, inputs: [input], k_coef_lip: 0.7071}
- Concatenate: {inputs: [a, b]}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP217", "unscaled-concatenations", Severity.ERROR, __doc__)
