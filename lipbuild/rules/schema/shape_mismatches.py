"""A layer cannot take the shape that it is given.

## What it does
Infers every shape from the input's, and reports windows larger than their input, images where vectors are
wanted and the other way round, merges of different shapes, an input that is not the data's.

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
