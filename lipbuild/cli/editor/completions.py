"""What an editor offers at a place of a config: layers, keys, names, words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from lipbuild.cli.editor.cursor import Cursor, cursor_at
from lipbuild.cli.editor.grammar import Items, Keys, LayerNames, Names, Place, Words, place_at
from lipbuild.cli.editor.offer import Offer
from lipbuild.cli.editor.varied_keys import SPACE, varied_keys, varied_place
from lipbuild.fields.strict import Strict
from lipbuild.network.graph_node import INPUT
from lipbuild.text.text import SourceText

_NAME = re.compile(r"(?:^|[\s{,])name\s*:\s*([A-Za-z0-9][\w.-]*)")
_VARIABLES = re.compile(r"^variables\s*:\s*(\{[^}]*\}|(?:\n[ \t]+.*)+)", re.MULTILINE)
# The path of a key, as far as it has been written.
_WORD = re.compile(r"[A-Za-z_][\w.\[\]-]*$")
_VARIABLE = re.compile(r"(?:^|[\s{,])([A-Za-z_]\w*)\s*:")


def completions(source: SourceText, offset: int) -> list[Offer]:
    """What may be written at an offset."""
    before = source.text[:offset]
    if re.search(r"\$\{[\w.\[\]]*$", before):
        return [Offer(name, f"{name}}}", "", "word") for name in _variables(source.text)]
    word = _WORD.search(before, before.rfind("\n") + 1)
    start = word.start() if word is not None else offset
    key = cursor_at(source, start)
    if key is not None and key.steps == SPACE and key.kind == "key":
        given = key.given or _given(source, offset)
        found = ((path, meaning) for path, meaning in varied_keys(source) if path not in given)
        return [Offer(path, f"{path}: ", meaning, "key", start) for path, meaning in found]
    cursor = cursor_at(source, offset)
    if cursor is not None and cursor.steps[:-1] == SPACE and cursor.kind != "key":
        return list(_varied(cursor, source))
    place = place_at(cursor.steps) if cursor is not None else None
    if cursor is None or place is None:
        return []
    if cursor.kind == "item":
        return list(_of(place.of, source)) if isinstance(place, Items) else []
    if cursor.kind == "value":
        return list(_of(place, source))
    if isinstance(place, Keys):
        return list(_keys(place.section, cursor.given or _given(source, offset)))
    return list(_of(place, source)) if isinstance(place, Names) else []


def _varied(cursor: Cursor, source: SourceText) -> Iterator[Offer]:
    """What a key of a sweep's space may be given: a range or choices, and each of these."""
    if cursor.kind == "item":
        yield from _of(varied_place(source, str(cursor.steps[-1])), source)
    else:
        yield Offer("{low: …, high: …}", "{low: $1, high: $2}", "The numbers between two.", "word")
        yield Offer("[…]", "[$1]", "One of several.", "word")


def _of(place: Place | None, source: SourceText) -> Iterator[Offer]:
    if isinstance(place, Names):
        for name, cls in place.classes.items():
            yield Offer(name, _snippet(name, cls), _documentation(cls), "layer")
    elif isinstance(place, Words):
        yield from (Offer(word, word, "", "word") for word in place.words)
    elif isinstance(place, LayerNames):
        for name in dict.fromkeys([INPUT, *_NAME.findall(source.text)]):
            yield Offer(name, name, "the network's input" if name == INPUT else "a layer", "word")
    elif isinstance(place, Items):
        yield from (
            Offer(f"[{offer.label}]", f"[{offer.text}]", offer.documentation, offer.kind)
            for offer in _of(place.of, source)
        )


def _keys(section: type[Strict], given: Collection[str]) -> Iterator[Offer]:
    for name, field in section.model_fields.items():
        if name not in given:
            yield Offer(name, f"{name}: ", _meaning(field), "key")


def _given(source: SourceText, offset: int) -> set[str]:
    """The keys beside a cursor at the start of a line: those of the lines around it with its indentation."""
    number, _ = source.position(offset)
    indent = _indent(source.line(number))
    found: set[str] = set()
    for step in (-1, 1):
        at = number + step
        while 1 <= at <= source.line_count:
            line = source.line(at)
            if line.strip() and not line.lstrip().startswith("#"):
                if _indent(line) < indent:
                    break
                key = re.match(r"\s*((?:[\w.$-]|\[\d+\])+)\s*:", line)
                if key is not None and _indent(line) == indent:
                    found.add(key[1])
            at += step
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _variables(text: str) -> list[str]:
    block = _VARIABLES.search(text)
    return [f"variables.{name}" for name in _VARIABLE.findall(block[1])] if block else []


def _meaning(field: FieldInfo) -> str:
    default = "" if field.is_required() else field.get_default(call_default_factory=True)
    shown = (
        f" Default: {default!r}." if isinstance(default, (bool, int, float, str)) and default != "" else ""
    )
    return f"{field.description}{shown}"


def _documentation(cls: type[Any]) -> str:
    return " ".join((cls.__doc__ or "").split())


def _snippet(name: str, cls: type[Strict]) -> str:
    """The name, with the arguments that it needs left to fill in."""
    fields: Mapping[str, FieldInfo] = cls.model_fields
    needed = [key for key, field in fields.items() if field.is_required()]
    if not needed:
        return name
    return f"{name}: {{{', '.join(f'{key}: ${i}' for i, key in enumerate(needed, 1))}}}"
