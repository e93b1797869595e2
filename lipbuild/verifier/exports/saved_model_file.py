"""SavedModels: the function of their signature as TensorFlow loads it, and the variables that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipbuild.verifier.errors import RefusedError, UnreadableError
from lipbuild.verifier.exports.checkpoint import Checkpoint
from lipbuild.verifier.exports.graph import Graph, Values
from lipbuild.verifier.exports.protobuf import Message
from lipbuild.verifier.exports.saved_model_copy import check_copy
from lipbuild.verifier.exports.tensorflow_function import TensorFlowFunction
from lipbuild.verifier.exports.tensorflow_node import Node, tensor_of, values_of
from lipbuild.verifier.exports.tensorflow_reading import CALLS
from lipbuild.verifier.strict_json import strict_json

ENTRY, SIGNATURE = "assets.extra/lipbuild.json", "serving_default"
_LARGEST = 2**31
_MOST_OBJECTS = 2**18
_MAPPING = 53
_TENSOR = "tf.TrackableConstant"
# The kinds of objects that do nothing when they are loaded: children, values of an optimizer, tracked Python objects,
# functions, variables, constants, and tensors of a function that that of its gradient reads.
_VARIABLE, _CONSTANT, _CLASS = 7, 9, 13
_KNOWN = {1, 3, 4, 6, _VARIABLE, 8, _CONSTANT, 11, 12, 15}


@dataclass(frozen=True)
class _Call:
    """A function with its variables, and which of its results a signature gives in its order."""

    function: TensorFlowFunction
    results: list[str]


def read_saved_model(folder: Path) -> Graph:
    """The graph of a SavedModel, and what it says of itself.

    Raises:
        UnreadableError: If it is not whole.
        RefusedError: If it holds anything that is not known.
    """
    try:
        file = folder / "saved_model.pb"
        if file.stat().st_size > _LARGEST:
            raise UnreadableError(f"{folder.name} has too many bytes")
        model = Message(memoryview(file.read_bytes()))
        said = folder / ENTRY
        description: Any = strict_json(said.read_bytes()) if said.is_file() else {}
    except OSError as error:
        raise UnreadableError(f"{folder.name} cannot be read: {error}") from error
    if not isinstance(description, Mapping):
        raise RefusedError("metadata", "is no JSON object")
    graphs = model.messages(2)
    if len(graphs) != 1:
        raise RefusedError("graph", f"is one of {len(graphs)}; one is known")
    objects = graphs[0].message(7)
    functions = {f.message(1).text(1): f for f in graphs[0].message(2).message(2).messages(1)}
    nodes = objects.messages(1)
    if any(node.present - (_KNOWN | {_CLASS} if _is_constant(node) else _KNOWN) for node in nodes):
        # A resource has a function of its own that is run when it is loaded, and may set variables.
        raise RefusedError("graph", "has objects that are neither variables nor functions")
    wrapper = _signature(nodes)
    concrete = {entry.text(1): entry.message(2) for entry in objects.messages(2)}
    if wrapper not in concrete or wrapper not in functions:
        raise RefusedError("graph", f"has no function {wrapper!r:.80}")
    wanted = concrete[wrapper].wholes(2)
    checkpoint = Checkpoint(folder / "variables")
    values = _values(nodes, checkpoint, wanted, _constants(graphs[0]))
    # The results of a mapping stand in the order of their names.
    results = sorted(entry.text(1) for entry in concrete[wrapper].message(4).message(_MAPPING).messages(1))
    function = functions[wrapper]
    names = [argument.text(1) for argument in function.message(1).messages(2)]
    check_copy(graphs[0], SIGNATURE, wrapper, values, results, checkpoint)
    if len(names) != len(values) + 1:
        raise RefusedError("graph", f"has a function of {len(names)} inputs, and {len(values)} variables")
    held = dict(zip(names[1:], (numbers for _, numbers in values), strict=True))
    captured = {name for name, number in zip(names[1:], wanted) if _is_constant(nodes[number])}
    call = _called(functions, function, names[0], held, captured, _input_shape(graphs[0]))
    if len(call.results) != len(results):
        raise RefusedError("graph", f"has {len(call.results)} results, and the names {results}")
    return call.function.graph(dict(zip(results, call.results, strict=True)), description)


def _signature(nodes: list[Message]) -> str:
    """The name of the function that a loaded model has as its signature."""
    signatures = nodes[_child(nodes[0], "signatures")]
    return nodes[_child(signatures, SIGNATURE)].message(8).text(1)


def _child(node: Message, name: str) -> int:
    found = [child.whole(1) for child in node.messages(1) if child.text(2) == name]
    if len(found) != 1:
        raise RefusedError("graph", f"has {len(found)} objects called {name!r:.60} where one is needed")
    return found[0]


def _is_constant(node: Message) -> bool:
    """Whether an object is a tensor that functions read, and nothing more."""
    return node.present & {_CONSTANT, _CLASS} == {_CONSTANT, _CLASS} and node.text(_CLASS) == _TENSOR


def _constants(graph: Message) -> dict[str, Message]:
    """The nodes of the outer graph that hold the values of constants, by their names."""
    return {node.text(1): node for node in graph.message(2).messages(1) if node.text(2) == "Const"}


def _values(
    nodes: list[Message], checkpoint: Checkpoint, wanted: list[int], constants: Mapping[str, Message]
) -> list[tuple[str, Values]]:
    """The keys and numbers of variables, restored as TensorFlow does: both graphs of objects are followed together."""
    saved = checkpoint.objects().messages(1)
    if max(len(nodes), len(saved)) > _MOST_OBJECTS:
        raise RefusedError("graph", "has too many objects")
    twins, left = {0: 0}, [0]
    while left:
        place = left.pop()
        known = {child.text(2): child.whole(1) for child in saved[twins[place]].messages(1)}
        for child in nodes[place].messages(1):
            number, name = child.whole(1), child.text(2)
            if name not in known:
                continue
            if number not in twins:
                twins[number] = known[name]
                left.append(number)
            elif twins[number] != known[name]:
                raise RefusedError(name, "is restored from two places")
    found = []
    for number in wanted:
        if _is_constant(nodes[number]):
            name = nodes[number].message(_CONSTANT).text(1)
            found.append((name, values_of(name, Node(constants[name]).take("value").message(8))))
            continue
        if number not in twins or not nodes[number].present & {_VARIABLE}:
            raise RefusedError("graph", "reads what is no variable of the checkpoint")
        attributes = saved[twins[number]].messages(2)
        if len(attributes) != 1 or attributes[0].text(1) != "VARIABLE_VALUE":
            raise RefusedError("graph", "reads a variable of several values")
        key = attributes[0].text(3)
        found.append((key, checkpoint.tensor(key)))
    return found


def _input_shape(meta: Message) -> tuple[int, ...]:
    """Of a sample, as the signature states it."""
    signature = next((s.message(2) for s in meta.messages(5) if s.text(1) == SIGNATURE), None)
    inputs = [] if signature is None else signature.messages(1)
    if len(inputs) != 1:
        raise RefusedError("graph", f"has {len(inputs)} inputs; one is known")
    stated = inputs[0].message(2)
    sizes = [size.whole(1) for size in stated.message(3).messages(2)]
    if stated.whole(2) != 1 or len(sizes) < 2 or any(n < 1 for n in sizes[1:]):
        raise RefusedError("graph", f"has an input of the shape {sizes}, or of another type than float32")
    return tuple(sizes[1:])


def _called(
    functions: Mapping[str, Message],
    wrapper: Message,
    source: str,
    held: Mapping[str, Values],
    captured: set[str],
    shape: tuple[int, ...],
) -> _Call:
    """The function that a signature calls with its own inputs and gives the results of."""
    nodes = wrapper.messages(3)
    calls = [n for n in nodes if n.text(2) in CALLS]
    others = {n.text(2) for n in nodes} - {*CALLS, "Identity", "NoOp"}
    if len(calls) != 1 or others:
        raise RefusedError("graph", "has a signature that is more than a call")
    attributes = {a.text(1): a.message(2) for a in calls[0].messages(5)}
    function = functions[attributes["f"].message(10).text(1)]
    given = [name for name in calls[0].texts(3) if not name.startswith("^")]
    names = [argument.text(1) for argument in function.message(1).messages(2)]
    if len(given) != len(names) or given[0] != source:
        raise RefusedError("graph", "has a signature that calls a function with other inputs than its own")
    inputs = dict(zip(names[1:], given[1:], strict=True))
    variables = {name: held[value] for name, value in inputs.items() if value not in captured}
    constants = {name: held[value] for name, value in inputs.items() if value in captured}
    identities = {n.text(1): n.texts(3)[0] for n in nodes if n.text(2) == "Identity"}
    results = [argument.text(1) for argument in function.message(1).messages(3)]
    inner = {entry.text(1): entry.text(2) for entry in function.messages(4)}
    outer = {entry.text(1): entry.text(2) for entry in wrapper.messages(4)}
    found = []
    for argument in wrapper.message(1).messages(3):
        node, _, number = identities[tensor_of(outer[argument.text(1)])].split(":")
        if node != calls[0].text(1):
            raise RefusedError("graph", "has a signature with other results than those of its call")
        found.append(tensor_of(inner[results[int(number)]]))
    return _Call(TensorFlowFunction(function, names[0], variables, constants, shape, functions), found)
