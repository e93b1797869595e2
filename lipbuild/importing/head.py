"""What a saved model does to its input before its first layer: preprocessing and augmentation in a config."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from lipbuild.config.choices import AUGMENTATION
from lipbuild.config.preprocessing import PREPROCESSING
from lipbuild.errors import RefusedError
from lipbuild.importing.change import Change
from lipbuild.importing.saved_graph import SavedGraph, SavedLayer
from lipbuild.network.graph_node import INPUT
from lipbuild.network.shapes import Shape, ShapeError
from lipbuild.network.specs.refused import REFUSED
from lipbuild.saved.saved import Stored

_RULE = "unsafe-data-augmentation"
# `GaussianNoise` behind other layers does not augment data.
_AUGMENTS = {"GaussianNoise", *(kind for kind, refused in REFUSED.items() if refused.rule == _RULE)}
# What the rules take out wherever it stands: behind it the head may go on.
_DROPPED = {
    kind: refused for kind, refused in REFUSED.items() if refused.rule == "dropout" and kind not in _AUGMENTS
}
_LEAST_STD = 1e-6
# keras.config.epsilon(): the least deviation that Keras divides by.
_EPSILON = 1e-7

Step = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Head:
    """What becomes the `data` section of a config.

    Attributes:
        preprocess: The steps of `data.preprocess`, each a name with its arguments.
        augment: The steps of `data.augment`.
        changes: How they differ from the model's layers.
        graph: The rest of the model, whose input is what the preprocessing makes.
    """

    preprocess: tuple[Step, ...]
    augment: tuple[Step, ...]
    changes: tuple[Change, ...]
    graph: SavedGraph


def take_head(graph: SavedGraph, weights: Mapping[str, Stored]) -> Head:
    """Take scaling, resizing and augmentation from the start of a model, up to the first other layer.

    `Normalization` with its statistics, `Rescaling`, `Resizing` and `CenterCrop` become the preprocessing, whose
    constant counts. What is random becomes `data.augment` where there is a step of the same meaning, and is dropped
    otherwise; both only act in training, so the model's answers stay.

    Args:
        graph: The saved model.
        weights: Its weights by layer.

    Raises:
        RefusedError: A `Normalization` has no statistics, or a layer does what no step of a config does.
    """
    try:
        return _head(graph, weights)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RefusedError(f"the model's configuration cannot be read: {error!r:.300}") from None


def _head(graph: SavedGraph, weights: Mapping[str, Stored]) -> Head:
    taker = _Taker(graph.input_shape)
    layers = list(graph.layers)
    while layers and layers[0].inputs == (INPUT,) and layers[0].name not in graph.outputs:
        first, rest = layers[0], layers[1:]
        if any(INPUT in layer.inputs for layer in rest) or not taker.take(first, weights.get(first.name, {})):
            break
        layers = [
            replace(layer, inputs=tuple(INPUT if name == first.name else name for name in layer.inputs))
            for layer in rest
        ]
    rest_of_it = replace(graph, input_shape=taker.shape, layers=tuple(layers))
    return Head(tuple(taker.preprocess), tuple(taker.augment), tuple(taker.changes), rest_of_it)


@dataclass
class _Taker:
    shape: Shape
    preprocess: list[Step] = field(default_factory=list)
    augment: list[Step] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    # What the preprocessing so far makes of a value x: factor·x + offset; None where it does more.
    affine: tuple[float, float] | None = (1.0, 0.0)

    def take(self, layer: SavedLayer, own: Stored) -> bool:
        """Take one layer; whether it is one that can be taken."""
        affine = layer.affine() if layer.package in ("keras", "keras.ops") else None
        if affine is not None:
            self.scaling(layer, np.array(affine[0]), np.array(affine[1]))
            return True
        if layer.package != "keras" or layer.around:
            return False
        if layer.config.get("data_format") == "channels_first":
            return False
        if layer.kind == "Normalization":
            self.normalization(layer, own)
        elif layer.kind == "Rescaling":
            self.rescaling(layer)
        elif layer.kind == "Resizing":
            self.resizing(layer)
        elif layer.kind == "CenterCrop":
            self.step(layer, "CenterCrop", _kept(layer, "height", "width"))
            self.affine = None
        elif layer.kind in _AUGMENTS:
            self.augmentation(layer)
        elif layer.kind in _DROPPED:
            self.change(
                layer, f"`{layer.kind}` removed", f"it {_DROPPED[layer.kind].why}", "dropout", dropped=True
            )
        else:
            return False
        return True

    def step(self, layer: SavedLayer, kind: str, arguments: dict[str, Any]) -> None:
        """A step of the preprocessing, which has to fit the shape before it."""
        try:
            for spec in PREPROCESSING[kind].model_validate(arguments).unfold(self.shape):
                self.shape = spec.output_shape(self.shape)
        except ShapeError as error:
            advice = error.help or "save the model with an input of a fixed size"
            raise RefusedError(f"`{layer.name}`: {error.message}", advice) from None
        except ValidationError as error:
            found = error.errors()[0]
            place = ".".join(str(part) for part in found["loc"])
            raise RefusedError(
                f"`{layer.name}` cannot be a `{kind}` of `data.preprocess`: {place}: {found['msg']}",
                "prepare the data before the network is given it, and save the model without this layer",
            ) from None
        self.preprocess.append({kind: arguments})
        why = "its constant counts, and radii stay in the units of the data"
        self.change(layer, f"moved to `data.preprocess`{f' as `{kind}`' if kind != layer.kind else ''}", why)

    def normalization(self, layer: SavedLayer, own: Stored) -> None:
        mean, variance, axis = self.statistics(layer, own)
        deviation = np.sqrt(variance)
        if layer.config.get("mean") is None and not mean.any() and (variance == 1.0).all():
            why = "its mean is 0 and its variance 1, as before `adapt`: it changes nothing"
            self.change(layer, "`Normalization` left out", why, dropped=True)
            return
        if layer.config.get("invert"):
            inverse = {"scale": _plain(np.maximum(deviation, _EPSILON)), "offset": _plain(mean)}
            self.step(layer, "Rescaling", inverse)
            self.compose(np.maximum(deviation, _EPSILON), mean)
            return
        arguments: dict[str, Any] = {"axis": axis, "mean": _plain(mean), "variance": _plain(variance)}
        if axis == -1:
            del arguments["axis"]
        least = float(deviation.min())
        if least < _LEAST_STD:
            arguments["least_std"] = _LEAST_STD
        self.step(layer, "Normalization", arguments)
        if least < _LEAST_STD:
            what = f"the deviation {least:.3g} counts as {_LEAST_STD:g}"
            why = "a config divides by no less; leave out what never varies, or raise `least_std`"
            self.changes.append(Change(layer.name, what, why, kind=layer.kind, option="variance"))
        divisor = np.maximum(deviation, _LEAST_STD)
        self.compose(1.0 / divisor, -mean / divisor)

    def statistics(
        self, layer: SavedLayer, own: Stored
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], int | None]:
        """Mean, variance and the axis that they are taken along: -1, or None for all values together."""
        axis = layer.config.get("axis")
        axes = [] if axis is None else [axis] if isinstance(axis, int) else list(axis)
        rank = len(self.shape) + 1
        if len(axes) > 1 or any(a % rank != rank - 1 for a in axes):
            raise RefusedError(
                f"`{layer.name}` normalises along the axes {axes}, and a config along the last or all together",
                "adapt a `Normalization(axis=-1)` or `Normalization(axis=None)`, and save the model with that",
            )
        if layer.config.get("mean") is not None:
            found = layer.config["mean"], layer.config.get("variance")
        else:
            found = own.get("0"), own.get("1")
        if found[0] is None or found[1] is None:
            raise RefusedError(
                f"`{layer.name}` has no statistics in the file",
                "call `adapt` and build the model before it is saved, or give `mean` and `variance`",
            )
        mean, variance = (_numbers(layer, values) for values in found)
        if mean.shape != variance.shape or mean.ndim > 1 or (variance < 0.0).any():
            raise RefusedError(f"the statistics of `{layer.name}` are not means and variances of one axis")
        return mean, variance, -1 if axes else None

    def rescaling(self, layer: SavedLayer) -> None:
        scale, offset = (_numbers(layer, layer.config.get(key, 0.0)) for key in ("scale", "offset"))
        if scale.ndim > 1 or offset.ndim > 1:
            raise RefusedError(
                f"`{layer.name}` has a scale for each value, and a config one for each value of the last axis",
                "scale the data before the network is given it, and save the model without this layer",
            )
        self.scaling(layer, scale, offset)

    def scaling(self, layer: SavedLayer, scale: NDArray[np.float64], offset: NDArray[np.float64]) -> None:
        arguments = {"scale": _plain(scale)}
        if offset.any():
            arguments["offset"] = _plain(offset)
        self.step(layer, "Rescaling", arguments)
        self.compose(scale, offset)

    def resizing(self, layer: SavedLayer) -> None:
        config = layer.config
        interpolation = config.get("interpolation", "bilinear")
        options = ("crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias")
        given = [f"{key}=True" for key in options if config.get(key)]
        if interpolation not in ("bilinear", "nearest"):
            given.append(f"interpolation={interpolation!r}")
        if given:
            raise RefusedError(
                f"`{layer.name}` resizes with {', '.join(given)}, and a config by `bilinear` or `nearest` alone",
                "resize the data before the network is given it, and save the model without this layer",
            )
        arguments = _kept(layer, "height", "width")
        if interpolation != "bilinear":
            arguments["interpolation"] = interpolation
        self.step(layer, "Resizing", arguments)
        self.affine = None

    def compose(self, factor: NDArray[np.float64], offset: NDArray[np.float64]) -> None:
        """Let the preprocessing multiply and add besides."""
        factor, offset = np.unique(factor), np.unique(offset)
        if self.affine is None or factor.size > 1 or offset.size > 1 or factor[0] == 0.0:
            self.affine = None
            return
        before = self.affine
        self.affine = float(factor[0]) * before[0], float(factor[0]) * before[1] + float(offset[0])

    def augmentation(self, layer: SavedLayer) -> None:
        """A step of `data.augment`, whose numbers are in the units of the data, or nothing."""
        kind = layer.kind
        if kind not in AUGMENTATION:
            self.drop(layer, "`data.augment` has none like it")
        elif kind in ("RandomFlip", "MixUp"):
            self.random(layer, kind, _kept(layer, "mode", "alpha"))
        elif self.affine is None:
            self.drop(layer, "it stands behind layers that `data.augment` comes before")
        elif kind == "GaussianNoise":
            self.random(layer, kind, {"stddev": float(layer.config["stddev"]) / abs(self.affine[0])})
        elif kind == "RandomTranslation":
            factors = {key: _greatest(layer.config[key]) for key in ("height_factor", "width_factor")}
            lost = ["fill_mode"] if layer.config.get("fill_mode", "reflect") != "constant" else []
            self.random(layer, kind, {**factors, **self.fill(layer)}, lost)
        elif kind == "RandAugment":
            low, high = ((float(v) - self.affine[1]) / self.affine[0] for v in layer.config["value_range"])
            arguments = {**_kept(layer, "num_ops"), "factor": _greatest(layer.config["factor"])}
            self.random(layer, kind, {**arguments, "value_range": [min(low, high), max(low, high)]})
        elif kind == "RandomErasing":
            least, greatest = _pair(layer.config.get("factor", 1.0))
            arguments = {"factor": (least + greatest) / 2, "scale": list(_pair(layer.config["scale"]))}
            lost = ["fill_value"] if layer.config.get("fill_value") is None else []
            self.random(layer, kind, {**arguments, **self.fill(layer)}, lost)
        else:
            self.crop(layer)

    def crop(self, layer: SavedLayer) -> None:
        """A random window: an image moved at random, and its middle."""
        size = _kept(layer, "height", "width")
        wanted = size["height"], size["width"]
        if self.shape[:2] == wanted:
            self.drop(layer, "its windows are as large as the images")
            return
        height, width = self.shape[:2]
        if height is None or width is None or height < wanted[0] or width < wanted[1]:
            raise RefusedError(
                f"`{layer.name}` cuts windows of {wanted[0]}×{wanted[1]} out of images of another size",
                "resize the data before the network is given it, and save the model without this layer",
            )
        arguments = {
            "height_factor": _share(height - wanted[0], height),
            "width_factor": _share(width - wanted[1], width),
        }
        self.random(layer, "RandomTranslation", arguments)
        self.step(layer, "CenterCrop", size)
        self.affine = None

    def fill(self, layer: SavedLayer) -> dict[str, float]:
        """What is written into pixels, in the units of the data."""
        assert self.affine is not None
        value = (float(layer.config.get("fill_value") or 0.0) - self.affine[1]) / self.affine[0]
        return {"fill_value": value} if value else {}

    def random(
        self, layer: SavedLayer, kind: str, arguments: dict[str, Any], lost: Iterable[str] = ()
    ) -> None:
        try:
            AUGMENTATION[kind].model_validate(arguments)
        except ValidationError as error:
            self.drop(layer, f"`data.augment` cannot have it: {error.errors()[0]['msg']}")
            return
        self.augment.append({kind: arguments})
        named = f" as `{kind}`" if kind != layer.kind else ""
        why = "it changes the data of the training, before the network is given it"
        self.change(layer, f"moved to `data.augment`{named}", why)
        for option in lost:
            given = layer.config.get(option, "reflect")
            what = f"`{option}: {'random' if given is None else given}` left out"
            why = f"`data.augment` writes one number, `fill_value: {arguments.get('fill_value', 0.0):g}`"
            self.changes.append(Change(layer.name, what, why, kind=layer.kind, option=option, dropped=True))

    def drop(self, layer: SavedLayer, why: str) -> None:
        self.change(layer, f"`{layer.kind}` left out", why, dropped=True)

    def change(
        self, layer: SavedLayer, what: str, why: str, rule: str = "", *, dropped: bool = False
    ) -> None:
        self.changes.append(Change(layer.name, what, why, rule, kind=layer.kind, dropped=dropped))


def _kept(layer: SavedLayer, *keys: str) -> dict[str, Any]:
    return {key: layer.config[key] for key in keys if key in layer.config}


def _numbers(layer: SavedLayer, values: Any) -> NDArray[np.float64]:
    """Numbers as they are in float32, which Keras computes with."""
    if isinstance(values, Mapping):
        # An array that Keras wrote into the configuration.
        values = values.get("config", {}).get("value")
    found = np.asarray(values, np.float32).astype(np.float64)
    if not np.isfinite(found).all():
        raise RefusedError(f"the numbers of `{layer.name}` are not all finite")
    return found


def _plain(values: NDArray[np.float64]) -> float | list[float]:
    """Each as the shortest number that is the same in float32."""
    written = [float(str(np.float32(value))) for value in values.ravel()]
    return written if values.ndim else written[0]


def _pair(value: Any) -> tuple[float, float]:
    if isinstance(value, (list, tuple)):
        least, greatest = value
        return float(least), float(greatest)
    return 0.0, float(value)


def _greatest(value: Any) -> float:
    return max(abs(part) for part in _pair(value))


def _share(cut: int, size: int) -> float:
    """The share of a size that comes to half of what is cut, in whole pixels."""
    return (cut // 2 + 0.25) / size if cut > 1 else 0.0
