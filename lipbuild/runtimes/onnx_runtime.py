"""ONNX files in ONNX Runtime, which alone is needed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.reading.strict_json import strict_json
from lipbuild.runtimes.runtime import Outputs, Predict, in_batches, needed

PREFIX = "lipbuild."


def metadata(path: Path) -> dict[str, Any]:
    """The properties of the file that begin with `lipbuild.`, whose values are JSON."""
    entries = _session(path).get_modelmeta().custom_metadata_map
    return {
        key.removeprefix(PREFIX): strict_json(value.encode(), f"{path}: `{key}`")
        for key, value in entries.items()
        if key.startswith(PREFIX)
    }


def load(path: Path, optimization: str = "ORT_ENABLE_ALL") -> Predict:
    """A session on the processor.

    Args:
        path: The file.
        optimization: How far the graph is rewritten, as ONNX Runtime's `GraphOptimizationLevel` names it.
    """
    session = _session(path, optimization)
    [source] = session.get_inputs()
    names = [output.name for output in session.get_outputs()]
    size = source.shape[0]

    def one(batch: NDArray[np.float32]) -> Outputs:
        return dict(zip(names, session.run(names, {source.name: batch})))

    def filled(batch: NDArray[np.float32]) -> Outputs:
        """Of a file that takes so many samples and no fewer."""
        rest = np.zeros((size - len(batch), *batch.shape[1:]), np.float32)
        return {name: values[: len(batch)] for name, values in one(np.concatenate([batch, rest])).items()}

    if isinstance(size, int):
        return lambda inputs: in_batches(filled, inputs, size)
    return lambda inputs: in_batches(one, inputs)


def _session(path: Path, optimization: str = "ORT_ENABLE_ALL") -> Any:
    runtime = needed("onnxruntime", "onnx")
    options = runtime.SessionOptions()
    options.graph_optimization_level = getattr(runtime.GraphOptimizationLevel, optimization)
    # All cores where nothing is said. OpenMP takes a number for each level of nested threads.
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "").partition(",")[0] or 0)
    # Threads that wait for the next batch in a loop take the processor from whatever else runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # What it says of a file goes into the error.
    options.log_severity_level = 4
    return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
