"""Exports: their time as a process, the difference between runtimes, and inference beside the plain Keras network.

    python tests/benchmarks/exports.py [--config configs/digits_cnn.yaml] [--batch 1 --batch 256] [--rounds 30]

The network is trained for one epoch, exported to every format by `lipbuild export` as a process, and each file is
run in its own runtime, with folded kernels (as exported) and without. The plain network has the same layers
unconstrained, with ReLU for GroupSort2, and goes through the same converters. Both take turns within one process; the
first ratio is the median of the ratios within rounds. The second is to the plain network in Keras, whose time is that
of the first line. With `--threads 1` the processor's time is measured, which a busy machine disturbs less than the
clock's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from lipbuild.exporting.format import Format
from lipbuild.exporting.formats import FORMATS
from lipbuild.exporting.served import Served
from lipbuild.runtimes.quiet import quiet

ROOT = Path(__file__).parents[2]
PLAIN = {
    "SpectralDense": "Dense",
    "SpectralConv2D": "Conv2D",
    "ScaledAveragePooling2D": "AveragePooling2D",
    "GroupSort2": "ReLU",
}


def lipbuild(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "lipbuild", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def plain_network(config: Path) -> keras.Model:
    """The same stack of Keras's own layers."""
    import lipbuild as package

    graph = package.load(config).graph
    assert graph is not None
    layers: list[Any] = [keras.Input(graph.input_shape, name="input")]
    for node in graph.nodes:
        cls = getattr(keras.layers, PLAIN.get(node.kind, node.kind))
        taken = ("units", "filters", "kernel_size", "strides", "padding", "pool_size")
        given = {k: v for k, v in node.spec.arguments().items() if k in taken}
        layers.append(cls(**given) if PLAIN.get(node.kind) != "ReLU" else cls())
    return keras.Sequential(layers)


def runner(kind: str, path: Path, batch: int, threads: int) -> Callable[[np.ndarray], Any]:
    """One call of a file in its runtime."""
    if kind in ("keras", "saved_model"):
        if kind == "keras":
            model = keras.saving.load_model(path)
            function = tf.function(lambda x: model(x, training=False), autograph=False)
        else:
            model = tf.saved_model.load(str(path))
            function = model.serve
        # Its functions hold no reference to the model.
        return lambda x, model=model: np.asarray(function(tf.constant(x)))
    if kind == "onnx":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(str(path), options)
        return lambda x: session.run(None, {session.get_inputs()[0].name: x})[0]
    with quiet():
        interpreter = tf.lite.Interpreter(model_path=str(path), num_threads=threads)
        source = interpreter.get_input_details()[0]
        interpreter.resize_tensor_input(source["index"], (batch, *source["shape"][1:]))
        interpreter.allocate_tensors()
    target = interpreter.get_output_details()[0]["index"]

    def run(x: np.ndarray) -> Any:
        interpreter.set_tensor(source["index"], x)
        interpreter.invoke()
        return interpreter.get_tensor(target)

    return run


def ratio(
    pair: list[Callable[[np.ndarray], Any]], x: np.ndarray, rounds: int, threads: int
) -> tuple[float, float, float]:
    """The median times of two functions that take turns, and the median of their ratios."""
    times: list[list[float]] = [[], []]
    clock = time.process_time if threads == 1 else time.perf_counter
    for function in pair * 2:
        function(x)
    for _ in range(rounds):
        for function, found in zip(pair, times):
            start = clock()
            for _ in range(5):
                function(x)
            found.append((clock() - start) / 5)
    ours, plain = (np.array(t) for t in times)
    return float(np.median(ours)), float(np.median(plain)), float(np.median(ours / plain))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=ROOT / "configs" / "digits_cnn.yaml")
    parser.add_argument("--batch", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        run = lipbuild("train", options.config, "--set", "train.epochs=1", "-q", "-o", out).strip()
        formats = [argument for name in FORMATS for argument in ("--format", name)]
        start = time.perf_counter()
        lipbuild("export", run, *formats, "--output", out / "exports")
        print(f"export to {', '.join(FORMATS)} as a process: {time.perf_counter() - start:.1f} s")
        for report in sorted((out / "exports").glob("*.gate.json")):
            found = json.loads(report.read_text())
            greatest = found["outputs_compared"]["greatest_difference"]
            shown = ", ".join(f"{kind} {d['difference']:.1e}" for kind, d in greatest.items())
            print(f"  {found['format']:12} greatest difference: {shown}")
        exact = ("--no-optimize", "--output", out / "exact")
        lipbuild("export", run, *formats, *exact)
        plain = plain_network(options.config)
        served = Served(plain, ("logits",))
        name = next((out / "exports").glob("*.keras")).stem
        for batch in options.batch or [1, 32, 256]:
            x = np.random.default_rng(0).random((batch, *plain.input_shape[1:])).astype(np.float32)
            print(f"inference, batch {batch}{'':35}runtime    Keras")
            in_keras = 0.0
            for kind in ("keras", "saved_model", "onnx", "litert"):
                format_: Format = FORMATS[kind]
                other = out / f"plain_{kind}{format_.suffix}"
                if not other.exists():
                    format_.write(served, other)
                suffix = format_.suffix or f"_{kind}"
                for folder_, form in (("exports", "as exported"), ("exact", "--no-optimize")):
                    if kind == "keras" and folder_ == "exact":
                        continue
                    paths = (out / folder_ / f"{name}{suffix}", other)
                    found = [runner(kind, path, batch, options.threads) for path in paths]
                    ours, theirs, quotient = ratio(found, x, options.rounds, options.threads)
                    in_keras = in_keras or theirs
                    print(
                        f"  {kind:12} {form:14} {ours * 1e3:8.3f} ms  plain {theirs * 1e3:8.3f} ms  "
                        f"{quotient:5.2f} x  {ours / in_keras:5.2f} x"
                    )


if __name__ == "__main__":
    main()
