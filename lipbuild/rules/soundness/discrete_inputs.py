"""The inputs are cut into classes inside the network.

## What it does
Reports Keras's layers that look up, hash, count or mask: `Discretization`, `CategoryEncoding`, `Hashing`,
`HashedCrossing`, `IntegerLookup`, `StringLookup`, `TextVectorization` and `Masking`.

## Why is this bad?
Such a layer is a step function: two inputs on either side of a boundary can be arbitrarily close while its outputs
are not. So there is no Lipschitz constant, and a radius around a category means nothing.

## Example
```yaml
- Discretization: {num_bins: 4}
- SpectralDense: {units: 8}
```

## Use instead
Encode categories one-hot in the data itself: two of them are then √2 apart.
```yaml
- SpectralDense: {units: 8}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule(
    "LIP221",
    "discrete-inputs",
    Severity.ERROR,
    __doc__,
    layers=refused_by("discrete-inputs"),
)
