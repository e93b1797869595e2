from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.building.absolute.pointwise import PointwiseAbsolute
from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.errors import RefusedError
from lipbuild.exporting.format import Format
from lipbuild.exporting.half import exact_arrays, half_of
from lipbuild.exporting.served import Served
from lipbuild.runtimes import onnx_runtime
from lipbuild.runtimes.quiet import quiet
from lipbuild.runtimes.runtime import Predict, needed

# The first with every operation of the plain forms; runtimes of 2022 and later have it.
OPSET = 17


class OnnxFormat(Format):
    """An ONNX file, converted by tf2onnx from the frozen graph; metadata are `metadata_props` with JSON values.

    Args:
        batch: How many samples it takes at a time; any number of them where left out.
        half: Whether it keeps kernels as float16, of which a `Cast` makes float32.
    """

    name = "onnx"
    suffix = ".onnx"
    runtime = "ONNX Runtime"
    absolute = PointwiseAbsolute

    def __init__(self, batch: int | None = None, *, half: bool = False) -> None:
        self.batch = batch
        self.rounds = half

    def write(self, served: Served, path: Path) -> None:
        """Freeze, convert, name the input, the outputs and the weights."""
        onnx = _import("onnx")
        model = _converted(served)
        _set_batch(model, self.batch)
        _mend_transposed(model)
        _name_weights(model, served)
        _name_nodes(model, served)
        if self.rounds:
            _halve(model, exact_arrays(served))
        if self.batch is not None:
            # What makes code of the file needs every size.
            model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        _check(model)
        onnx.save(model, str(path))

    def stamp(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """One property a key."""
        onnx = _import("onnx")
        model = onnx.load(str(path))
        for key, value in metadata.items():
            entry = model.metadata_props.add()
            entry.key, entry.value = f"{onnx_runtime.PREFIX}{key}", dump_json(value, indent=None)
        onnx.save(model, str(path))

    def metadata(self, path: Path) -> dict[str, Any]:
        """The properties."""
        return onnx_runtime.metadata(path)

    def load(self, path: Path) -> Predict:
        """A session of ONNX Runtime, on the processor."""
        return onnx_runtime.load(path)

    def other_kernels(self, path: Path) -> dict[str, Predict]:
        """The graph as it stands in the file."""
        return {"ONNX Runtime without optimisation": onnx_runtime.load(path, "ORT_DISABLE_ALL")}

    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """The initialisers."""
        onnx = _import("onnx")
        return [onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(str(path)).graph.initializer]


def _check(model: Any) -> None:
    onnx = _import("onnx")
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise RefusedError(
            f"this network has no form in ONNX: {reason}", "export it in another format"
        ) from None


def _import(name: str) -> Any:
    return needed(name, "onnx")


def _converted(served: Served) -> Any:
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    convert = _import("tf2onnx").convert
    _import("onnx")
    spec = tf.TensorSpec(served.input_shape, tf.float32, name=served.input)

    def named(input: Any) -> list[Any]:
        outputs = served.named(served.model(input, training=False))
        return [tf.identity(tensor, name=name) for name, tensor in outputs.items()]

    with quiet(), _inlined():
        frozen = convert_variables_to_constants_v2(tf.compat.v1.wrap_function(named, [spec]))
        model, _ = convert.from_graph_def(
            frozen.graph.as_graph_def(),
            name=served.name,
            input_names=[tensor.name for tensor in frozen.inputs],
            output_names=[tensor.name for tensor in frozen.outputs],
            opset=OPSET,
            custom_op_handlers={"SelectV2": (_select, [])},
        )
    _rename(model, {f"{name}:0": name for name in (served.input, *served.outputs)})
    return model


def _select(graph: Any, node: Any, name: str, arguments: Any) -> None:
    """A `Where`. tf2onnx makes products and a sum of it, in which what is not chosen still counts: 0 · ∞ is NaN."""
    del graph, name, arguments
    node.type = "Where"


@contextmanager
def _inlined() -> Iterator[None]:
    """Functions inside the model become part of its graph: Keras compiles grouped convolutions apart."""
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def _rename(model: Any, names: Mapping[str, str]) -> None:
    graph = model.graph
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        value.name = names.get(value.name, value.name)


def _set_batch(model: Any, batch: int | None) -> None:
    """Give the batch its size, or where it is free the same name everywhere."""
    for value in (*model.graph.input, *model.graph.output):
        sizes = value.type.tensor_type.shape.dim
        if sizes:
            sizes[0].Clear()
            if batch is None:
                sizes[0].dim_param = "batch"
            else:
                sizes[0].dim_value = batch
    del model.graph.value_info[:]


def _mend_transposed(model: Any) -> None:
    """Write what a stride beyond the kernel leaves empty as output padding; tf2onnx pads by less than nothing."""
    onnx = _import("onnx")
    for node in model.graph.node:
        if node.op_type != "ConvTranspose":
            continue
        found = {a.name: a for a in node.attribute}
        pads = list(found["pads"].ints) if "pads" in found else []
        if min(pads, default=0) >= 0:
            continue
        half = len(pads) // 2
        empty = [max(0, -(pads[i] + pads[half + i])) for i in range(half)]
        found["pads"].ints[:] = [0 if empty[i % half] else pads[i] for i in range(len(pads))]
        node.attribute.append(onnx.helper.make_attribute("output_padding", empty))


def _name_weights(model: Any, served: Served) -> None:
    """Call initialisers as Keras calls the weights that they hold bit for bit."""
    onnx = _import("onnx")
    arrays = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    taken = {n for node in model.graph.node for n in (*node.input, *node.output)}
    names: dict[str, str] = {}
    for weight in served.model.weights:
        value = np.asarray(weight)
        for name, array in arrays.items():
            if name not in names and weight.path not in taken and _same_values(array, value):
                names[name] = weight.path
                taken.add(weight.path)
                break
    _rename(model, names)


def _same_values(array: NDArray[Any], weight: NDArray[Any]) -> bool:
    return (
        array.dtype == weight.dtype
        and array.size == weight.size
        and np.array_equal(np.sort(array, axis=None), np.sort(weight, axis=None))
    )


def _name_nodes(model: Any, served: Served) -> None:
    """Call nodes and what they make as the layer and the operation, and other constants as what they are for."""
    onnx = _import("onnx")
    graph = model.graph
    layers = {layer.name for layer in served.model._flatten_layers()}
    results = {value.name for value in (*graph.input, *graph.output)}
    taken = {*results, *(weight.path for weight in served.model.weights)}
    names: dict[str, str] = {}

    nodes: set[str] = set()
    for node in graph.node:
        node.name = _once(_readable(node.name, served.name, layers) or node.op_type, nodes)
        for output in node.output:
            if output not in results:
                names[output] = _once(node.name, taken)
    constants = {tensor.name for tensor in graph.initializer} - taken
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name in constants and name not in names:
                formal = onnx.defs.get_schema(node.op_type, OPSET, node.domain).inputs
                names[name] = _once(f"{node.name}/{formal[min(place, len(formal) - 1)].name}", taken)
    _rename(model, names)


def _halve(model: Any, exact: Sequence[NDArray[Any]]) -> None:
    """Keep kernels as float16, of which a `Cast` makes float32."""
    onnx = _import("onnx")
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        half = half_of(onnx.numpy_helper.to_array(tensor), exact)
        if half is not None:
            kept, name = f"{tensor.name}/float16", tensor.name
            tensor.CopyFrom(onnx.numpy_helper.from_array(half, kept))
            casts.append(
                onnx.helper.make_node("Cast", [kept], [name], f"{name}/Cast", to=onnx.TensorProto.FLOAT)
            )
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _once(name: str, taken: set[str]) -> str:
    """A name, with a number behind it where it is taken already; it is taken then."""
    number, new = 1, name
    while new in taken:
        number += 1
        new = f"{name}_{number}"
    taken.add(new)
    return new


def _readable(name: str, model: str, layers: Collection[str]) -> str:
    """`net_1/dense_1_1/MatMul__7` as `dense_1/MatMul`: without the model, counts of calls and numbers of tf2onnx."""
    parts = re.sub(r"(__\d+)?(:\d+)?$", "", name).split("/")
    if len(parts) > 1 and parts[0].rpartition("_")[0] == model:
        parts = parts[1:]
    return "/".join(call if (call := part.rpartition("_")[0]) in layers else part for part in parts)
