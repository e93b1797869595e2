"""A config as YAML again, with every parent, option, variable and default filled in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import yaml
from pydantic.fields import FieldInfo

from lipbuild.config.config import Config
from lipbuild.config.mix import MixSection
from lipbuild.config.sections import CheckpointSection, EarlyStoppingSection
from lipbuild.config.sources import SourceSpec
from lipbuild.config.split import SplitSection
from lipbuild.config.stack import BlockUse, Stack, Use
from lipbuild.fields.strict import Strict
from lipbuild.network.graph import Graph
from lipbuild.network.specs import LayerSpec
from lipbuild.text.nodes import PlainValue
from lipbuild.text.scalars import resolve
from lipbuild.text.written import Mark, WrittenText

# How a config is laid out.
_LAYOUT: dict[str, Any] = {
    "sort_keys": False,
    "allow_unicode": True,
    "width": 100,
    "default_flow_style": None,
}


def dump_config(
    config: Config, graph: Graph, silenced: Iterable[str] = (), *, beside: Path | None = None
) -> str:
    """The YAML text of a checked config. Reading it gives the same network, whatever defaults become.

    The input's shape, the coefficients that share the network's constant and what a loss derives from that are
    written out; files are named by their absolute paths, so that the text can be kept elsewhere, unless it is said
    where it is kept.

    Args:
        config: The config.
        graph: Its graph.
        silenced: The rules that its comments silence; a comment at the head silences them here too.
        beside: The folder that the text is kept in: a file that the config names by a relative path is named by the
            path from there, so that both can be moved together, and neither is looked for where it was before.
    """

    def place(path: str) -> str:
        absolute = (config.folder / path).resolve()
        if beside is not None and not Path(path).is_absolute():
            # Of another drive there is no relative path.
            with contextlib.suppress(ValueError):
                return os.path.relpath(absolute, beside.resolve())
        return str(absolute)

    model: dict[str, Any] = {}
    if config.model is not None:
        model["lipschitz"] = config.model.lipschitz
    layers = _stack(config.stack, graph.share)
    if not (isinstance(layers[0], dict) and "Input" in layers[0]):
        model["input"] = list(graph.input_shape)
    model["layers"] = layers
    if config.model is not None and config.model.monotone is not None:
        model["monotone"] = config.model.monotone
    if config.model is not None and config.model.outputs is not None:
        model["outputs"] = config.model.outputs
    tree: dict[str, Any] = {"name": config.name, "seed": config.seed, "model": model}
    if config.data is not None:

        def named(source: SourceSpec) -> Any:
            arguments = {**_fields(source), **{key: place(path) for key, path in source.files().items()}}
            return {source.source_name: arguments} if arguments else source.source_name

        data = _fields(config.data)
        if config.data.cache is not None:
            data["cache"] = place(config.data.cache)
        data["source"] = named(config.data.source)
        if config.data.mix is not None:
            data["mix"]["source"] = named(config.data.mix.source)
        tree["data"] = data
    if config.train is not None:
        loss = config.train.loss.on(graph)
        tree["train"] = _fields(config.train.model_copy(update={"loss": loss}))
    tree["certify"] = _fields(config.certify)
    tree["export"] = _fields(config.export)
    head = "".join(f"# lipbuild: ignore-file[{rule}] as in config.yaml\n" for rule in dict.fromkeys(silenced))
    text: str = yaml.dump(tree, Dumper=_YamlDumper, **_LAYOUT)
    return head + text


def written(name: str, value: PlainValue) -> WrittenText:
    """A value as a YAML text that knows its tree. What is marked as a variable (`${`) is one.

    Args:
        name: What the text is called in messages.
        value: Mappings and lists of text, numbers, truth values and nothing.
    """
    stream = StringIO()
    dumper = _MarkingDumper(stream, **_LAYOUT)
    dumper.open()
    dumper.represent(value)
    dumper.close()
    return WrittenText(name, stream.getvalue(), value, dumper.marks)


def flow(value: Any) -> str:
    """A value as YAML 1.2 on one line."""
    text: str = yaml.dump(
        value,
        Dumper=_YamlDumper,
        **{**_LAYOUT, "width": 1_000_000, "default_flow_style": True},
    )
    return text.removesuffix("\n").removesuffix("...").strip()


class _YamlDumper(yaml.SafeDumper):
    """Plain YAML 1.2 without aliases: text is quoted where it would be read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never an alias."""
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        """A mapping, whose keys are read as they stand."""
        verbatim = {_Key(key) if isinstance(key, str) else key: value for key, value in mapping.items()}
        return super().represent_mapping(tag, verbatim, flow_style)

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """The tag that an unquoted scalar is read with."""
        if kind is not yaml.ScalarNode or not implicit[0]:
            return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]
        # Unquoted it would be a merge key.
        return "tag:yaml.org,2002:merge" if value == "<<" else _TAGS[type(resolve(value))]


class _Key(str):
    """A key of a mapping, in which `${` starts no variable."""


_TAGS: dict[type, str] = {
    bool: "tag:yaml.org,2002:bool",
    int: "tag:yaml.org,2002:int",
    float: "tag:yaml.org,2002:float",
    str: "tag:yaml.org,2002:str",
    type(None): "tag:yaml.org,2002:null",
}


def _represent_float(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    return dumper.represent_scalar(_TAGS[float], repr(value))


def _represent_verbatim(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # Line breaks and what cannot be seen survive in double quotes alone.
    style = '"' if any(not character.isprintable() for character in value) else None
    return dumper.represent_scalar(_TAGS[str], str(value), style=style)


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # `${` would be read as the start of a variable.
    return _represent_verbatim(dumper, value.replace("${", "$${"))


_YamlDumper.add_representer(float, _represent_float)
_YamlDumper.add_representer(str, _represent_text)
_YamlDumper.add_representer(_Key, _represent_verbatim)


class _MarkingDumper(_YamlDumper):
    """Keeps the places of what it writes."""

    def __init__(self, stream: StringIO, **layout: Any) -> None:
        super().__init__(stream, **layout)
        self.page = stream
        self.marks: list[Mark] = []

    def process_scalar(self) -> None:
        """Write a key, or a value without parts."""
        start = self.page.tell()
        super().process_scalar()
        self._mark(start)

    def write_indicator(self, indicator: str, *arguments: Any, **keywords: Any) -> None:
        """Write a sign of YAML, such as a bracket."""
        start = self.page.tell()
        super().write_indicator(indicator, *arguments, **keywords)
        if indicator in "[]{}":
            self._mark(start)

    def expect_block_sequence(self) -> None:
        """Begin a list without brackets."""
        self._mark(self.page.tell())
        super().expect_block_sequence()

    def expect_block_mapping(self) -> None:
        """Begin a mapping without brackets."""
        self._mark(self.page.tell())
        super().expect_block_mapping()

    def _mark(self, start: int) -> None:
        self.marks.append((start, self.page.tell()))


_MarkingDumper.add_representer(str, _represent_verbatim)


def _stack(stack: Stack, share: float) -> list[Any]:
    return [_use(use, share) for use in stack]


def _use(use: Use, share: float) -> Any:
    if not isinstance(use, BlockUse):
        assert use.spec is not None
        return _layer(use.spec, share)
    header = {k: v for k, v in _fields(use.spec).items() if k not in ("layers", "branches", "merge")}
    stacks = [_stack(inner, share) for inner in use.stacks]
    if use.merge is not None and use.merge.spec is not None:
        return {use.kind: {**header, "branches": stacks, "merge": _layer(use.merge.spec, share)}}
    return {use.kind: {**header, "layers": stacks[0]}}


def _layer(spec: LayerSpec, share: float) -> Any:
    arguments = _fields(spec)
    if spec.shares_budget and "k_coef_lip" not in arguments:
        arguments["k_coef_lip"] = share
        # In the order of the fields, so that reading the text and writing it again changes nothing.
        arguments = {name: arguments[name] for name in type(spec).model_fields if name in arguments}
    return {spec.kind: arguments} if arguments else spec.kind


def _fields(section: Strict) -> dict[str, Any]:
    """The keys of a section that have a value, and those without one that would else have a default."""
    return {
        name: _plain(getattr(section, name))
        for name, field in type(section).model_fields.items()
        if getattr(section, name) is not None or _has_default(field)
    }


def _has_default(field: FieldInfo) -> bool:
    return not field.is_required() and field.get_default(call_default_factory=False) is not None


def _plain(value: Any) -> Any:
    if isinstance(value, SourceSpec):
        return value.source_name
    if isinstance(value, (EarlyStoppingSection, CheckpointSection, MixSection, SplitSection)):
        return _fields(value)
    if isinstance(value, Strict):
        arguments = _fields(value)
        return {type(value).__name__: arguments} if arguments else type(value).__name__
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
