"""Branches are added, and their constants with them.

## What it does
Reports an `Add` at which the network's constant exceeds `model.lipschitz`.

## Why is this bad?
The constant of a sum is the sum ΣΛ of its inputs' constants: x + f(x) has 1 + L(f), which is 2 if f is
1-Lipschitz, and n residual blocks in a row have 2ⁿ. The convex combination αx + (1−α)f(x) has α + (1−α)·L(f),
at most 1.

## Example
```yaml
- SpectralDense: {units: 8, name: f}
- Add: {inputs: [input, f]}
```

## Use instead
```yaml
- Residual: {layers: [SpectralDense: {units: 8}]}
```

## References
- Gouk et al.: Regularisation of neural networks by enforcing Lipschitz continuity, 2021
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP216", "unscaled-residuals", Severity.ERROR, __doc__)
