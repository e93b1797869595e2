"""Applying the fixes of a config's findings until nothing changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.check import Checked, check
from lipbuild.text.edit import Edit, apply_edits
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

# A fix may bring up a finding that has a fix of its own; no config needs as many rounds.
_MAX_ROUNDS = 20
# How many fixes are tried before they are shown, and how much text is read for it.
_MOST_TRIED, _MOST_CHARACTERS = 50, 500_000


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


def with_tried_fixes(checked: Checked, overrides: Sequence[str] = ()) -> Checked:
    """The same findings, without those fixes that would not be made: after them more would be wrong.

    Args:
        checked: What the rules say of a config.
        overrides: The options that were laid over it.
    """
    source = checked.source
    fixes = dict.fromkeys(found.fix for found in checked.diagnostics if found.fix is not None)
    own = [fix for fix in fixes if all(edit.span.source is source for edit in fix.edits)]
    # Of many findings the first ones are read, and a long text takes long to check.
    tried = own[: min(_MOST_TRIED, _MOST_CHARACTERS // max(len(source.text), 1))]
    vain = {fix for fix in tried if not is_worth(fix, checked, overrides)}
    if not vain:
        return checked
    found = (replace(one, fix=None) if one.fix in vain else one for one in checked.diagnostics)
    return replace(checked, diagnostics=tuple(found))


def is_worth(fix: Fix, before: Checked, overrides: Sequence[str] = ()) -> bool:
    """Whether a fix, made by itself, leaves no more wrong than there was.

    Args:
        fix: The fix, of the config's own text.
        before: What the rules say of the config.
        overrides: The options that were laid over it.
    """
    source = before.source
    text = apply_edits(source.text, map(_in_style, fix.edits))
    after = check(SourceText(source.name, text, source.path), overrides)
    return (
        text != source.text
        and not _unreadable(after)
        and _weight(after.diagnostics) <= _weight(before.diagnostics)
    )


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
