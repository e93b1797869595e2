"""Silencing findings by comments, and what is to be said of the comments themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lipbuild.diagnostics.severity import Severity
from lipbuild.frozen import dataclass
from lipbuild.rules.rule import Rule
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Fix
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span
from lipbuild.text.suggest import nearest
from lipbuild.text.suppressions import Suppression, suppressions
from lipbuild.text.text import SourceText

_BARE = (
    r"#\s*lipbuild\s*:\s*(?P<word>ignore(?:[-_]file)?)\s*[:=(\s]\s*(?P<name>[A-Za-z0-9-]+)\)?(?P<reason>.*)"
)
_FORM = "write it as `# lipbuild: ignore[rule-name] reason`"


@dataclass(frozen=True)
class Silenced:
    """Problems divided by the comments of a config.

    Attributes:
        kept: Those that are shown, and those of the comments.
        silenced: Those that a comment silences.
    """

    kept: tuple[Problem, ...]
    silenced: tuple[Problem, ...]


def silence(
    problems: Sequence[Problem], texts: Iterable[SourceText], rules: Mapping[str, Rule], *, built: bool
) -> Silenced:
    """Divide problems into those that are shown and those that a comment silences.

    Args:
        problems: All problems.
        texts: The texts whose comments count.
        rules: Every rule by its name.
        built: Whether there is a network. Without one no error can be silenced: nothing could be built.
    """
    comments = [comment for text in texts for comment in suppressions(text)]
    if not comments:
        return Silenced(tuple(problems), ())
    names = {**{name: name for name in rules}, **{rule.code: name for name, rule in rules.items()}}
    silencing = _by_place(comments, names)
    used: set[tuple[int, str]] = set()
    kept: list[Problem] = []
    silenced: list[Problem] = []
    for problem in problems:
        comment = _silencing(problem, silencing)
        if comment is None:
            kept.append(problem)
            continue
        used.add((comment.comment.start, problem.rule))
        if _can_be(rules[problem.rule], built):
            silenced.append(replace(problem, reason=comment.reason))
        else:
            kept.append(_insisting(problem))
    for comment in comments:
        kept += _about(comment, names, used)
    return Silenced(tuple(kept), tuple(silenced))


# What a comment silences: a text, a line of it or all of it, a rule.
_Place = tuple[int, int | None, str | None]


def _by_place(comments: Sequence[Suppression], names: Mapping[str, str]) -> dict[_Place, Suppression]:
    """The first comment that silences a rule, by where it does."""
    found: dict[_Place, Suppression] = {}
    for comment in comments:
        for name, _ in comment.names:
            found.setdefault((id(comment.comment.source), comment.line, names.get(name)), comment)
    return found


def _silencing(problem: Problem, silencing: Mapping[_Place, Suppression]) -> Suppression | None:
    source = problem.span.source
    line, _ = source.position(problem.span.start)
    places = ((id(source), where, problem.rule) for where in (line, None))
    found = [silencing[place] for place in places if place in silencing]
    return min(found, key=lambda comment: comment.comment.start, default=None)


def _can_be(rule: Rule, built: bool) -> bool:
    if rule.severity is not Severity.ERROR:
        return True
    return built and not rule.code.startswith(("LIP0", "LIP1", "LIP9"))


def _insisting(problem: Problem) -> Problem:
    note = "it cannot be suppressed: no network can be built from this"
    return replace(problem, notes=(*problem.notes, note))


def _about(comment: Suppression, names: Mapping[str, str], used: set[tuple[int, str]]) -> Iterable[Problem]:
    """What is wrong with one comment."""
    if not comment.names:
        message = "this comment names no rule, so it silences nothing"
        yield Problem(
            "unknown-suppressions", message, comment.comment, help=_FORM, fix=_bracketed(comment, names)
        )
        return
    known = []
    for name, span in comment.names:
        if name in names:
            known.append((name, span))
            continue
        near = nearest(name, names)
        advice = f"there is a rule with a similar name: `{near}`" if near else "`lipbuild rules` lists them"
        yield Problem("unknown-suppressions", f"there is no rule `{name}`", span, help=advice)
    unused = [(name, span) for name, span in known if (comment.comment.start, names[name]) not in used]
    where = "in this file" if comment.line is None else "on this line"
    for name, span in unused:
        fix = _removal(comment) if len(unused) == len(comment.names) else None
        yield Problem(
            "unused-suppressions",
            f"the rule `{name}` finds nothing {where}",
            span,
            help="remove the comment" if fix else f"remove `{name}` from the comment",
            fix=fix,
        )
    if known and not unused and not comment.reason:
        message = "this comment gives no reason"
        yield Problem(
            "missing-reasons", message, comment.comment, help="say after the `]` why the rule is wrong here"
        )


def _bracketed(comment: Suppression, names: Mapping[str, str]) -> Fix | None:
    """`# lipbuild: ignore rule why` with the rule in brackets."""
    form = re.fullmatch(_BARE, comment.comment.text)
    if form is None or form["name"] not in names:
        return None
    text = f"# lipbuild: {form['word'].replace('_', '-')}[{form['name']}]{form['reason']}"
    return Fix("put the rule in brackets", (Edit(comment.comment, text),))


def _removal(comment: Suppression) -> Fix:
    source, start, end = comment.comment.source, comment.comment.start, comment.comment.end
    line, _ = source.position(start)
    begin = source.line_start(line)
    if source.text[begin:start].strip():
        start = begin + len(source.text[begin:start].rstrip())
    else:
        start = begin
        end = source.line_start(line + 1) if line < source.line_count else len(source.text)
    return Fix("remove the comment", (Edit(Span(source, start, end), ""),))
