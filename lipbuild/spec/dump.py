"""A config as YAML again, with every parent, option, variable and default filled in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from lipbuild.source.scalars import resolve
from lipbuild.spec.config import Config
from lipbuild.spec.graph import Graph
from lipbuild.spec.layers import LayerSpec
from lipbuild.spec.sections import CheckpointSection, EarlyStoppingSection
from lipbuild.spec.sources import SourceSpec
from lipbuild.spec.stack import BlockUse, Stack, Use
from lipbuild.spec.strict import Strict


def dump_config(config: Config, graph: Graph, silenced: Iterable[str] = ()) -> str:
    """The YAML text of a checked config. Reading it gives the same network, whatever defaults become.

    The input's shape and the coefficients that share the network's constant are written out; files are named
    by their absolute paths, so that the text can be kept elsewhere.

    Args:
        config: The config.
        graph: Its graph.
        silenced: The rules that its comments silence; a comment at the head silences them here too.
    """
    model: dict[str, Any] = {"lipschitz": graph.lipschitz}
    layers = _stack(config.stack, graph.share)
    if not (isinstance(layers[0], dict) and "Input" in layers[0]):
        model["input"] = list(graph.input_shape)
    model["layers"] = layers
    if config.model is not None and config.model.outputs is not None:
        model["outputs"] = config.model.outputs
    tree: dict[str, Any] = {"name": config.name, "seed": config.seed, "model": model}
    if config.data is not None:
        data = _fields(config.data)
        source = config.data.source
        arguments = {
            **_fields(source),
            **{k: str((config.folder / v).resolve()) for k, v in source.files().items()},
        }
        data["source"] = {source.source_name: arguments} if arguments else source.source_name
        tree["data"] = data
    if config.train is not None:
        tree["train"] = _fields(config.train)
    tree["certify"] = _fields(config.certify)
    tree["export"] = _fields(config.export)
    head = "".join(f"# lipbuild: ignore-file[{rule}] as in config.yaml\n" for rule in dict.fromkeys(silenced))
    text: str = yaml.dump(
        tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )
    return head + text


class _Dumper(yaml.SafeDumper):
    """Plain YAML 1.2 without aliases: text is quoted where it would be read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never an alias."""
        return True

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """The tag that an unquoted scalar is read with."""
        if kind is not yaml.ScalarNode or not implicit[0]:
            return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]
        return _TAGS[type(resolve(value))]


_TAGS: dict[type, str] = {
    bool: "tag:yaml.org,2002:bool",
    int: "tag:yaml.org,2002:int",
    float: "tag:yaml.org,2002:float",
    str: "tag:yaml.org,2002:str",
    type(None): "tag:yaml.org,2002:null",
}


def _represent_float(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    return dumper.represent_scalar(_TAGS[float], repr(value))


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # `${` would be read as the start of a variable.
    return dumper.represent_scalar(_TAGS[str], value.replace("${", "$${"))


_Dumper.add_representer(float, _represent_float)
_Dumper.add_representer(str, _represent_text)


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
    return {spec.kind: arguments} if arguments else spec.kind


def _fields(section: Strict) -> dict[str, Any]:
    """The keys of a section that have a value."""
    return {
        name: _plain(getattr(section, name))
        for name in type(section).model_fields
        if getattr(section, name) is not None
    }


def _plain(value: Any) -> Any:
    if isinstance(value, SourceSpec):
        return value.source_name
    if isinstance(value, (EarlyStoppingSection, CheckpointSection)):
        return _fields(value)
    if isinstance(value, Strict):
        arguments = _fields(value)
        return {type(value).__name__: arguments} if arguments else type(value).__name__
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
