"""A scaled average pools windows that overlap or are padded.

## What it does
Reports a `ScaledAveragePooling2D` whose `strides` differ from its `pool_size`, or which pads.

## Why is this bad?
The scale √(ph·pw) makes up for the averaging of disjoint windows of ph·pw values, which has the norm
1/√(ph·pw). Overlapping windows have a greater norm, and TensorFlow divides a padded window by the number of
values that are really in it: either way the constant would exceed 1.

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
