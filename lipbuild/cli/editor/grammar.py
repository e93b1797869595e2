"""What may stand at a place of a config: the keys of a section, one of several names, a word, a list of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from lipbuild.config.blocks import BLOCKS
from lipbuild.config.decode import choice_of, section_class
from lipbuild.config.sections import ConfigSection, ModelSection
from lipbuild.config.sweep.range import Range
from lipbuild.config.sweep.section import SweepSection
from lipbuild.fields.one_of import OneOf
from lipbuild.fields.strict import Strict
from lipbuild.network.specs import LAYERS

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Keys:
    """A mapping with the keys of a section."""

    section: type[Strict]


@dataclass(frozen=True, eq=False)
class Names:
    """One of several names, alone or with its arguments."""

    classes: Mapping[str, type[Strict]]


@dataclass(frozen=True)
class Words:
    """One of several words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Items:
    """A list."""

    of: Place


@dataclass(frozen=True)
class LayerNames:
    """The name of a layer of this config."""


@dataclass(frozen=True)
class Ranges:
    """A mapping of paths to the ranges that a sweep tries of them, or to choices."""


@dataclass(frozen=True)
class Value:
    """Anything else: a number, a text."""


Place = Keys | Names | Words | Items | LayerNames | Ranges | Value

_LAYER = Names({**LAYERS, **BLOCKS})


def place_at(steps: Steps) -> Place | None:
    """What may stand where these keys and list positions lead; None where they lead nowhere."""
    place: Place | None = Keys(ConfigSection)
    for step in steps:
        place = _descend(place, step)
        if place is None:
            return None
    return place


def field_at(steps: Steps) -> FieldInfo | None:
    """The key that the last step is, if it is one of a section."""
    if not steps or not isinstance(steps[-1], str):
        return None
    parent = place_at(steps[:-1])
    return parent.section.model_fields.get(steps[-1]) if isinstance(parent, Keys) else None


def _descend(place: Place | None, step: str | int) -> Place | None:
    if isinstance(place, Items):
        return place.of if isinstance(step, int) else None
    if isinstance(place, Ranges):
        return Keys(Range)
    if isinstance(place, Names) and step in place.classes:
        return Keys(place.classes[str(step)])
    if isinstance(place, Keys) and step in place.section.model_fields:
        return _of_key(place.section, str(step))
    return None


def _of_key(section: type[Strict], name: str) -> Place:
    field = section.model_fields[name]
    if section is ConfigSection and name == "model":
        return Keys(ModelSection)
    if section is SweepSection and name == "space":
        return Ranges()
    if name == "layers":
        return Items(_LAYER)
    if name == "branches":
        return Items(Items(_LAYER))
    if name == "merge":
        return Names({kind: cls for kind, cls in LAYERS.items() if cls.merges})
    if name == "inputs" or (section is ModelSection and name == "outputs"):
        return Items(LayerNames())
    choice = choice_of(field)
    if choice is not None:
        return Items(Names(choice.classes)) if choice.many else Names(choice.classes)
    inner = section_class(field)
    if inner is not None:
        return Keys(inner)
    return _of_type(field.annotation, tuple(field.metadata))


def _of_type(annotation: Any, extras: tuple[Any, ...] = ()) -> Place:
    for extra in extras:
        if isinstance(extra, OneOf):
            return Words(tuple(extra.names))
    origin = get_origin(annotation)
    if origin is Annotated:
        kind, *more = get_args(annotation)
        return _of_type(kind, tuple(more))
    if annotation is bool:
        return Words(("true", "false"))
    if origin is Literal:
        return Words(tuple(map(str, get_args(annotation))))
    if origin is list:
        return Items(_of_type(get_args(annotation)[0]))
    if origin is Union or origin is UnionType:
        places = map(_of_type, get_args(annotation))
        return next((place for place in places if place != Value()), Value())
    return Value()
