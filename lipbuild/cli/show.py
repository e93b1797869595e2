"""Diagnostics on a terminal or in a file."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.palette import Palette
from lipbuild.diagnostics.severity import Severity
from lipbuild.diagnostics.text import render
from lipbuild.text.fix import Applicability

if TYPE_CHECKING:
    from lipbuild.rules.check import Checked


# Nobody reads more of them.
_MOST = 1_000


def show_diagnostics(diagnostics: Sequence[Diagnostic], stream: TextIO) -> None:
    """Print the diagnostics and a line that counts them; nothing where there are none."""
    if not diagnostics:
        return
    from lipbuild.diagnostics.terminal_width import terminal_width

    width = min(terminal_width(), 120)
    print(render(diagnostics[:_MOST], palette=Palette.for_stream(stream), width=width), file=stream)
    if len(diagnostics) > _MOST:
        print(f"{len(diagnostics) - _MOST:,} more are not shown", file=stream)
    print(count(diagnostics), file=stream)
    mendable = _mendable(diagnostics)
    if mendable:
        print(mendable, file=stream)


def show_before_training(checked: Checked, *, begun: bool = False) -> None:
    """Print the errors and warnings of a config that is going to be trained, on standard error.

    Args:
        checked: The config.
        begun: Whether its text is lipbuild's own, of a training that has begun: warnings are of its options alone.
    """
    # `check` is where remarks are read; here they would stand before every training.
    found = [
        found
        for found in checked.diagnostics
        if found.severity is Severity.ERROR
        or (found.severity is Severity.WARNING and not (begun and found.span.source is checked.source))
    ]
    show_diagnostics(found, sys.stderr)


def _mendable(diagnostics: Sequence[Diagnostic]) -> str:
    """`3 can be fixed with --fix, and 1 more with --unsafe-fixes`; nothing where none can."""
    counted = Counter(found.fix.applicability for found in diagnostics if found.fix is not None)
    safe, unsafe = counted[Applicability.SAFE], counted[Applicability.UNSAFE]
    if safe and unsafe:
        return f"{safe} can be fixed with `--fix`, and {unsafe} more with `--unsafe-fixes`"
    if safe:
        return f"{safe} can be fixed with `--fix`"
    return f"{unsafe} can be fixed with `--unsafe-fixes`" if unsafe else ""


def count(diagnostics: Sequence[Diagnostic]) -> str:
    """`found 2 errors and 1 remark`."""
    counted = Counter(diagnostic.severity for diagnostic in diagnostics)
    parts = [
        f"{counted[severity]} {severity.value}{'s' if counted[severity] > 1 else ''}"
        for severity in Severity
        if counted[severity]
    ]
    joined = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"found {joined}"
