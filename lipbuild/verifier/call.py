from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipbuild.verifier.building import Building
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.floats import Array
from lipbuild.verifier.nodes import Node, Shape
from lipbuild.verifier.options import Options


@dataclass
class Call:
    """One call of a layer or a function, which adds its nodes to a model.

    Args:
        name: Of the first node; later ones add a part after a colon.
        inputs: The nodes that it reads.
        building: The model as far as it has been read.
        options: Its configuration.
        reader_of: Finds the reader of a layer that is an argument of it, an activation.
        weights: Its weights.
        arguments: What a function is called on, None for each tensor.
        built: What Keras builds the layer for when it loads it, as it is saved.
        last: The last node that it added; empty before the first.
    """

    name: str
    inputs: tuple[str, ...]
    building: Building
    options: Options
    reader_of: ReaderOf
    weights: Sequence[np.ndarray] = ()
    arguments: Any = ()
    built: Any = None
    last: str = ""

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of what it reads."""
        return tuple(self.building.shapes[name] for name in self.inputs)

    @property
    def before(self) -> Mapping[str, Node]:
        """The nodes that have been read."""
        return self.building.nodes

    def add(
        self,
        kind: str,
        options: Mapping[str, Any] | None = None,
        arrays: Mapping[str, Array] | None = None,
        *,
        part: str = "",
        inputs: Sequence[str] = (),
    ) -> str:
        """Add a node that reads the last one of the call, or what the call reads; its name."""
        name = f"{self.name}:{part}" if part else self.name
        sources = tuple(inputs) or ((self.last,) if self.last else self.inputs)
        self.last = self.building.add(Node(name, kind, sources, options or {}, arrays or {}))
        return name

    def refuse(self, message: str) -> RefusedError:
        """The error to raise."""
        return RefusedError(self.name, message)

    def arrays(self, *present: bool) -> list[Array]:
        """The weights in float64, of which there must be as many as are said to be present."""
        if len(self.weights) != sum(present):
            raise self.refuse(f"has {len(self.weights)} weights; its configuration needs {sum(present)}")
        for weight in self.weights:
            # What is stored in another type is rounded to float32 when Keras loads it.
            if weight.dtype.name != "float32" or not np.isfinite(weight).all():
                raise self.refuse("has a weight that is not float32, or not finite")
        return [weight.astype(np.float64) for weight in self.weights]

    def axis(self, value: Any) -> int:
        """An axis counted from 0 without the batch axis."""
        rank = len(self.shapes[0])
        if type(value) is not int or value == 0 or not -rank <= value <= rank:
            raise self.refuse(f"goes along the axis {value!r}")
        return value - 1 if value > 0 else value + rank

    def activate(self) -> None:
        """The activation that a layer applies itself to what it makes: a name, or a layer without weights."""
        value = self.options.take("activation", None)
        if value is None or value == "linear":
            return
        part = value.get("class_name") if isinstance(value, Mapping) else value
        after = Call(f"{self.name}:{part}", (self.last,), self.building, self.options, self.reader_of)
        after.apply(value)
        # What follows is built by Keras for the shape of the layer, not for that of its activation.
        if len(self.building.shapes[after.last]) != len(after.shapes[0]):
            raise self.refuse("has an activation that makes another number of axes")
        self.last = after.last

    def apply(self, value: Any) -> None:
        """A function by its name in Keras, or a layer without weights, on what the call reads."""
        if value == "softmax":
            self.add("softmax", {"axis": len(self.shapes[0]) - 1})
        elif isinstance(value, str):
            self.add("activation", {"function": value})
        elif isinstance(value, Mapping) and isinstance(value.get("config"), Mapping):
            options, built = Options(self.name, value["config"]), value.get("build_config")
            inner = Call(self.name, self.inputs, self.building, options, self.reader_of, built=built)
            self.reader_of(self.name, value)(inner)
            check_common(inner.options)
            inner.options.finish()
            self.last = inner.last
        else:
            raise self.refuse(f"has an activation that is not known: {value!r:.80}")


Reader = Callable[[Call], None]
# By the name of a node for messages, and the layer as it is saved.
ReaderOf = Callable[[str, Mapping[str, Any]], Reader]


_POLICIES = {("keras", "DTypePolicy", None), ("keras", "FloatDTypePolicy", None)}


def check_precision(options: Options) -> None:
    """Refuse another precision than float32."""
    policy = options.take("dtype", "float32")
    if isinstance(policy, Mapping):
        kind = (policy.get("module"), policy.get("class_name"), policy.get("registered_name"))
        plain = kind in _POLICIES and policy.get("config") == {"name": "float32"}
        policy = "float32" if plain else {key: policy[key] for key in policy if key != "shared_object_id"}
    if policy != "float32":
        raise RefusedError(options.where, f"computes in {policy!r}")


def check_common(options: Options) -> None:
    """Refuse what changes any layer: other precisions, channels first, low-rank updates and quantisation."""
    check_precision(options)
    options.only("data_format", "channels_last", None)
    options.only("lora_rank", None)
    options.only("quantization_config", None)
