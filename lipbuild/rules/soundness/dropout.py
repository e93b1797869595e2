"""Dropout or one of its kin is used.

## What it does
Reports `Dropout`, `SpatialDropout1D/2D/3D`, `GaussianDropout`, `AlphaDropout`, `GaussianNoise` and
`ActivityRegularization`.

## Why is this bad?
In training it multiplies what it keeps by 1/(1 − rate), so a network with it is 1/(1 − rate)-Lipschitz while
it learns and another function afterwards: the margins that the loss saw are not those that are certified.
A Lipschitz constraint is a stronger regularisation by itself.

## Example
```yaml
- SpectralDense: {units: 64}
- Dropout: {rate: 0.5}
```

## Use instead
```yaml
- SpectralDense: {units: 64}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.fixes import remove
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_LAYERS = {
    "Dropout": Instead(
        "is random in training and scales what it keeps by 1/(1 − rate), so that the constraint does not hold there",
        "remove it: the Lipschitz constraint regularises by itself",
        remove,
    ),
    "SpatialDropout1D": Instead(
        "is random in training and scales what it keeps by 1/(1 − rate), so that the constraint does not hold there",
        "remove it: the Lipschitz constraint regularises by itself",
        remove,
    ),
    "SpatialDropout2D": Instead(
        "is random in training and scales what it keeps by 1/(1 − rate), so that the constraint does not hold there",
        "remove it: the Lipschitz constraint regularises by itself",
        remove,
    ),
    "SpatialDropout3D": Instead(
        "is random in training and scales what it keeps by 1/(1 − rate), so that the constraint does not hold there",
        "remove it: the Lipschitz constraint regularises by itself",
        remove,
    ),
    "GaussianDropout": Instead(
        "is random in training and scales what it keeps by 1/(1 − rate), so that the constraint does not hold there",
        "remove it: the Lipschitz constraint regularises by itself",
        remove,
    ),
    "AlphaDropout": Instead(
        "is random in training and scales what it keeps by 1/(1 − rate), so that the constraint does not hold there",
        "remove it: the Lipschitz constraint regularises by itself",
        remove,
    ),
    "GaussianNoise": Instead(
        "is random in training, so that the margins which the loss sees are not those that are certified",
        "remove it: the Lipschitz constraint regularises by itself",
        remove,
    ),
    "ActivityRegularization": Instead(
        "adds a term to the loss that the certificate knows nothing of",
        "remove it",
        remove,
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
