"""A recurrent layer is used.

## What it does
Reports `LSTM`, `GRU`, `SimpleRNN`, `ConvLSTM…` and the wrappers around cells.

## Why is this bad?
A gate multiplies its inputs with each other, and an unconstrained recurrent matrix is applied once a step: the
constant grows exponentially with the length of the sequence.

## Example
```yaml
- LSTM: {units: 8}
```

## Use instead
`Flatten` and `SpectralDense` for sequences of a fixed length.
```yaml
- Flatten
- SpectralDense: {units: 8}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_LAYERS = {
    "LSTM": Instead(
        "multiplies its state at every step by a matrix that nothing bounds",
        "use `Flatten` and `SpectralDense` for sequences of a fixed length",
    ),
    "GRU": Instead(
        "multiplies its state at every step by a matrix that nothing bounds",
        "use `Flatten` and `SpectralDense` for sequences of a fixed length",
    ),
    "SimpleRNN": Instead(
        "multiplies its state at every step by a matrix that nothing bounds",
        "use `Flatten` and `SpectralDense` for sequences of a fixed length",
    ),
    "RNN": Instead(
        "multiplies its state at every step by a matrix that nothing bounds",
        "use `Flatten` and `SpectralDense` for sequences of a fixed length",
    ),
    "Bidirectional": Instead(
        "multiplies its state at every step by a matrix that nothing bounds",
        "use `Flatten` and `SpectralDense` for sequences of a fixed length",
    ),
    "ConvLSTM1D": Instead(
        "multiplies its state at every step by a matrix that nothing bounds",
        "use `Flatten` and `SpectralDense` for sequences of a fixed length",
    ),
    "ConvLSTM2D": Instead(
        "multiplies its state at every step by a matrix that nothing bounds",
        "use `Flatten` and `SpectralDense` for sequences of a fixed length",
    ),
    "ConvLSTM3D": Instead(
        "multiplies its state at every step by a matrix that nothing bounds",
        "use `Flatten` and `SpectralDense` for sequences of a fixed length",
    ),
    "TimeDistributed": Instead(
        "multiplies its state at every step by a matrix that nothing bounds",
        "use `Flatten` and `SpectralDense` for sequences of a fixed length",
    ),
}

RULE = Rule(
    "LIP212",
    "recurrent-layers",
    Severity.ERROR,
    __doc__,
    refuse("recurrent-layers", _LAYERS),
    frozenset(_LAYERS),
)
