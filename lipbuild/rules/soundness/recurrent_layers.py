"""A recurrent layer is used.

## What it does
Reports `LSTM`, `GRU`, `SimpleRNN`, `ConvLSTM…` and the wrappers around cells.

## Why is this bad?
An unconstrained recurrent matrix W is applied once a step, so that the constant grows like ‖W‖ⁿ with the length n of
the sequence, and a gate multiplies its inputs with each other.

## Example
```yaml
- LSTM: {units: 8}
```

## Use instead
`Flatten` and `SpectralDense` for sequences of a fixed length, or `SpectralConv1D`.
```yaml
- Flatten
- SpectralDense: {units: 8}
```

## References
- Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks, 2013
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_LAYERS = dict.fromkeys(
    (
        "LSTM",
        "LSTMCell",
        "GRU",
        "GRUCell",
        "SimpleRNN",
        "SimpleRNNCell",
        "RNN",
        "StackedRNNCells",
        "Bidirectional",
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
        "TimeDistributed",
    ),
    Instead(
        "has a Lipschitz constant that grows with every step",
        "use `Flatten` and `SpectralDense` for sequences of a fixed length, or `SpectralConv1D`",
        note="its state is multiplied at each step by a matrix that nothing bounds: ‖W‖ⁿ after n steps",
    ),
)

RULE = Rule(
    "LIP212",
    "recurrent-layers",
    Severity.ERROR,
    __doc__,
    refuse("recurrent-layers", _LAYERS),
    frozenset(_LAYERS),
)
