"""A recurrent layer is used.

## What it does
Reports `LSTM`, `GRU`, `SimpleRNN`, `RNN`, `ConvLSTM…` and the wrappers around cells.

## Why is this bad?
An unconstrained recurrent matrix W is applied once per step, so the constant grows like ‖W‖ⁿ with the length n of the
sequence. A gate also multiplies its inputs with each other.

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
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule(
    "LIP212",
    "recurrent-layers",
    Severity.ERROR,
    __doc__,
    layers=refused_by("recurrent-layers"),
)
