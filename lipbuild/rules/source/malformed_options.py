"""A `--set` option cannot be applied.

## What it does
Reports an option that is not `path=value`, or whose path leads through a value that is not a mapping or list.

## Why is this bad?
The value would have no effect.

## Use instead
`--set train.epochs=3`, `--set model.layers[1].SpectralDense.units=32`,
`--set 'train.optimizer={SGD: {momentum: 0.9}}'`.
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP013", "malformed-options", Severity.ERROR, __doc__)
