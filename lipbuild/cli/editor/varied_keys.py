"""The keys that a sweep's space may name: the paths of a config's values, as `--set` has them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lipbuild.cli.editor.grammar import Items, Keys, Names, Place, Steps, Value, Words, field_at, place_at
from lipbuild.text.nodes import Mapping, Scalar, Sequence, TextNode
from lipbuild.text.overrides import spelled_out
from lipbuild.text.parse import parse
from lipbuild.text.path import Path, format_path, parse_path
from lipbuild.text.text import SourceText

SPACE = ("sweep", "space")

# The section itself, which is still being written and so can seldom be parsed.
_SWEEP = re.compile(r"^sweep\s*:.*(?:\n(?:[ \t#].*)?)*", re.MULTILINE)
# What is not part of a training, or is the same for every trial.
_FIXED = {
    "": ("name", "extends", "variables", "certify", "export", "sweep"),
    "data": ("source", "test", "validation", "seed", "stratify"),
}
_NAMING = ("name", "inputs", "outputs")


def varied_keys(source: SourceText) -> Iterator[tuple[str, str]]:
    """Every key that may be varied: its path, and what it means."""
    root = _root(source)
    if root is None:
        return
    variables = root.get("variables")
    for entry in variables.entries if isinstance(variables, Mapping) else ():
        if isinstance(entry.value, Scalar):
            yield f"variables.{entry.name}", ""
    for path, spelled in _paths((), (), root):
        field = field_at(spelled)
        yield format_path(path), (field.description or "") if field is not None else ""


def varied_place(source: SourceText, path: str) -> Place | None:
    """What may stand where a key of the space leads."""
    steps = parse_path(path)
    return place_at(spelled_out(_root(source), steps)) if steps is not None else None


def _root(source: SourceText) -> Mapping | None:
    """The config without its sweep."""
    root = parse(SourceText(source.name, _SWEEP.sub("", source.text))).root
    return root if isinstance(root, Mapping) else None


def _paths(path: Path, spelled: Steps, node: TextNode | None) -> Iterator[tuple[Path, Steps]]:
    """The paths of values, as short as may be, and with the names that the config has chosen."""
    place = place_at(spelled)
    if isinstance(place, Keys) and isinstance(node, Mapping):
        fixed = _FIXED.get(format_path(path), _NAMING)
        for name in place.section.model_fields:
            if name not in fixed:
                yield from _paths((*path, name), (*spelled, name), node.get(name))
    elif isinstance(place, Names):
        yield path, spelled
        name, arguments = _chosen(node)
        if name in place.classes:
            yield from _paths(path, (*spelled, name), arguments)
    elif isinstance(place, Items) and isinstance(place.of, Names):
        for index, item in enumerate(node.items if isinstance(node, Sequence) else ()):
            yield from _paths((*path, index), (*spelled, index), item)
    elif isinstance(place, (Value, Words, Items)):
        yield path, spelled


def _chosen(node: TextNode | None) -> tuple[str, TextNode | None]:
    """A name and its arguments; an empty name where there is none."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.value, Mapping((), node.span)
    if isinstance(node, Mapping) and len(node) == 1:
        return node.entries[0].name, node.entries[0].value
    return "", None
