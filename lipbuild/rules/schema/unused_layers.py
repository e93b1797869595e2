"""Nothing reads the output of a layer.

## What it does
Reports a layer that is neither read by another nor an output.

## Why is this bad?
It is not part of the network, which was probably not intended.

## Example
```yaml
- SpectralDense: {units: 8, name: spare}
- SpectralDense: {units: 8, inputs: [input]}
```

## Use instead
Its name in `inputs` of another layer, or in `model.outputs`; or no such layer.
```yaml
- SpectralDense: {units: 8, name: spare}
- SpectralDense: {units: 8, inputs: [input], name: other}
- Average: {inputs: [spare, other]}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP110", "unused-layers", Severity.WARNING, __doc__)
