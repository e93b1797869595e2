"""The grammar of `layers:`: from nodes to layers and blocks of layers; and the layers of saved models in its terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from dataclasses import field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from lipbuild.config.blocks import BLOCKS
from lipbuild.config.decode import decode
from lipbuild.config.invalid import invalid
from lipbuild.config.names import split_name
from lipbuild.fields.registry import Names
from lipbuild.frozen import dataclass
from lipbuild.network.specs import LAYERS, LayerSpec
from lipbuild.network.specs.common import SORTING
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Fix
from lipbuild.text.nodes import Entry, Mapping, Scalar, Sequence, TextNode, kind, plain
from lipbuild.text.origin import Origin, SavedPlace
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span

# Blocks before layers: a layer that is not known is looked for in what is installed.
_KNOWN = Names(BLOCKS, LAYERS)

if TYPE_CHECKING:
    from lipbuild.config.blocks.block_spec import BlockSpec

Report = Callable[[Problem], None]


@dataclass(frozen=True)
class LayerUse:
    """One layer as a network uses it.

    Attributes:
        kind: The name that it is given, known or not.
        spec: What it says; None where the name is unknown or an argument is wrong.
        origin: The place of the name.
        whole: The place of the layer with its arguments.
        fields: The places of the arguments' values.
        known: Whether there is a layer of this name.
        values: The arguments of a layer that is not known.
    """

    kind: str
    spec: LayerSpec | None
    origin: Origin
    whole: Origin
    fields: Map[str, Origin] = field(default_factory=dict)
    known: bool = True
    values: Map[str, Any] = field(default_factory=dict)

    def place(self, name: str | None) -> Origin:
        """Where an argument stands; the layer's name where it is left out."""
        return self.fields.get(name, self.origin) if name is not None else self.origin


@dataclass(frozen=True)
class BlockUse:
    """A block as a config uses it: its header and the stacks inside it."""

    kind: str
    spec: BlockSpec
    origin: Origin
    stacks: tuple[tuple[Use, ...], ...]
    merge: LayerUse | None = None
    fields: Map[str, Origin] = field(default_factory=dict)


Use = LayerUse | BlockUse
Stack = tuple[Use, ...]


def layers_of(stack: Stack) -> Iterator[LayerUse]:
    """Every layer of a stack, those inside its blocks too, in the order of the text."""
    for use in stack:
        if isinstance(use, LayerUse):
            yield use
        else:
            for inner in use.stacks:
                yield from layers_of(inner)
            if use.merge is not None:
                yield use.merge


def decode_stack(node: TextNode, report: Report) -> Stack | None:
    """The layers of a list, or None if it is not a list. Wrong layers are reported and stay in it without a spec."""
    if not isinstance(node, Sequence):
        joined = isinstance(node, Scalar) and re.match(r"-\w", node.span.text)
        advice = (
            "put a space after each `-`" if joined else "write each layer on a line of its own, after a `-`"
        )
        message = f"`layers` takes a list of layers, and this is {kind(node)}"
        report(Problem("wrong-types", message, node.span, help=advice))
        return None
    uses: list[Use] = []
    for item in node.items:
        # An item that cannot be read is still some layer: nothing follows from the others alone.
        uses.append(_decode_use(item, report) or LayerUse("", None, item.span, item.span))
        if (after := _sorting_activation(item)) is not None:
            name, span = str(plain(after.value)), after.value.span
            uses.append(LayerUse(name, LAYERS[name](), span, span))
    return tuple(uses)


def _sorting_activation(node: TextNode) -> Entry | None:
    """The `activation: GroupSort2` of a layer, as deel-lip writes it: a layer of its own, which follows.

    None where the layer has a name, by which others may mean what it gives before that.
    """
    layer = node.entries[0] if isinstance(node, Mapping) and len(node) == 1 else None
    if layer is None or not isinstance(layer.value, Mapping) or layer.value.get("name") is not None:
        return None
    found, cls = layer.value.entry("activation"), LAYERS.get(layer.name)
    if found is None or not isinstance(found.value, Scalar) or found.value.value not in SORTING:
        return None
    # Where it has to be given, it is the layer.
    field = cls.model_fields.get("activation") if cls is not None else None
    return found if field is not None and not field.is_required() else None


