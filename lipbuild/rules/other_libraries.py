"""A layer as PyTorch or Keras writes it, in the words that its substitutes here take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from pydantic import ValidationError

from lipbuild.config.blocks import BLOCKS
from lipbuild.config.hints import not_here, other_name, synonym
from lipbuild.config.names import arguments_of_call
from lipbuild.config.stack import BlockUse, LayerUse, Stack
from lipbuild.network.activations import CONSTANTS
from lipbuild.network.specs import LAYERS
from lipbuild.network.specs.refused import REFUSED, Refused, Substitute
from lipbuild.text.span import Span
from lipbuild.text.suggest import nearest

# The order in which a call gives its arguments.
_CONVOLUTION = ("out_channels", "kernel_size", "stride", "padding")
_POOLING = ("kernel_size", "stride", "padding")
_POSITIONS = {
    "Linear": ("in_features", "out_features", "bias"),
    "LazyLinear": ("out_features", "bias"),
    **dict.fromkeys(("Conv1d", "Conv2d", "ConvTranspose2d"), ("in_channels", *_CONVOLUTION)),
    **dict.fromkeys(("LazyConv1d", "LazyConv2d", "LazyConvTranspose2d"), _CONVOLUTION),
    **dict.fromkeys(("AvgPool1d", "AvgPool2d", "MaxPool1d", "MaxPool2d"), _POOLING),
    "AdaptiveAvgPool2d": ("output_size",),
    "Flatten": ("start_dim", "end_dim"),
    "LeakyReLU": ("negative_slope",),
    "PixelShuffle": ("pool_size",),
    "PixelUnshuffle": ("pool_size",),
    "Dense": ("units", "activation"),
    **dict.fromkeys(
        ("Conv1D", "Conv2D", "Conv2DTranspose"), ("filters", "kernel_size", "strides", "padding")
    ),
    **dict.fromkeys(
        ("AveragePooling2D", "MaxPooling1D", "MaxPooling2D"), ("pool_size", "strides", "padding")
    ),
}
# The one argument of `Name: 10`.
_ALONE = ("units", "filters", "pool_size", "padding")
# Arguments of PyTorch that ask for what is so here anyway: their values; any where empty.
_ANYHOW: dict[str, tuple[str, ...]] = {
    "inplace": (),
    "num_parameters": (),
    "start_dim": ("1",),
    "end_dim": ("-1",),
    "dim": ("1", "-1"),
    "dilation": ("1",),
    "groups": ("1",),
    "padding_mode": ("zeros", "'zeros'", '"zeros"'),
    "output_size": ("1", "[1, 1]", "[1,1]"),
    "output_padding": ("0",),
    "ceil_mode": ("false",),
    "return_indices": ("false",),
    "count_include_pad": ("true",),
}
_SORTING = Substitute(
    "GroupSort2", "`GroupSort2`, which keeps the norm of every gradient", only=("name", "inputs")
)
_KNOWN = Refused("", "")


class Meant(NamedTuple):
    """What another library's layer is here.

    Attributes:
        kind: The layer of lipbuild, or the one of Keras that is refused.
        arguments: Its arguments as YAML, by the names that they have here; None where one has none.
    """

    kind: str
    arguments: Mapping[str, str] | None

    @property
    def instead(self) -> tuple[Substitute, ...]:
        """The layers of lipbuild that may stand for it, the one that certifies most first."""
        return _instead(self.kind)


def meant_by(use: LayerUse) -> Meant | None:
    """What a layer is that is not known by its name; None where it is nothing that another library has.

    Args:
        use: The layer.
    """
    name, given = use.kind, _given(use)
    call = arguments_of_call(name)
    if call is not None:
        name, in_order, by_name = call
        positions = _POSITIONS.get(name.rpartition(".")[2], ())
        given = {**dict(zip(positions, in_order)), **by_name} if len(in_order) <= len(positions) else None
    last = name.rpartition(".")[2]
    kind = _kind(name, last)
    if kind is None:
        function = _folded(last)
        names = {_folded(known): known for known in CONSTANTS}
        if last == name or function not in names:
            return None
        return Meant("Activation", {"activation": names[function]})
    return Meant(kind, None if given is None else _in_our_words(kind, given))


def read_as_keras(stack: Stack) -> Iterator[LayerUse | BlockUse]:
    """The stack with Keras's layers, or ours, in the place of those that another library calls otherwise.

    Args:
        stack: The layers of a config.
    """
    for use in stack:
        if isinstance(use, BlockUse):
            yield replace(use, stacks=tuple(tuple(read_as_keras(inner)) for inner in use.stacks))
        elif use.known or use.kind in REFUSED:
            yield use
        else:
            yield _as_keras(use)


def _instead(kind: str) -> tuple[Substitute, ...]:
    refused = REFUSED.get(kind)
    if refused is None:
        return (Substitute(kind),)
    return (_SORTING,) if refused.function else refused.instead


def _as_keras(use: LayerUse) -> LayerUse:
    meant = meant_by(use)
    if meant is None:
        # Some shape is better than none for the layers after it.
        near, given = nearest(use.kind, [*LAYERS, *REFUSED]), _given(use)
        if near is None or given is None:
            return use
        meant = Meant(near, _in_our_words(near, given))
    if meant.arguments is None:
        return use
    import yaml

    try:
        values = {key: yaml.safe_load(value) for key, value in meant.arguments.items()}
        if meant.kind not in LAYERS:
            return replace(use, kind=meant.kind, values=values)
        spec = LAYERS[meant.kind].model_validate(values)
    except (ValidationError, yaml.YAMLError):
        return use
    return replace(use, kind=meant.kind, known=True, spec=spec)


def _kind(name: str, last: str) -> str | None:
    lazy = last.startswith("Lazy")
    meant = other_name(f"nn.{last.removeprefix('Lazy')}" if lazy else name, [*LAYERS, *REFUSED, *BLOCKS])
    if meant is None:
        # Keras's `Conv2D` as PyTorch writes it, `Conv2d`.
        meant = next((other for other in REFUSED if other.lower() == last.lower()), None)
    return None if meant in BLOCKS else meant


def _folded(name: str) -> str:
    return name.lower().replace("_", "")


def _given(use: LayerUse) -> dict[str, str] | None:
    """The arguments of a layer as they are written; None where that is not plain."""
    whole = use.whole
    if not isinstance(whole, Span) or set("#&*") & set(whole.text):
        return None
    if use.fields:
        texts = {name: place.text for name, place in use.fields.items() if isinstance(place, Span)}
        return texts if len(texts) == len(use.fields) else None
    if whole.text.strip("{}: ") == use.kind:
        return {}
    alone = re.fullmatch(r"\{?\S+:\s+(\d+)\}?", whole.text)
    return {"": alone[1]} if alone is not None else None


def _in_our_words(kind: str, given: Mapping[str, str]) -> dict[str, str] | None:
    """Arguments by their names here; None where one of them has no counterpart."""
    substitutes = _instead(kind)
    keys = {key for other in substitutes for key in LAYERS[other.kind].model_fields}
    # Nothing of it is needed where nothing takes its place.
    is_needed = bool(substitutes) and not REFUSED.get(kind, _KNOWN).function
    paddings = _paddings(given, kind.endswith("Transpose"))
    if paddings is None:
        return None
    found = {}
    for name, value in paddings.items():
        if name == "":
            key = next((key for key in _ALONE if key in keys), None)
            said = kind.startswith("Global") and value == "1"
        else:
            key = name if name in keys else synonym(name, keys)
            said = bool(not_here(name)) or (name in _ANYHOW and value in (_ANYHOW[name] or (value,)))
        if key is not None:
            found[key] = value
        elif is_needed and not said:
            return None
    return found


def _paddings(given: Mapping[str, str], transposed: bool) -> dict[str, str] | None:
    """PyTorch's numbers of rows that are added on each side, as `same` or `valid`; None where it is neither."""
    found = dict(given)
    # Keras has a word for it, where it is not zero.
    written = found.get("padding", "0" if "out_channels" in found else "")
    sizes, strides = _numbers(found.get("kernel_size", "")), _numbers(found.get("stride", "1"))
    around = [2 * rows for rows in _numbers(written)]
    if not (sizes and strides and around):
        return found
    count = max(map(len, (sizes, strides, around)))
    sizes, strides, around = (one * (count // len(one)) for one in (sizes, strides, around))
    if transposed:
        more = _numbers(found.pop("output_padding", "0")) * count
        found.pop("padding", None)
        # So many rows come of each row.
        fits = all(k - a + o == s for k, a, o, s in zip(sizes, around, more, strides))
        return found if fits else None
    if "padding" in found:
        found["padding"] = "same" if any(around) else "valid"
    return found if not any(around) or all(k == a + 1 for k, a in zip(sizes, around)) else None


def _numbers(written: str) -> list[int]:
    """One number, or a list of them; empty for anything else."""
    plain = re.fullmatch(r"\d+|\[ *\d+( *, *\d+)* *\]", written)
    return [int(number) for number in re.findall(r"\d+", written)] if plain is not None else []
