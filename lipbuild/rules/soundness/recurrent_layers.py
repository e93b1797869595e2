"""A recurrent layer is used.

## What it does
Reports `LSTM`, `GRU`, `SimpleRNN`, `RNN`, `ConvLSTM…` and the wrappers around cells.

## Why is this bad?
A gate multiplies its inputs with each other, and an unconstrained recurrent matrix is applied once a step: the
constant grows exponentially with the length of the sequence.

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
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule

_UNBOUNDED = "multiplies its state at every step by a matrix that nothing bounds"
_GATED = "multiplies its state by gates and by a matrix that nothing bounds, at every step"
_RECURRENT = "use `OrthoRNN`, whose recurrent matrix is orthogonal"
_ORTHOGONAL_STATE = Instead(_UNBOUNDED, _RECURRENT)
_NO_GATES = Instead(_GATED, f"{_RECURRENT}; it has no gates")
_IMAGES = Instead(_GATED, "use `SpectralConv2D` on the steps as channels, or `Reshape` and `OrthoRNN`")

_LAYERS = {
    "LSTM": _NO_GATES,
    "GRU": _NO_GATES,
    "SimpleRNN": _ORTHOGONAL_STATE,
    "RNN": _ORTHOGONAL_STATE,
    "Bidirectional": Instead(
        "wraps a recurrent layer",
        "use two `OrthoRNN`, one with `go_backwards: true`, as the branches of a `Parallel`",
    ),
    "ConvLSTM1D": _IMAGES,
    "ConvLSTM2D": _IMAGES,
    "ConvLSTM3D": _IMAGES,
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