def layer_of(kind: str, arguments: Map[str, Any], place: SavedPlace, report: Report) -> LayerUse:
    """A layer of a saved model in the terms of a config.

    Args:
        kind: Its name in a config, known or not.
        arguments: Its arguments.
        place: Where it stands in the model.
        report: Takes what is wrong with the arguments.
    """
    fields = {name: place.inside(name) for name in arguments}
    cls = LAYERS.get(kind)
    if cls is None:
        return LayerUse(kind, None, place, place, fields, known=False, values=arguments)
    values = dict(arguments)
    try:
        return LayerUse(kind, cls.model_validate(values), place, place, fields)
    except ValidationError as error:
        for item in invalid(error, values):
            name = str(item.loc[0]) if item.loc else ""
            rule = "missing-keys" if item.code == "missing" else "out-of-range-values"
            report(Problem(rule, f"`{name}` of `{kind}` {item.message}", fields.get(name, place)))
        return LayerUse(kind, None, place, place, fields)


def decode_branch(node: TextNode, report: Report) -> Stack | None:
    """The layers of a branch, or None if it is not a list of layers."""
    if isinstance(node, Sequence):
        return decode_stack(node, report)
    text = node.span.text
    # A single layer is most likely a branch of its own.
    plain = bool(text) and "\n" not in text and not text.startswith(("*", "&"))
    fix = Fix(f"write `[{text}]`", (Edit(node.span, f"[{text}]"),)) if plain else None
    report(
        Problem(
            "wrong-types",
            f"a branch is a list of layers, and this is {kind(node)}",
            node.span,
            help="put its layers in brackets, even a single one",
            fix=fix,
        )
    )
    return None


def _decode_use(node: TextNode, report: Report) -> Use | None:
    named = split_name(node, "layer", _KNOWN, report)
    if named is None:
        return None
    name, arguments = named
    text = str(name.value)
    if text in BLOCKS:
        return _decode_block(text, name, arguments, report)
    return _decode_layer(text, name, arguments, node, report)


def _decode_layer(text: str, name: Scalar, arguments: TextNode, node: TextNode, report: Report) -> LayerUse:
    cls, after = LAYERS.get(text), _sorting_activation(node)
    if after is not None and isinstance(arguments, Mapping):
        arguments = Mapping(tuple(entry for entry in arguments if entry is not after), arguments.span)
    fields = _fields(arguments)
    if cls is None:
        values = {e.name: plain(e.value) for e in arguments.entries} if isinstance(arguments, Mapping) else {}
        return LayerUse(text, None, name.span, node.span, fields, known=False, values=values)
    spec = decode(cls, arguments, f"`{text}`", report, at=name.span)
    return LayerUse(text, spec, name.span, node.span, fields)


def _decode_block(text: str, name: Scalar, arguments: TextNode, report: Report) -> BlockUse | None:
    spec = decode(BLOCKS[text], arguments, f"`{text}`", report, at=name.span)
    if not isinstance(arguments, Mapping):
        return None
    stacks: list[Stack | None] = []
    merge: LayerUse | None = None
    layers, branches, merge_node = (arguments.get(key) for key in ("layers", "branches", "merge"))
    if text == "Parallel":
        if isinstance(branches, Sequence):
            stacks = [decode_branch(item, report) for item in branches.items]
            if len(stacks) < 2:
                message = f"`Parallel` has at least two branches, and this one has {len(stacks)}"
                advice = "add one; an empty branch, `[]`, passes its input on"
                report(Problem("out-of-range-values", message, branches.span, help=advice))
                return None
        elif branches is not None:
            message = f"`branches` takes a list of lists of layers, and this is {kind(branches)}"
            report(Problem("wrong-types", message, branches.span))
        merge = _decode_merge(merge_node, report) if merge_node is not None else None
        if merge is None:
            return None
    elif layers is not None:
        stacks = [decode_stack(layers, report)]
    if spec is None or not stacks or None in stacks:
        return None
    inner = tuple(stack for stack in stacks if stack is not None)
    return BlockUse(text, spec, name.span, inner, merge, _fields(arguments))


def _decode_merge(node: TextNode, report: Report) -> LayerUse | None:
    use = _decode_use(node, report)
    if not isinstance(use, LayerUse):
        if use is not None:
            report(
                Problem("wrong-types", f"`merge` takes a merging layer, and `{use.kind}` is none", use.origin)
            )
        return None
    merges = [name for name, cls in LAYERS.items() if cls.merges]
    if use.known and use.kind not in merges:
        report(
            Problem(
                "wrong-types",
                f"`merge` takes a merging layer, and `{use.kind}` is none",
                use.origin,
                help=f"the merging layers are {', '.join(merges)}",
            )
        )
        return None
    if use.spec is not None and use.spec.inputs is not None:
        message = "the merge of a `Parallel` reads its branches"
        report(Problem("wrong-types", message, use.place("inputs"), help="remove `inputs`"))
        return None
    return use


def _fields(arguments: TextNode) -> dict[str, Span]:
    if not isinstance(arguments, Mapping):
        return {}
    return {
        e.name: e.value.span if e.value.span.end > e.value.span.start else e.key.span
        for e in arguments.entries
    }
