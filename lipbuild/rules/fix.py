"""Applying the fixes of a config's findings until nothing changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.check import Checked, check
from lipbuild.text.edit import Edit, apply_edits
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

# A fix may bring up a finding that has a fix of its own; no config needs as many rounds.
_MAX_ROUNDS = 20


@dataclass(frozen=True)
class Fixed:
    """A text after its fixes.

    Attributes:
        source: The text; the one that was given where nothing was fixed.
        checked: What the rules say of it.
        count: How many fixes were made.
    """

    source: SourceText
    checked: Checked
    count: int


def fix(
    source: SourceText,
    overrides: Sequence[str] = (),
    *,
    unsafe: bool = False,
    rules: Collection[str] | None = None,
) -> Fixed:
    """Apply every fix that may be, again and again until there is none.

    A round of fixes is kept only where the text can still be read and no more is wrong with it than before:
    fewer errors, or as many and fewer warnings, or as many and no more remarks. Otherwise its fixes are tried
    one by one. So this ends, and never makes a config worse.

    Args:
        source: The text. Its parents and the options are never changed.
        overrides: `path=value` options laid over it.
        unsafe: Whether fixes that change what the network computes are made too.
        rules: The rules whose findings are fixed; all where left out.
    """
    checked = check(source, overrides)
    seen = {source.text}
    count = 0
    for _ in range(_MAX_ROUNDS):
        fixes = _fixes(checked, source, unsafe, rules)
        step = _round(source, checked, fixes, overrides, seen)
        if step is None:
            break
        source, checked, made = step
        seen.add(source.text)
        count += made
    return Fixed(source, checked, count)


def _fixes(checked: Checked, source: SourceText, unsafe: bool, rules: Collection[str] | None) -> list[Fix]:
    allowed = {Applicability.SAFE, Applicability.UNSAFE} if unsafe else {Applicability.SAFE}
    chosen = [found for found in checked.diagnostics if rules is None or found.rule in rules]
    fixes = [found.fix for found in chosen if found.fix is not None]
    return [
        fix
        for fix in dict.fromkeys(fixes)
        if fix.applicability in allowed and all(edit.span.source is source for edit in fix.edits)
    ]


def _round(
    source: SourceText, before: Checked, fixes: list[Fix], overrides: Sequence[str], seen: set[str]
) -> tuple[SourceText, Checked, int] | None:
    """One round of fixes, and how many were made; None where none of them does any good."""
    together = _disjoint(fixes)
    candidates = [together] if len(together) == len(fixes) == 1 else [together, *([fix] for fix in fixes)]
    for chosen in candidates:
        if not chosen:
            continue
        text = apply_edits(source.text, (_in_style(edit) for fix in chosen for edit in fix.edits))
        if text in seen:
            continue
        changed = SourceText(source.name, text, source.path)
        after = check(changed, overrides)
        if _weight(after.diagnostics) <= _weight(before.diagnostics) and not _unreadable(after):
            return changed, after, len(chosen)
    return None


def _disjoint(fixes: list[Fix]) -> list[Fix]:
    """Those fixes that touch nothing that one before them touches."""
    taken: list[Span] = []
    chosen = []
    for fix in fixes:
        spans = [edit.span for edit in fix.edits]
        if any(a.start <= b.end and b.start <= a.end for a in spans for b in taken):
            continue
        taken += spans
        chosen.append(fix)
    return chosen


def _in_style(edit: Edit) -> Edit:
    """The edit with the line breaks of its text."""
    if "\n" in edit.replacement and "\r\n" in edit.span.source.text:
        return Edit(edit.span, edit.replacement.replace("\n", "\r\n"))
    return edit


def _weight(diagnostics: Sequence[Diagnostic]) -> tuple[int, int, int]:
    """How much is wrong: errors, warnings, remarks."""
    counts = [sum(d.severity is severity for d in diagnostics) for severity in Severity]
    return counts[0], counts[1], counts[2]


def _unreadable(checked: Checked) -> bool:
    return checked.config is None
