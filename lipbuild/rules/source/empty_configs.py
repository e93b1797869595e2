"""The config is empty.

## What it does
Reports a text without any key.

## Why is this bad?
It describes no network.

## Use instead
`lipbuild init PATH` writes a commented config to start from.
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.rule import Rule

RULE = Rule("LIP002", "empty-configs", Severity.ERROR, __doc__)
