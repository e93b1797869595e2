"""A plain dense layer is used.

## What it does
Reports `Dense`, `EinsumDense` and `Embedding`.

## Why is this bad?
The Lipschitz constant of y = xW + b is the spectral norm ‖W‖₂, and it has no bound: after training it is
commonly 2 to 10, and constants of layers multiply.

## Example
```yaml
- Dense: {units: 10}
```

## Use instead
```yaml
- SpectralDense: {units: 10}
```

## References
- Szegedy et al.: Intriguing properties of neural networks, 2014
- Anil, Lucas, Grosse: Sorting out Lipschitz function approximation, 2019
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule("LIP201", "plain-dense", Severity.ERROR, __doc__, layers=refused_by("plain-dense"))
