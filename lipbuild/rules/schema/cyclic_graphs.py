"""A layer reads a layer below it.

## What it does
Reports a name in `inputs` that belongs to a layer further down.

## Why is this bad?
A config that is read from top to bottom is a network without cycles. A cycle needs at least one such name, and a
network with a cycle computes nothing.

## Example
```yaml
- Average: {inputs: [input, later]}
- SpectralDense: {units: 8, name: later}
```

## Use instead
The layers in the order in which they are computed.
```yaml
- SpectralDense: {units: 8, name: earlier}
- Average: {inputs: [input, earlier]}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP109", "cyclic-graphs", Severity.ERROR, __doc__)
