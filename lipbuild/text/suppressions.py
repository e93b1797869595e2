"""Comments that silence a rule: `# lipbuild: ignore[rule-name] reason`."""

from __future__ import annotations

import re

from lipbuild.frozen import dataclass
from lipbuild.text.comments import comments
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

_MARK = r"#\s*lipbuild\s*:"
_FORM = r"(?s)#\s*lipbuild\s*:\s*(?P<word>ignore|ignore-file)\s*\[(?P<names>[^\[\]]*)\]\s*(?P<reason>.*)"
_NAME = r"[^,\s]+"


@dataclass(frozen=True)
class Suppression:
    """One comment that silences rules.

    Attributes:
        comment: The whole comment.
        names: The rules, by name or code, each with its place; none where the comment is malformed.
        line: The line that it silences, or None for the whole file.
        reason: Why, in the words of the config.
    """

    comment: Span
    names: tuple[tuple[str, Span], ...]
    line: int | None
    reason: str


def suppressions(source: SourceText) -> tuple[Suppression, ...]:
    """The suppressions of a text, in its order."""
    if "lipbuild" not in source.text:
        return ()
    return tuple(_read(span) for span in comments(source) if re.match(_MARK, span.text))


def _read(comment: Span) -> Suppression:
    line, _ = comment.source.position(comment.start)
    form = re.fullmatch(_FORM, comment.text)
    if form is None:
        return Suppression(comment, (), line, "")
    offset = comment.start + form.start("names")
    names = tuple(
        (match.group(), Span(comment.source, offset + match.start(), offset + match.end()))
        for match in re.finditer(_NAME, form["names"])
    )
    return Suppression(
        comment, names, None if form["word"] == "ignore-file" else line, form["reason"].strip()
    )
