"""Batch normalisation is used.

## What it does
Reports `BatchNormalization`.

## Why is this bad?
It multiplies each channel by γ/√(var + ε). At inference its constant is max|γ|/√(var + ε), which is large if the
variance of the data is small. In training it depends on the batch and has no bound at all.

## Example
```yaml
- SpectralDense: {units: 64}
- BatchNormalization
- GroupSort2
```

## Use instead
Nothing in its place: layers whose kernels are orthogonal keep the norm of what passes through them. `BatchCentering`
subtracts the mean alone, with the constant 1.
```yaml
- SpectralDense: {units: 64}
- GroupSort2
```

## References
- Ioffe, Szegedy: Batch normalization, 2015
- Gouk et al.: Regularisation of neural networks by enforcing Lipschitz continuity, 2021
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule(
    "LIP203",
    "batch-normalization",
    Severity.ERROR,
    __doc__,
    layers=refused_by("batch-normalization"),
)
