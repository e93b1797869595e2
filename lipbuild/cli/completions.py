"""What an editor offers at a place of a config: layers, keys, names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lipbuild.source.text import SourceText
from lipbuild.spec.activations import ALLOWED
from lipbuild.spec.layers import LAYERS
from lipbuild.spec.losses import LOSSES
from lipbuild.spec.optimizers import OPTIMIZERS
from lipbuild.spec.sections import (
    CertifySection,
    ConfigSection,
    DataSection,
    ExportSection,
    ModelSection,
    TrainSection,
)
from lipbuild.spec.sources import SOURCES
from lipbuild.spec.stack import BLOCKS
from lipbuild.spec.strict import Strict

_SECTIONS: dict[str, type[Strict]] = {
    "model": ModelSection,
    "data": DataSection,
    "train": TrainSection,
    "certify": CertifySection,
    "export": ExportSection,
}
_NAMES: dict[str, Mapping[str, Any]] = {
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "source": SOURCES,
    "activation": dict.fromkeys(ALLOWED),
}
_ITEM = re.compile(r"(^\s*-\s+|layers:\s*\[([^\[\]]*,)?\s*)\w*$")
_INSIDE = re.compile(r"(?P<name>\w+):\s*\{(?P<given>[^{}]*?)\w*$")
_VALUE = re.compile(r"(?P<key>loss|optimizer|source|activation):\s*\{?\s*\w*$")
_KEY = re.compile(r"^\s*\w*$")


@dataclass(frozen=True)
class Offer:
    """One thing that may be written.

    Attributes:
        label: What is shown.
        text: What is written.
        documentation: What it means.
    """

    label: str
    text: str
    documentation: str


def completions(source: SourceText, offset: int) -> list[Offer]:
    """What may be written at an offset."""
    line, column = source.position(offset)
    before = source.line(line)[: column - 1]
    classes = {**LAYERS, **BLOCKS}
    value = _VALUE.search(before)
    if value is not None:
        return _names(_NAMES[value["key"]])
    if _ITEM.search(before):
        return _names(classes)
    inside = _INSIDE.search(before)
    if inside is not None:
        cls = classes.get(inside["name"]) or _SECTIONS.get(inside["name"])
        return _keys(cls, re.findall(r"(\w+)\s*:", inside["given"])) if cls is not None else []
    if _KEY.match(before):
        return _keys_of_block(source, line, len(before) - len(before.lstrip()))
    return []


def _keys_of_block(source: SourceText, line: int, indent: int) -> list[Offer]:
    """The keys of the mapping that a line belongs to by its indentation."""
    if indent == 0:
        return _keys(ConfigSection, ())
    for number in range(line - 1, 0, -1):
        text = source.line(number)
        stripped = text.strip()
        if not stripped or stripped.startswith("#") or len(text) - len(text.lstrip()) >= indent:
            continue
        name = stripped.removeprefix("- ").partition(":")[0].strip()
        cls = _SECTIONS.get(name) or {**LAYERS, **BLOCKS}.get(name)
        return _keys(cls, ()) if cls is not None else []
    return []


def _names(classes: Mapping[str, Any]) -> list[Offer]:
    return [
        Offer(name, _snippet(name, cls), (cls.__doc__ or "").strip() if cls else "")
        for name, cls in classes.items()
    ]


def _snippet(name: str, cls: Any) -> str:
    """The name, with the arguments that it needs left to fill in."""
    needed = [key for key, field in getattr(cls, "model_fields", {}).items() if field.is_required()]
    if not needed:
        return name
    return f"{name}: {{{', '.join(f'{key}: ${i}' for i, key in enumerate(needed, 1))}}}"


def _keys(cls: type[Strict], given: Iterable[str]) -> list[Offer]:
    taken = set(given)
    return [
        Offer(name, f"{name}: ", field.description or "")
        for name, field in cls.model_fields.items()
        if name not in taken
    ]
