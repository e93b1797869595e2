"""The data's file is not there, and nothing else tells the shape of the input.

## What it does
Reports a file of `data.source` that does not exist, if there is no `model.input`. With `model.input`, a config can be
checked without its data.

## Why is this bad?
Every shape follows from that of the input, so the network cannot be checked.

## Example
```yaml
model:
  layers: [SpectralDense: {units: 2}]
data: {source: {csv: {path: price.csv, target: price}}}
```

## Use instead
```yaml
model:
  input: [2]
  layers: [SpectralDense: {units: 2}]
data: {source: {csv: {path: price.csv, target: price}}}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP414", "missing-files", Severity.ERROR, __doc__)
