"""The data's file is not there, and nothing else tells the shape of the input.

## What it does
Reports a file of `data.source` that does not exist, where `model.input` is left out. With `model.input` a config may
be checked where its data is not.

## Why is this bad?
Every shape follows from the input's, so that nothing can be said of the network.

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
