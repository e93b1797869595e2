"""Where a cursor stands in a config that is still being written, and so can seldom be parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from lipbuild.cli.editor.grammar import Steps
from lipbuild.text.text import SourceText

# A key, or a path of keys and list positions.
_KEY = r"((?:[\w.$-]|\[\d+\])+)"
_OWNER = re.compile(rf"{_KEY}\s*:\s*$")
_ENTRY = re.compile(rf"\s*{_KEY}\s*:(?:\s+|$)")
_KEY_LINE = re.compile(rf"{_KEY}\s*:(?:\s|$)")
# No config is longer; whoever edits something else is not to wait.
_FARTHEST = 50_000


class Cursor(NamedTuple):
    """A place where something may be written.

    Attributes:
        steps: The keys and list positions that lead to the mapping, the list or the value.
        kind: Whether a key of that mapping, an item of that list or that value is being written.
        given: The keys that the mapping has already, where it stands in braces.
    """

    steps: Steps
    kind: Literal["key", "item", "value"]
    given: frozenset[str] = frozenset()


def cursor_at(source: SourceText, offset: int) -> Cursor | None:
    """Where a cursor stands; None in a comment."""
    text = source.text[max(0, offset - _FARTHEST) : offset]
    line = text[text.rfind("\n") + 1 :]
    if re.search(r"(?:^|\s)#", line):
        return None
    openings = list(_openings(text))
    if not openings:
        return _in_block(text)
    owners = [_OWNER.search(text[:start]) for start in openings]
    steps: Steps = _block_steps(text[: owners[0].start() if owners[0] is not None else openings[0]])
    for place, owner in enumerate(owners):
        within_list = place > 0 and text[openings[place - 1]] == "["
        if within_list or (place and owner is None):
            steps = (*steps, 0)
        if owner is not None:
            steps = (*steps, owner[1])
    return _in_brackets(steps, text, openings[-1])


def _openings(text: str) -> list[int]:
    """Where the brackets stand that are open at the end of a text, the outermost first."""
    found: list[int] = []
    closed = 0
    for index in range(len(text) - 1, -1, -1):
        character = text[index]
        if character in "]}":
            closed += 1
        elif character in "[{":
            if closed:
                closed -= 1
            elif text[index - 1 : index] != "$":
                found.append(index)
        elif character == "\n" and not closed and text[index + 1 : index + 2].isalpha():
            # A key at the margin: what stands above it is another section.
            break
    return found[::-1]


def _in_brackets(steps: Steps, text: str, opening: int) -> Cursor:
    parts = list(_parts(text[opening + 1 :]))
    if text[opening] == "[":
        return Cursor(steps, "item")
    keys = frozenset(match[1] for part in parts[:-1] if (match := _ENTRY.match(part)))
    entry = _ENTRY.match(parts[-1])
    return Cursor((*steps, entry[1]), "value") if entry else Cursor(steps, "key", keys)


def _parts(text: str) -> Iterator[str]:
    """What commas divide, those within brackets aside."""
    depth, start = 0, 0
    for index, character in enumerate(text):
        depth += (character in "[{") - (character in "]}")
        if character == "," and depth == 0:
            yield text[start:index]
            start = index + 1
    yield text[start:]


def _in_block(text: str) -> Cursor:
    line = text[text.rfind("\n") + 1 :]
    steps = _block_steps(text)
    content = line.lstrip(" -") if re.match(r"\s*-(\s|$)", line) else line.lstrip()
    if _ENTRY.match(content):
        return Cursor(steps, "value")
    return Cursor(steps[:-1], "item") if steps and steps[-1] == 0 else Cursor(steps, "key")


class _Token(NamedTuple):
    """A `-`, or a key with a colon, at a column of a line."""

    column: int
    step: str | int


def _block_steps(text: str) -> Steps:
    """The keys and list positions that the end of a text stands under by its indentation."""
    lines = text.split("\n")
    tokens = _tokens(lines[-1])
    steps = [token.step for token in tokens]
    limit = tokens[0].column if tokens else len(lines[-1]) - len(lines[-1].lstrip())
    dash = bool(tokens) and tokens[0].step == 0
    for line in reversed(lines[:-1]):
        if limit == 0 and not dash:
            break
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        for token in reversed(_tokens(line)):
            # A list may stand at the column of its key.
            if token.column < limit or (dash and token.column == limit and token.step != 0):
                steps.insert(0, token.step)
                limit, dash = token.column, token.step == 0
    return tuple(steps)


def _tokens(line: str) -> list[_Token]:
    """The dashes and the key that a line starts with."""
    found: list[_Token] = []
    position = len(line) - len(line.lstrip(" "))
    while (dash := re.compile(r"-(?:\s+|$)").match(line, position)) is not None:
        found.append(_Token(position, 0))
        position = dash.end()
    key = _KEY_LINE.match(line, position)
    if key is not None:
        found.append(_Token(position, key[1]))
    return found
