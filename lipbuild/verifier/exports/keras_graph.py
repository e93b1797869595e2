"""What a `.keras` file with a radius computes: the layers of its logits, and the functions of Keras after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lipbuild.verifier.call import check_precision
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.graph import Graph, Operation, Values
from lipbuild.verifier.model_file import Weights
from lipbuild.verifier.options import Options

_KINDS = {
    "Identity": "identity",
    "Multiply": "multiply",
    "Add": "add",
    "Subtract": "subtract",
    "Minimum": "minimum",
    "Square": "square",
    "Sqrt": "square_root",
    "Less": "less",
    "Greater": "greater",
    "Equal": "equal",
    "LogicalAnd": "and",
    "Where": "where",
    "Cast": "cast",
}
_REDUCTIONS = {"Sum": "sum", "Max": "maximum", "Min": "minimum"}


def config_of_output(config: Mapping[str, Any], output: str) -> dict[str, Any]:
    """A functional model with several named outputs, cut down to what one of them needs.

    Raises:
        RefusedError: If there is no such output.
    """
    inner = config["config"]
    ends = inner["output_layers"]
    if not isinstance(ends, Mapping) or output not in ends:
        raise RefusedError("model", f"has no output {output!r:.80}")
    layers = {layer["name"]: layer for layer in inner["layers"]}
    needed, left = set(), [ends[output][0]]
    while left:
        name = left.pop()
        if name not in needed:
            needed.add(name)
            left += [history[0] for history in _histories(layers[name]["inbound_nodes"])]
    kept = [layer for layer in inner["layers"] if layer["name"] in needed]
    return {**config, "config": {**inner, "layers": kept, "output_layers": [ends[output]]}}


def _histories(value: Any) -> list[list[Any]]:
    """The tensors in what layers are called on."""
    found, left = [], [value]
    while left:
        item = left.pop()
        if isinstance(item, list):
            left += item
        elif isinstance(item, Mapping):
            if item.get("class_name") == "__keras_tensor__":
                found.append(item["config"]["keras_history"])
            else:
                left += item.values()
    return found


def graph_of_head(
    config: Mapping[str, Any],
    weights: Weights,
    description: Mapping[str, Any],
    shape: tuple[int, ...],
    logits: str,
) -> tuple[Graph, str]:
    """What follows the logits of a model, as a graph that reads the input and the logits.

    Args:
        config: The whole model.
        weights: Of its layers.
        description: What the file says of itself.
        shape: Of a sample of the input.
        logits: The name of their output.

    Returns:
        The graph, and the tensor of the logits in it.

    Raises:
        RefusedError: If there is a layer that is not known.
    """
    inner = config["config"]
    ends = {name: _tensor(end) for name, end in inner["output_layers"].items()}
    known = {layer["name"] for layer in config_of_output(config, logits)["config"]["layers"]}
    operations: list[Operation] = []
    waiting = [layer for layer in inner["layers"] if layer["name"] not in known]
    source = _tensor(inner["input_layers"])
    # What is read of the layers before, beside the logits the norm of a scaled input.
    given = [_tensor(h) for layer in waiting for h in _histories(layer["inbound_nodes"]) if h[0] in known]
    constants: dict[str, Values] = dict.fromkeys({ends[logits], *given} - {source}, np.zeros(0, np.float32))
    made = {source, *constants}
    while waiting:
        later = []
        for layer in waiting:
            call = layer["inbound_nodes"][0]
            read = {_tensor(history) for history in _histories(call)}
            if not read <= made:
                later.append(layer)
                continue
            if len(layer["inbound_nodes"]) != 1 or any(call["kwargs"].values()):
                raise RefusedError(layer["name"], "is called more than once, or with options")
            operations.append(_operation(layer, call["args"], weights, constants))
            made.add(operations[-1].output)
        if len(later) == len(waiting):
            raise RefusedError(later[0]["name"], "reads what nothing computes")
        waiting = later
    layers = {
        f"{layer['name']}/0/0": layer["name"]
        for layer in inner["layers"]
        if layer["name"] in known and len(layer["inbound_nodes"]) == 1
    }
    graph = Graph(source, shape, operations, constants, ends, description, layers=layers)
    return graph, ends[logits]


def _tensor(history: Sequence[Any]) -> str:
    name, call, number = history
    return f"{name}/{call}/{number}"


def _operation(
    layer: Mapping[str, Any], arguments: list[Any], weights: Weights, constants: dict[str, Values]
) -> Operation:
    kind, name, options = layer["class_name"], layer["name"], layer["config"]
    output = f"{name}/0/0"
    if layer["module"] == "keras.layers" and kind == "Dense" and layer["registered_name"] is None:
        return _dense(layer, arguments, weights, constants)
    if not layer["module"].startswith("keras.src.ops.") or layer["registered_name"] != kind:
        raise RefusedError(name, f"is a `{kind}` of `{layer['module']}` behind the logits")
    if kind == "GetItem":
        [source, key] = arguments
        slices = tuple((s["config"]["start"], s["config"]["stop"], s["config"]["step"]) for s in key)
        return Operation("slice", (_name(source),), output, {"slices": slices})
    inputs = tuple(_input(f"{name}:{i}", item, constants) for i, item in enumerate(_flat(arguments)))
    if kind in _KINDS:
        return Operation(_KINDS[kind], inputs, output)
    if kind in _REDUCTIONS:
        if options.get("initial") is not None:
            raise RefusedError(name, "begins with a number")
        axes = {"function": _REDUCTIONS[kind], "axes": [options["axis"]], "keepdims": options["keepdims"]}
        return Operation("reduce", inputs, output, axes)
    if kind in ("Absolute", "Abs"):
        return Operation("activation", inputs, output, {"function": "abs"})
    if kind == "Reshape":
        return Operation("reshape", inputs, output, {"shape": list(options["newshape"])})
    if kind == "Concatenate":
        return Operation("concatenate", inputs, output, {"axis": options["axis"]})
    if kind == "Argmax" and options["keepdims"] is False:
        return Operation("argmax", inputs, output, {"axis": options["axis"]})
    if kind == "OneHot" and options["axis"] == -1 and not options["sparse"]:
        return Operation("one_hot", inputs, output, {"depth": options["num_classes"]})
    raise RefusedError(name, f"is a `{kind}` behind the logits, which is not known there")


def _dense(
    layer: Mapping[str, Any], arguments: list[Any], weights: Weights, constants: dict[str, Values]
) -> Operation:
    name, options = layer["name"], layer["config"]
    check_precision(Options(name, options))
    arrays = ("kernel", "bias") if options["use_bias"] else ("kernel",)
    plain = options["activation"] in (None, "linear") and len(weights[name]) == len(arrays)
    if not plain or options.get("lora_rank") or options.get("quantization_config"):
        raise RefusedError(name, "is a `Dense` behind the logits with more than a kernel and a bias")
    constants.update({f"{name}:{array}": value for array, value in zip(arrays, weights[name], strict=True)})
    return Operation("matmul", (_name(arguments[0]), *(f"{name}:{a}" for a in arrays)), f"{name}/0/0")


def _flat(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in _flat(item)] if isinstance(value, list) else [value]


def _name(value: Mapping[str, Any]) -> str:
    if value["class_name"] != "__keras_tensor__":
        raise RefusedError("model", f"has an argument of the kind {value['class_name']!r:.40}")
    return _tensor(value["config"]["keras_history"])


def _input(name: str, value: Any, constants: dict[str, Values]) -> str:
    """The tensor of an argument; a number becomes a constant."""
    if isinstance(value, Mapping):
        return _name(value)
    if type(value) not in (int, float):
        raise RefusedError(name, f"is {value!r:.60}, where a number is needed")
    with np.errstate(over="ignore"):
        constants[name] = np.array(value, np.float32 if type(value) is float else np.int32)
    return name
