"""Nothing reads what a layer makes.

## What it does
Reports a layer that is neither read by another nor an output.

## Why is this bad?
It is left out of the network, which is hardly what was meant.

## Use instead
Its name in `inputs` of another layer, or in `model.outputs`; or no such layer.
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP110", "unused-layers", Severity.WARNING, __doc__)
