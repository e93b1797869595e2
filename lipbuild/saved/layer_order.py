from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.saved.calls import ends_of, histories

Call = tuple[str, int]


def layer_order(model: Mapping[str, Any]) -> list[str]:
    """The layers that the outputs depend on, in the order in which Keras counts them.

    Keras builds a functional model anew when it loads it. The deepest layers come first, depth being the number of
    calls on the longest way to an output; among equals, those that a search from the outputs meets first. Weights are
    stored by this order, whatever the order in the file is.

    Args:
        model: The `config` of a saved functional model.

    Returns:
        Their names.

    Raises:
        KeyError: A call reads what is not there.
    """
    reads: dict[Call, list[Call]] = {}
    for layer in model["layers"]:
        for i, call in enumerate(layer["inbound_nodes"] or [()]):
            reads[layer["name"], i] = [(name, index) for name, index, _ in histories(call)]
    met: dict[str, int] = {}
    finished: dict[Call, None] = {}
    seen: set[Call] = set()
    nested = {layer["name"] for layer in model["layers"] if layer["class_name"] == "Functional"}
    for name, index, _ in ends_of(model["output_layers"]):
        # Among the outputs, and only there, Keras counts the calls of a functional model from 1.
        index -= name in nested
        stack = [((name, index), False)]
        while stack:
            call, is_left = stack.pop()
            if is_left:
                finished[call] = None
            elif call not in seen:
                seen.add(call)
                met.setdefault(call[0], len(met))
                stack.append((call, True))
                stack += [(source, False) for source in reversed(reads[call])]
    depths: dict[Call, int] = dict.fromkeys(finished, 0)
    deepest: dict[str, int] = dict.fromkeys(met, 0)
    for call in reversed(finished):
        # All calls of a layer after the deepest one count as deep as it.
        depths[call] = deepest[call[0]] = max(depths[call], deepest[call[0]])
        for source in reads[call]:
            depths[source] = max(depths[source], depths[call] + 1)
    return sorted(met, key=lambda layer: (-deepest[layer], met[layer]))
