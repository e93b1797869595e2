"""The second copy of a network in a SavedModel: the graph that TensorFlow Serving and the C++ loader run.

They know no objects. They run an operation that restores variables by their handles, and feed and fetch the tensors
that a signature names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.exports.checkpoint import Checkpoint
from lipbuild.verifier.exports.graph import Values
from lipbuild.verifier.exports.protobuf import Message
from lipbuild.verifier.exports.tensorflow_reading import CALLS

_INITIAL, _COLLECTION = "__saved_model_init_op", "saved_model_main_op"
_RESTORING = {"Const", "RestoreV2", "Identity", "AssignVariableOp", "NoOp"}


def check_copy(
    graph: Message,
    signature: str,
    wrapper: str,
    values: Sequence[tuple[str, Values]],
    results: Sequence[str],
    checkpoint: Checkpoint,
) -> None:
    """Refuse a graph that computes something else for a signature than the function that was read.

    Args:
        graph: The `MetaGraphDef`.
        signature: The name of the signature.
        wrapper: The function that was read.
        values: What it reads besides the input, in order: the names and numbers of variables and constants.
        results: The names of its results, in order.
        checkpoint: Where variables are restored from. It may hold one under two keys.

    Raises:
        RefusedError: If it calls another function, with other variables, or does more before.
    """
    nodes = {node.text(1): node for node in graph.message(2).messages(1)}
    signatures = {entry.text(1): entry.message(2) for entry in graph.messages(5)}
    inputs = [entry.message(2).text(1) for entry in signatures[signature].messages(1)]
    outputs = {entry.text(1): entry.message(2).text(1) for entry in signatures[signature].messages(2)}
    calls = {name.rpartition(":")[0] for name in outputs.values()}
    _hold(len(calls) == len(inputs) == 1, "has other inputs or results")
    [call] = calls
    _hold(outputs == {name: f"{call}:{i}" for i, name in enumerate(results)}, "has other results")
    _hold(_function(nodes[call]) == wrapper, "calls another function")
    source, *held = nodes[call].texts(3)
    _hold(inputs == [f"{source}:0"] and nodes[source].text(2) == "Placeholder", "reads another input")
    restored = _restored(graph, nodes)
    _hold(len(held) == len(values), "reads other variables")
    for name, (known, numbers) in zip(held, values, strict=True):
        same = (
            name == known
            if nodes[name].text(2) == "Const"
            else _same(checkpoint, restored.get(name), numbers)
        )
        _hold(same, "reads other variables")
    _check_start(graph, nodes, signatures)


def _hold(condition: bool, what: str) -> None:
    if not condition:
        raise RefusedError("graph", f"{what} in the copy that TensorFlow Serving runs")


def _same(checkpoint: Checkpoint, key: str | None, numbers: Values) -> bool:
    """Whether the checkpoint has the same bits under a key."""
    if key is None:
        return False
    found = checkpoint.tensor(key)
    return (found.dtype, found.shape, found.tobytes()) == (numbers.dtype, numbers.shape, numbers.tobytes())


def _function(node: Message) -> str:
    """The name of the function that a node calls; empty if it calls none."""
    attributes = {a.text(1): a.message(2) for a in node.messages(5)}
    return attributes["f"].message(10).text(1) if node.text(2) in CALLS else ""


def _restored(graph: Message, nodes: Mapping[str, Message]) -> dict[str, str]:
    """The keys of the checkpoint by the handles of the variables that they are restored to."""
    handles = [node for node in nodes.values() if node.text(2) == "VarHandleOp"]
    shared = {
        a.message(2).content(2).tobytes()
        for n in handles
        for a in n.messages(5)
        if a.text(1) == "shared_name"
    }
    _hold(len(shared) == len(handles), "has two handles of one variable")
    saver = graph.message(3)
    call = nodes[saver.text(3)]
    functions = {f.message(1).text(1): f for f in graph.message(2).message(2).messages(1)}
    function = functions[_function(call)]
    arguments = [argument.text(1) for argument in function.message(1).messages(2)]
    outer = dict(zip(arguments, call.texts(3), strict=True))
    _hold(outer[arguments[0]] == saver.text(1).partition(":")[0], "restores another file")
    inner = {node.text(1): node for node in function.messages(3)}
    _hold({node.text(2) for node in inner.values()} <= _RESTORING, "restores by other operations")
    [reading] = [node for node in inner.values() if node.text(2) == "RestoreV2"]
    prefix, names, slices = (name.partition(":")[0] for name in reading.texts(3)[:3])
    _hold(prefix == arguments[0] and not any(_words(inner[slices])), "restores a part of a variable")
    keys, found = _words(inner[names]), {}
    for node in inner.values():
        if node.text(2) != "AssignVariableOp":
            continue
        handle, value = node.texts(3)[:2]
        while inner[value.partition(":")[0]].text(2) == "Identity":
            value = inner[value.partition(":")[0]].texts(3)[0]
        maker, _, place = value.rpartition(":")
        _hold(
            maker == f"{reading.text(1)}:tensors" and outer[handle] not in found, "restores a variable twice"
        )
        found[outer[handle]] = keys[int(place)]
    return found


def _words(node: Message) -> list[str]:
    """The words of a constant."""
    attributes = {a.text(1): a.message(2) for a in node.messages(5)}
    return [bytes(word).decode() for word in attributes["value"].message(8).contents(8)]


def _check_start(graph: Message, nodes: Mapping[str, Message], signatures: Mapping[str, Message]) -> None:
    """Nothing is run when it is loaded but the restoring."""
    collections = {entry.text(1): entry.message(2) for entry in graph.messages(4)}
    _hold(set(collections) <= {_COLLECTION}, "runs more when it is loaded")
    first = [name for entry in collections.values() for name in entry.message(1).texts(1)]
    if _INITIAL in signatures:
        first += [entry.message(2).text(1) for entry in signatures[_INITIAL].messages(2)]
    for name in first:
        node = nodes[name.partition(":")[0]]
        _hold(node.text(2) == "NoOp" and not node.texts(3), "runs more when it is loaded")
