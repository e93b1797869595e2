"""Batch normalisation is used.

## What it does
Reports `BatchNormalization`.

## Why is this bad?
It multiplies each channel by γ/√(var + ε). At inference its constant is max|γ|/√(var + ε), as large as the
data's variance is small; in training it depends on the batch and has no bound at all.

## Example
```yaml
- SpectralDense: {units: 64}
- BatchNormalization
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
    "BatchNormalization": Instead(
        "multiplies by γ/√(var + ε), which nothing bounds",
        "remove it: orthogonal layers keep the scale of what passes through them",
        remove,
    ),
    "SyncBatchNormalization": Instead(
        "multiplies by γ/√(var + ε), which nothing bounds",
        "remove it: orthogonal layers keep the scale of what passes through them",
        remove,
    ),
}

RULE = Rule(
    "LIP203",
    "batch-normalization",
    Severity.ERROR,
    __doc__,
    refuse("batch-normalization", _LAYERS),
    frozenset(_LAYERS),
)
