from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lipbuild.building.absolute.slope import SlopeAbsolute
from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.exporting.format import Format
from lipbuild.exporting.half import exact_arrays, half_of
from lipbuild.exporting.saved_model import SavedModelFormat
from lipbuild.exporting.served import Served
from lipbuild.runtimes import litert
from lipbuild.runtimes.quiet import quiet
from lipbuild.runtimes.runtime import Predict

Quantization = Literal["none", "float16", "int8"]


class LiteRTFormat(Format):
    """A LiteRT (TensorFlow Lite) file; metadata are its entry `lipbuild`, as JSON.

    Args:
        quantization: `float16` and `int8` keep the kernels in as many bits. Of float16 the runtime makes float32, in
            which it computes; with `int8` it also rounds what passes between layers to 8 bits.
    """

    name = "litert"
    suffix = ".tflite"
    runtime = "the LiteRT interpreter"
    absolute = SlopeAbsolute

    def __init__(self, quantization: Quantization = "none") -> None:
        self.quantization = quantization
        self.rounds = quantization != "none"

    def write(self, served: Served, path: Path) -> None:
        """Convert a SavedModel."""
        import tensorflow as tf

        with tempfile.TemporaryDirectory() as folder, quiet():
            SavedModelFormat().write(served, Path(folder) / "model")
            converter = tf.lite.TFLiteConverter.from_saved_model(
                str(Path(folder) / "model"), signature_keys=[litert.SIGNATURE]
            )
            if self.quantization == "int8":
                converter.optimizations = [tf.lite.Optimize.DEFAULT]
            path.write_bytes(converter.convert())
        if self.quantization == "float16":
            _halve(path, exact_arrays(served))

    def stamp(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """Add a buffer, and an entry that names it."""
        from tensorflow.lite.python import schema_py_generated as schema
        from tensorflow.lite.tools import flatbuffer_utils

        model = flatbuffer_utils.read_model(str(path))
        buffer, entry = schema.BufferT(), schema.MetadataT()
        buffer.data = np.frombuffer(dump_json(metadata, indent=None).encode(), np.uint8)
        model.buffers.append(buffer)
        entry.name, entry.buffer = litert.ENTRY, len(model.buffers) - 1
        model.metadata = [*(model.metadata or []), entry]
        flatbuffer_utils.write_model(model, str(path))

    def metadata(self, path: Path) -> dict[str, Any]:
        """The entry."""
        return litert.metadata(path)

    def load(self, path: Path) -> Predict:
        """Its signature in the interpreter."""
        return litert.load(path)

    def other_kernels(self, path: Path) -> dict[str, Predict]:
        """Without XNNPACK, and the reference kernels, as microcontrollers have them."""
        return {name: litert.load(path, kernels) for name, kernels in litert.KERNELS.items()}

    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """The constant tensors; 8-bit numbers times their scales."""
        from tensorflow.lite.python import schema_py_generated as schema
        from tensorflow.lite.tools import flatbuffer_utils

        types = {
            schema.TensorType.FLOAT32: np.float32,
            schema.TensorType.FLOAT16: np.float16,
            schema.TensorType.INT8: np.int8,
        }
        model = flatbuffer_utils.read_model(str(path))
        found: list[NDArray[np.floating[Any]]] = []
        for tensor in (t for graph in model.subgraphs for t in graph.tensors):
            data = model.buffers[tensor.buffer].data
            if data is None or tensor.type not in types or tensor.shape is None:
                continue
            values = np.frombuffer(bytes(data), types[tensor.type]).reshape(tensor.shape)
            found.append(_dequantized(values, tensor.quantization))
        return found


def _halve(path: Path, exact: Sequence[NDArray[Any]]) -> None:
    """Keep kernels as float16, of which a `DEQUANTIZE` makes float32, as TensorFlow's converter does it.

    That would also round the constants of a radius.
    """
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(path))
    [graph] = model.subgraphs
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    code.version = 3
    model.operatorCodes.append(code)
    operators = []
    for place, tensor in enumerate(list(graph.tensors)):
        data = model.buffers[tensor.buffer].data
        if data is None or tensor.type != schema.TensorType.FLOAT32 or tensor.shape is None:
            continue
        half = half_of(np.frombuffer(bytes(data), np.float32).reshape(tensor.shape), exact)
        if half is None:
            continue
        buffer, kept, operator = schema.BufferT(), schema.TensorT(), schema.OperatorT()
        buffer.data = np.frombuffer(half.tobytes(), np.uint8)
        kept.name, kept.type = (tensor.name or b"") + b"/float16", schema.TensorType.FLOAT16
        kept.shape, kept.buffer, kept.hasRank = tensor.shape, len(model.buffers), tensor.hasRank
        operator.opcodeIndex = len(model.operatorCodes) - 1
        operator.inputs, operator.outputs = [len(graph.tensors)], [place]
        operator.builtinOptionsType = schema.BuiltinOptions.DequantizeOptions
        operator.builtinOptions = schema.DequantizeOptionsT()
        model.buffers.append(buffer)
        graph.tensors.append(kept)
        operators.append(operator)
        # The first buffer is the empty one: these numbers are computed.
        tensor.buffer = 0
    graph.operators = [*operators, *graph.operators]
    read = {tensor.buffer for graph in model.subgraphs for tensor in graph.tensors}
    for number, buffer in enumerate(model.buffers):
        if number not in read and not any(entry.buffer == number for entry in model.metadata or []):
            buffer.data = None
    flatbuffer_utils.write_model(model, str(path))


def _dequantized(values: NDArray[Any], quantization: Any) -> NDArray[np.floating[Any]]:
    """Scale · (q − zero point), for each slice of the quantised axis, exactly in float64."""
    if values.dtype != np.int8 or quantization is None or quantization.scale is None:
        return values
    shape = [1] * values.ndim
    scale = np.asarray(quantization.scale, np.float64)
    zero = np.asarray(quantization.zeroPoint, np.float64)
    if scale.size > 1:
        shape[quantization.quantizedDimension] = scale.size
    result: NDArray[np.float64] = (values.astype(np.float64) - zero.reshape(shape)) * scale.reshape(shape)
    return result
