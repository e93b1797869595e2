"""Dropout or a similar layer is used.

## What it does
Reports `Dropout`, `SpatialDropout1D/2D/3D`, `GaussianDropout`, `AlphaDropout`, `GaussianNoise` and
`ActivityRegularization`.

## Why is this bad?
In training it multiplies the values that it keeps by 1/(1 − rate). So the network is 1/(1 − rate)-Lipschitz during
the training (2 for a rate of one half) and another function afterwards: the margins in the loss are not those that
are certified. A Lipschitz constraint is a stronger regularisation by itself.

## Example
```yaml
- SpectralDense: {units: 64}
- Dropout: {rate: 0.5}
```

## Use instead
```yaml
- SpectralDense: {units: 64}
```

## References
- Srivastava et al.: Dropout, 2014
- Gouk et al.: Regularisation of neural networks by enforcing Lipschitz continuity, 2021
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule("LIP205", "dropout", Severity.ERROR, __doc__, layers=refused_by("dropout"))
