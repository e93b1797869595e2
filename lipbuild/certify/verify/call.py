from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lipbuild.certify.verify.errors import RefusedError
from lipbuild.certify.verify.floats import Array
from lipbuild.certify.verify.nodes import Node, Shape
from lipbuild.certify.verify.options import Options


@dataclass
class Call:
    """One call of a layer or a function, and the nodes that it comes to.

    Args:
        name: of the first node; later ones add a part after a colon.
        inputs: the nodes that it reads.
        shapes: theirs.
        options: its configuration.
        weights: its weights.
        arguments: what a function is called on, None for each tensor.
        before: the nodes that were read before.
    """

    name: str
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    options: Options
    weights: Sequence[np.ndarray] = ()
    arguments: Any = ()
    before: Mapping[str, Node] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)

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
        sources = tuple(inputs) or ((self.nodes[-1].name,) if self.nodes else self.inputs)
        self.nodes.append(Node(name, kind, sources, options or {}, arrays or {}))
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
                raise self.refuse("has a weight that is no float32, or not finite")
        return [weight.astype(np.float64) for weight in self.weights]

    def axis(self, value: Any) -> int:
        """An axis counted from 0 without the batch axis."""
        rank = len(self.shapes[0])
        if type(value) is not int or value == 0 or not -rank <= value <= rank:
            raise self.refuse(f"goes along the axis {value!r}")
        return value - 1 if value > 0 else value + rank

    def activate(self) -> None:
        """The activation that a layer applies itself: a name, or a layer without weights."""
        value = self.options.take("activation", None)
        if value is None or value == "linear":
            return
        if isinstance(value, str):
            self.function(value, value)
            return
        if not isinstance(value, Mapping) or not isinstance(value.get("config"), Mapping):
            raise self.refuse(f"has an activation that is not known: {value!r:.80}")
        last = self.nodes[-1].name
        inner = Call(
            f"{self.name}:{value['class_name']}", (last,), self.shapes, Options(self.name, value["config"])
        )
        from lipbuild.certify.verify.layers import reader_of

        reader_of(inner.name, value)(inner)
        check_common(inner.options)
        inner.options.finish()
        self.nodes += inner.nodes

    def function(self, name: str, part: str) -> None:
        """A function by its name in Keras."""
        if name == "softmax":
            self.add("softmax", {"axis": len(self.shapes[0]) - 1}, part=part)
        else:
            self.add("activation", {"function": name}, part=part)


Reader = Callable[[Call], None]


_POLICIES = {("keras", "DTypePolicy", None), ("keras", "FloatDTypePolicy", None)}


def check_common(options: Options) -> None:
    """Refuse what changes any layer: other precisions, channels first, low-rank updates and quantisation."""
    policy = options.take("dtype", "float32")
    if isinstance(policy, Mapping):
        kind = (policy.get("module"), policy.get("class_name"), policy.get("registered_name"))
        plain = kind in _POLICIES and policy.get("config") == {"name": "float32"}
        policy = "float32" if plain else {key: policy[key] for key in policy if key != "shared_object_id"}
    if policy != "float32":
        raise RefusedError(options.where, f"computes in {policy!r}")
    options.only("data_format", "channels_last", None)
    options.only("lora_rank", None)
    options.only("quantization_config", None)
