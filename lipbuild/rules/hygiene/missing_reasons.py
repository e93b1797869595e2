"""A comment silences a rule and does not say why.

## What it does
Reports `# lipbuild: ignore[rule-name]` with nothing after it.

## Why is this bad?
Readers of the config, and those who certify the network, must know why a rule does not apply here.

## Example
```yaml
- SpectralDense: {units: 8}
- ReLU  # lipbuild: ignore[norm-losing-activations]
```

## Use instead
```yaml
- SpectralDense: {units: 8}
- ReLU  # lipbuild: ignore[norm-losing-activations] to compare with the published baseline
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP903", "missing-reasons", Severity.WARNING, __doc__)
