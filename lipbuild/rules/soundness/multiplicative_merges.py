"""Inputs are multiplied with each other.

## What it does
Reports `Multiply` and `Dot`.

## Why is this bad?
The slope of a product f·g is up to |f|·L(g) + |g|·L(f): it has no finite Lipschitz constant unless both are bounded.

## Example
```yaml
- SpectralDense: {units: 8, name: gate}
- Multiply: {inputs: [input, gate]}
```

## Use instead
`Average`, or `Concatenate` with `k_coef_lip: 0.7071` in the branches.
```yaml
- SpectralDense: {units: 8, name: gate}
- Average: {inputs: [input, gate]}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule(
    "LIP214",
    "multiplicative-merges",
    Severity.ERROR,
    __doc__,
    layers=refused_by("multiplicative-merges"),
)
