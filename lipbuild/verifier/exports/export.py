"""One exported file, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.digests import config_digest, weights_digest
from lipbuild.verifier.errors import RefusedError, UnreadableError
from lipbuild.verifier.exports.graph import Graph
from lipbuild.verifier.exports.interval_head import CERTIFIED, IntervalHead, interval_head_of
from lipbuild.verifier.exports.keras_graph import config_of_output, graph_of_head
from lipbuild.verifier.exports.litert_file import read_litert
from lipbuild.verifier.exports.lowering import model_of_graph
from lipbuild.verifier.exports.onnx_file import read_onnx
from lipbuild.verifier.exports.radius_head import RadiusHead, radius_head_of
from lipbuild.verifier.exports.saved_model_file import read_saved_model
from lipbuild.verifier.model import Model
from lipbuild.verifier.model_file import DESCRIPTION, read_described, read_model

# What a network gives, by the names of its outputs in a file.
RESULTS = ("logits", "values")
_READERS = {".onnx": read_onnx, ".tflite": read_litert}
_LARGEST = 2**32


@dataclass(frozen=True)
class Export:
    """What an exported file holds.

    Args:
        model: What computes its logits or values.
        digests: What the file is told from others by.
        outputs: The names of its outputs.
        description: What it says of itself.
        plain_weights: The digest of the weights of the layers before the radius, where they are Keras's.
        head: How it computes a radius, or intervals of a regression; None where it computes neither.
    """

    model: Model
    digests: Mapping[str, str]
    outputs: tuple[str, ...]
    description: Mapping[str, Any]
    plain_weights: str | None = None
    head: RadiusHead | IntervalHead | None = None


def is_export(path: Path) -> bool:
    """Whether a file or folder is an export, by its ending and by what lies in it."""
    if path.is_dir():
        return (path / "saved_model.pb").is_file()
    return path.suffix in (".onnx", ".tflite") or (path.suffix == ".keras" and is_described(path))


def is_described(path: Path) -> bool:
    """Whether a `.keras` file says something of itself."""
    try:
        return read_described(path) is not None
    except UnreadableError:
        return False


def read_export(path: Path, description: Mapping[str, Any] | None = None) -> Export:
    """What an exported file holds, read without its runtime.

    Args:
        path: The file or folder.
        description: What it says of itself, where that does not stand in it yet.

    Raises:
        UnreadableError: If it cannot be read as a file of its kind.
        RefusedError: If it holds anything that is not known.
    """
    if path.suffix == ".keras":
        return _of_keras(path, description)
    if path.is_dir():
        return _of_graph(_read(read_saved_model, path))
    if path.suffix in _READERS:
        reader = _READERS[path.suffix]
        return _of_graph(_read(lambda file: reader(_content(file)), path))
    raise UnreadableError(f"{path.name} is no export of a kind that is known")


def _read(reader: Callable[[Path], Graph], path: Path) -> Graph:
    """A graph; what reading stumbles over is no file that a converter writes.

    Raises:
        UnreadableError: If it does.
        RefusedError: If the file holds what is not known.
    """
    try:
        return reader(path)
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, MemoryError) as error:
        raise UnreadableError(f"{path.name} cannot be read: {error!r:.200}") from error


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise UnreadableError(f"{path.name} has more than {_LARGEST} bytes")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path.name} cannot be read: {error}") from error


def _result(outputs: Mapping[str, Any]) -> str:
    found = [name for name in RESULTS if name in outputs] or list(outputs)
    if len(found) != 1:
        raise RefusedError("outputs", f"are {sorted(outputs)}; one of {', '.join(RESULTS)} is needed")
    return found[0]


def _of_graph(graph: Graph) -> Export:
    result = _result(graph.outputs)
    model = model_of_graph(graph, result)
    head = _head(graph, graph.outputs[result])
    _check_others(tuple(graph.outputs), result, head)
    return Export(model, graph.digests, tuple(graph.outputs), graph.description, None, head)


def _head(graph: Graph, result: str) -> RadiusHead | IntervalHead | None:
    """How a file computes what is certified beside its result."""
    if "radius" in graph.outputs:
        return radius_head_of(graph, result)
    return interval_head_of(graph, result) if CERTIFIED in graph.outputs else None


def _check_others(outputs: tuple[str, ...], result: str, head: RadiusHead | IntervalHead | None) -> None:
    known = {result} | (head.outputs if head is not None else set())
    if set(outputs) != known:
        raise RefusedError("outputs", f"are {sorted(outputs)}, where {sorted(known)} are known")


def _of_keras(path: Path, description: Mapping[str, Any] | None) -> Export:
    config, weights = read_model(path)
    if description is None:
        description = read_described(path)
    if description is None:
        raise UnreadableError(f"{path.name} has no `{DESCRIPTION}`: it is no export")
    digests = {"config.json": config_digest(config), "weights": weights_digest(weights)}
    try:
        ends = config["config"].get("output_layers")
        if not isinstance(ends, Mapping):
            names = tuple(description["outputs"])
            return Export(model_of(config, weights), digests, names, description, digests["weights"])
        result = _result(ends)
        own = config_of_output(config, result)
        kept = {layer["name"] for layer in own["config"]["layers"]}
        own_weights = {name: w for name, w in weights.items() if name.split("/")[0] in kept}
        model = model_of(own, own_weights)
        shape = model.shapes[model.input.name]
        graph, logits = graph_of_head(config, weights, description, shape, result)
        head = _head(graph, logits)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RefusedError("model", f"its configuration cannot be read: {error!r:.200}") from error
    _check_others(tuple(ends), result, head)
    return Export(model, digests, tuple(ends), description, weights_digest(own_weights), head)
