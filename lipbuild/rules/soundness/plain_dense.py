"""A plain dense layer is used.

## What it does
Reports `Dense`, `EinsumDense` and `Embedding`.

## Why is this bad?
The Lipschitz constant of y = xW + b is the spectral norm ‖W‖₂, and nothing bounds it: after training it is
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
- Anil, Lucas, Grosse: Sorting out Lipschitz function approximation, 2019
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.fixes import rename
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_LAYERS = {
    "Dense": Instead(
        "has an unbounded Lipschitz constant: the spectral norm of its kernel is whatever training makes it",
        "use `SpectralDense`, which takes the same arguments",
        lambda use: rename(use, "SpectralDense"),
    ),
    "EinsumDense": Instead(
        "has an unbounded Lipschitz constant: the spectral norm of its kernel is whatever training makes it",
        "use `SpectralDense`, with `Reshape` around it where it works on several dimensions",
    ),
    "Embedding": Instead(
        "has an unbounded Lipschitz constant, and its input is no vector",
        "encode the categories one-hot and use `SpectralDense`",
    ),
}

RULE = Rule(
    "LIP201",
    "plain-dense",
    Severity.ERROR,
    __doc__,
    refuse("plain-dense", _LAYERS),
    frozenset(_LAYERS),
)
