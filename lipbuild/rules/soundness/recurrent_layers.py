"""A recurrent layer is used.

## What it does
Reports `LSTM`, `GRU`, `SimpleRNN`, `RNN`, `ConvLSTM…` and the wrappers around cells.

## Why is this bad?
An unconstrained recurrent matrix W is applied once a step, so that the constant grows like ‖W‖ⁿ with the length n of
the sequence, and a gate multiplies its inputs with each other.

## Example
```yaml
- LSTM: {units: 8}
```

## Use instead
`OrthoRNN`: an orthogonal recurrent matrix and sorting in place of gates, of constant 1 over the whole sequence.
```yaml
model:
  input: [8, 3]
  layers:
    - OrthoRNN: {units: 8}
    - SpectralDense: {units: 2}
```
`SpectralConv1D` for local patterns, and `SpectralDense` for what is the same at every step.

## References
- Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks, 2013
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_WHY = "has a Lipschitz constant that grows with every step"
_STATE = "its state is multiplied at each step by a matrix that nothing bounds: ‖W‖ⁿ after n steps"
_GATES = f"{_STATE}, and by gates besides"
_INSTEAD = "use `OrthoRNN`, whose recurrent matrix is orthogonal"
_PLAIN = Instead(_WHY, _INSTEAD, note=_STATE)
_GATED = Instead(_WHY, f"{_INSTEAD}; it has no gates", note=_GATES)
_IMAGES = Instead(
    _WHY, "use `SpectralConv2D` on the steps as channels, or `Reshape` and `OrthoRNN`", note=_GATES
)

_LAYERS = {
    **dict.fromkeys(("LSTM", "LSTMCell", "GRU", "GRUCell"), _GATED),
    **dict.fromkeys(("SimpleRNN", "SimpleRNNCell", "RNN", "StackedRNNCells"), _PLAIN),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _IMAGES),
    "Bidirectional": Instead(
        "wraps a recurrent layer",
        "use two `OrthoRNN`, one with `go_backwards: true`, as the branches of a `Parallel`",
    ),
    "TimeDistributed": Instead(
        "wraps another layer",
        "leave it out: `SpectralDense` applies to the last dimension, at every step",
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
