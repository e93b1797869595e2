"""A scaled average pools windows that overlap, leave gaps or are padded.

## What it does
Reports a `ScaledAveragePooling2D` whose `strides` differ from its `pool_size`, or which pads.

## Why is this bad?
The scale √(ph·pw) compensates the averaging of disjoint windows of ph·pw values, which has the norm 1/√(ph·pw).
Overlapping windows have a larger norm, and TensorFlow divides a padded window by the number of values that are really
in it: in both cases the constant would exceed 1. Windows with gaps between them keep the constant, but values in the
gaps are lost, and their gradients with them; the layer only takes windows that cover its input.

## Example
```yaml
- ScaledAveragePooling2D: {pool_size: 3, strides: 2}
```

## Use instead
```yaml
- ScaledAveragePooling2D: {pool_size: 2}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP209", "overlapping-average-pooling", Severity.ERROR, __doc__)
