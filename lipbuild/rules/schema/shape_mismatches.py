"""A layer cannot take the shape of its input.

## What it does
Infers every shape from that of the input. Reports windows larger than their input, images in place of vectors and the
reverse, merges of different shapes, and an input shape that is not that of the data.

## Why is this bad?
The network cannot be built.

## Example
```yaml
model:
  input: [4, 4, 1]
  layers:
    - MaxPooling2D: {pool_size: 8}
```

## Use instead
```yaml
model:
  input: [4, 4, 1]
  layers:
    - MaxPooling2D: {pool_size: 2}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP111", "shape-mismatches", Severity.ERROR, __doc__)
