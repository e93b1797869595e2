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
- Szegedy et al.: Intriguing properties of neural networks, 2014
- Anil, Lucas, Grosse: Sorting out Lipschitz function approximation, 2019
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.fixes import rename
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_WHY = "has an unbounded Lipschitz constant"
_NOTE = "it is the spectral norm of its kernel, which training makes as large as it likes"
_LAYERS = {
    "Dense": Instead(
        _WHY,
        "use `SpectralDense`, whose arguments have the same names",
        lambda use: rename(use, "SpectralDense"),
        _NOTE,
    ),
    "EinsumDense": Instead(
        _WHY, "use `SpectralDense`, with `Reshape` around it where it works on several dimensions", note=_NOTE
    ),
    **dict.fromkeys(
        ("Embedding", "ReversibleEmbedding"),
        Instead(_WHY, "encode the categories one-hot and use `SpectralDense`", note="its input is no vector"),
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
