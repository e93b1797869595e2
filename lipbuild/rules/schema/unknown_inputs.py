"""`inputs` or `outputs` names a layer that does not exist.

## What it does
Reports the name, with the nearest existing one.

## Why is this bad?
The layer would read nothing.

## Example
```yaml
- SpectralDense: {units: 8, name: left}
- Average: {inputs: [input, lfet]}
```

## Use instead
```yaml
- SpectralDense: {units: 8, name: left}
- Average: {inputs: [input, left]}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP108", "unknown-inputs", Severity.ERROR, __doc__)
