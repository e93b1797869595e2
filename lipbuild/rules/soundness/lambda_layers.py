"""Arbitrary code is used as a layer.

## What it does
Reports `Lambda`, `TorchModuleWrapper`, `JaxLayer`, `FlaxLayer` and `TFSMLayer`.

## Why is this bad?
Nothing is known about what it computes, so its Lipschitz constant is unknown. A config must not contain code.

## Example
```yaml
- Lambda: {function: "lambda x: 2 * x"}
```

## Use instead
The layers that lipbuild knows.
```yaml
- Rescaling: {scale: 0.5}
- SpectralDense: {units: 8}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule("LIP215", "lambda-layers", Severity.ERROR, __doc__, layers=refused_by("lambda-layers"))
