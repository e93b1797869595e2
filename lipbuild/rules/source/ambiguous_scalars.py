"""A value means different things in YAML 1.1 and 1.2.

## What it does
Reports an unquoted value that YAML 1.1 and YAML 1.2 read differently: `yes`, `no`, `on`, `off`, `y`, `n`, numbers
with a leading 0 (`010`), with underscores (`1_000`) or colons (`12:30`), binary numbers (`0b1`), dates.

## Why is this bad?
lipbuild reads YAML 1.2, in which `on` is text and `010` is ten. Many tools (PyYAML among them) read YAML 1.1, in
which `on` is true and `010` is eight: another tool would understand the config differently. `1e-3` is a number here,
as everybody expects, and is not reported.

## Example
```yaml
name: on
```

## Use instead
```yaml
name: "on"
```

## References
- YAML 1.2.2, section 10.3 (core schema)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Fix
from lipbuild.text.nodes import Mapping, Scalar, Sequence, TextNode
from lipbuild.text.problem import Problem

_TRUTH = {"y", "n", "yes", "no", "on", "off"}
_OTHERWISE = (
    (re.compile(r"[-+]?0[0-7]+"), "an octal number"),
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?"), "a number"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "a number in base 60"),
    (re.compile(r"[-+]?0b[01_]+"), "a binary number"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a date"),
)


def check(context: Context) -> Iterator[Problem]:
    """Every unquoted value of the config and its parents that is ambiguous."""
    root = context.loaded.root
    return iter(()) if root is None else _walk(root, set())


def _walk(node: TextNode, seen: set[tuple[int, int]]) -> Iterator[Problem]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _walk(item, seen)
    elif isinstance(node, Mapping):
        for entry in node:
            yield from _walk(entry.value, seen)
    elif not node.quoted:
        key = (id(node.span.source), node.span.start)
        meaning = _other_meaning(node.span.text)
        if meaning and key not in seen:
            seen.add(key)
            text = node.span.text
            written = str(node.value) if isinstance(node.value, int) else f'"{text}"'
            yield Problem(
                RULE.name,
                f"`{text}` is {_here(node)} in YAML 1.2, as here, and {meaning} in YAML 1.1",
                node.span,
                help=f"write `{written}`, which is the same in both",
                fix=Fix(f"write `{written}`", (Edit(node.span, written),)),
            )


def _here(node: Scalar) -> str:
    return f"the number {node.value}" if isinstance(node.value, (int, float)) else "text"


def _other_meaning(text: str) -> str:
    if text.lower() in _TRUTH:
        return "a truth value"
    if not text[:1].isdigit() and text[:1] not in "+-":
        return ""
    return next((meaning for pattern, meaning in _OTHERWISE if text and pattern.fullmatch(text)), "")


RULE = Rule("LIP014", "ambiguous-scalars", Severity.WARNING, __doc__, check)
