"""Values are nested too deep.

## What it does
Reports a value more than 100 levels deep.

## Why is this bad?
No real network needs this depth, and YAML readers run out of stack.

## Use instead
Name layers and refer to them with `inputs`.
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP010", "excessive-depth", Severity.ERROR, __doc__)
