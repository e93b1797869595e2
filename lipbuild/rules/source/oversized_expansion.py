"""The config grows beyond all use once its aliases are expanded.

## What it does
Reports a config of more than 200,000 values, aliases counted as what they stand for.

## Why is this bad?
Ten aliases of ten aliases, six levels deep, fill the memory of whoever reads them.

## Use instead
`Repeat: {times: n, layers: […]}`.
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP009", "oversized-expansion", Severity.ERROR, __doc__)
