"""The network's Lipschitz constant is larger than the one that it promises.

## What it does
Computes the constant of every node with respect to the input and reports where it first exceeds
`model.lipschitz`. A chain multiplies; `Add` has the sum ΣΛ of its inputs' constants, `Average` their mean,
`Concatenate` √ΣΛ².

## Why is this bad?
Every certified radius is a margin divided by this constant.

## Example
```yaml
- SpectralDense: {units: 8}
- Rescaling: {scale: 2.0}
```

## Use instead
```yaml
- SpectralDense: {units: 8}
- Rescaling: {scale: 0.5}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP210", "lipschitz-budget-exceeded", Severity.ERROR, __doc__)
