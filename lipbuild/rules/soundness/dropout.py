"""Dropout or one of its kin is used.

## What it does
Reports `Dropout`, `SpatialDropout1D/2D/3D`, `GaussianDropout`, `AlphaDropout`, `GaussianNoise` and
`ActivityRegularization`.

## Why is this bad?
In training it multiplies what it keeps by 1/(1 − rate), so a network with it is 1/(1 − rate)-Lipschitz while
it learns (2 at a rate of one half) and another function afterwards: the margins that the loss saw are not those that
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
from lipbuild.rules.fixes import remove
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_REMOVE = "remove it: the Lipschitz constraint regularises by itself"
_DROPS = Instead(
    "is random, and the constraint does not hold in training",
    _REMOVE,
    remove,
    note="it scales what it keeps by 1/(1 − rate), and so do the margins that the loss sees",
)
_LAYERS = {
    **dict.fromkeys(
        (
            "Dropout",
            "SpatialDropout1D",
            "SpatialDropout2D",
            "SpatialDropout3D",
            "GaussianDropout",
            "AlphaDropout",
        ),
        _DROPS,
    ),
    "GaussianNoise": Instead(
        "is random, and the margins that the loss sees are not those that are certified", _REMOVE, remove
    ),
    "ActivityRegularization": Instead(
        "adds a term to the loss that the certificate knows nothing of", "remove it", remove
    ),
}

RULE = Rule(
    "LIP205",
    "dropout",
    Severity.ERROR,
    __doc__,
    refuse("dropout", _LAYERS),
    frozenset(_LAYERS),
)
