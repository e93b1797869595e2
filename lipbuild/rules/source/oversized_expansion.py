"""The config becomes too large when its aliases are expanded.

## What it does
Reports a config with more than 200,000 values, counting the expansion of aliases and variables, and a network with
more than 10,000 layers, counting repetitions.

## Why is this bad?
Ten aliases of ten aliases, six levels deep, fill the memory of every reader.

## Example
```yaml
- Repeat: {times: 1000, layers: [Repeat: {times: 1000, layers: [SpectralDense: {units: 8}]}]}
```

## Use instead
`Repeat: {times: n, layers: […]}`.
```yaml
- Repeat: {times: 10, layers: [SpectralDense: {units: 8}, GroupSort2]}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP009", "oversized-expansion", Severity.ERROR, __doc__)
