"""Time and size of exported C beside ONNX Runtime and LiteRT, and what its radii lose.

    python -m tests.benchmarks.c_code RUN [RUN …]

One thread, one sample at a time: microseconds of a processor for one sample. The programs take turns, and what is
printed are the medians of the rounds, and of the ratios within a round. C is compiled by GCC with `-O3
-march=native`; the others are called from Python, as they are.
Of the test part: on what share of the samples the radius of the C code is below that of `real` semantics in float64, by
how much, and what share keeps a radius in float32 and in double.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import lipbuild
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.sample_radii import sample_radii
from lipbuild.evaluation.trained import load_trained
from lipbuild.exporting.c_code.arithmetic import ARITHMETICS
from lipbuild.exporting.c_code.subject import Subject, subject_of
from lipbuild.saved.archive import read_archive
from lipbuild.saved.keras_config import network_of
from lipbuild.training.run_data import load_run_data
from lipbuild.training.run_folder import open_run_folder
from tests.exporting.c_code.programs import written

_ROUNDS = 21
_SECONDS = 0.1
_HARNESS = """
#include "net.h"
#include <stdio.h>
#include <time.h>
static float x[NET_INPUTS];
static float z[NET_OUTPUTS];
int main(void) {
    net_result result;
    long count = 0;
    if (fread(x, sizeof x[0], NET_INPUTS, stdin) != NET_INPUTS) { return 1; }
    CALL
    const clock_t start = clock();
    while ((double)(clock() - start) < SECONDS * CLOCKS_PER_SEC) {
        for (int i = 0; i < 50; ++i) { CALL }
        count += 50;
    }
    (void)z; (void)result;
    printf("%.9g", (double)(clock() - start) / CLOCKS_PER_SEC / (double)count * 1e6);
    return 0;
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="+", type=Path)
    for run in parser.parse_args().runs:
        measure(run)


def measure(path: Path) -> None:
    run = open_run_folder(path)
    network = network_of(*read_archive(run.plain))
    certified = CertifiedNetwork.of(network)
    subjects = {name: subject_of(certified, a, "real", classes=True) for name, a in ARITHMETICS.items()}
    trained = load_trained(run)
    x = load_run_data(run, trained.config, trained.graph).test.x
    print(f"{trained.config.name}: {certified.products:,.0f} products, {len(x)} test samples")
    radii(subjects, certified, x)
    with tempfile.TemporaryDirectory() as folder:
        times(subjects["float32"], run.path, x, Path(folder))


def radii(subjects: dict[str, Subject], certified: CertifiedNetwork, x: np.ndarray) -> None:
    real = sample_radii(certified.logits(x), certified.head)
    for name, subject in subjects.items():
        found = subject.emulate(x)["radius"].astype(np.float64)
        positive = real > 0
        lost = 1.0 - found[positive] / real[positive]
        print(
            f"  {name}: {(found > 0).mean():.2%} have a radius, {(real > 0).mean():.2%} in `real`; below it on "
            f"{(found < real).mean():.2%}; mean {found.mean():.6f} of {real.mean():.6f}; lost by a sample: median "
            f"{np.median(lost):.2g}, 95% at most {np.quantile(lost, 0.95):.2g}"
        )
        assert (found <= real).all()


def times(subject: Subject, run: Path, x: np.ndarray, folder: Path) -> None:
    source = written(subject, folder)
    calls = {"logits": "net_logits(x, z);", "predict": "(void)net_predict(x, &result);"}
    timed: dict[str, Callable[[], float]] = {
        f"C, {name}": in_c(source, name, call, x[0]) for name, call in calls.items()
    }
    print(f"  {size_of(source, subject)}")
    files = {one.format: one.path for one in lipbuild.export(run, ["onnx", "litert"], folder / "files")}
    timed["ONNX Runtime, logits"] = in_python(onnx(files["onnx"], x[:1]))
    timed["LiteRT, logits"] = in_python(litert(files["litert"], x[:1]))
    rounds = np.array([[measured() for measured in timed.values()] for _ in range(_ROUNDS)])
    faster = rounds[:, 2:].min(axis=1)
    for name, column in zip(timed, rounds.T, strict=True):
        print(
            f"  {name}: {np.median(column):.2f} µs, {np.median(column / faster):.2f} of the faster of the other two"
        )
    print("  files: " + ", ".join(f"{kind} {path.stat().st_size:,} bytes" for kind, path in files.items()))


def in_c(source: Path, name: str, call: str, x: np.ndarray) -> Callable[[], float]:
    """Microseconds of a call in a program of its own, in which it is repeated."""
    folder = source.parent
    harness, program = folder / f"{name}.c", folder / name
    harness.write_text(_HARNESS.replace("CALL", call).replace("SECONDS", str(_SECONDS), 1))
    command = ["gcc", "-std=c99", "-O3", "-march=native", f"-I{folder}", str(source), str(harness), "-lm"]
    subprocess.run([*command, "-o", str(program)], check=True)

    def measured() -> float:
        return float(subprocess.run([program], input=x.tobytes(), capture_output=True, check=True).stdout)

    return measured


def size_of(source: Path, subject: Subject) -> str:
    parts = []
    for level in ("-Os", "-O2", "-O3"):
        made = source.with_suffix(".o")
        subprocess.run(["gcc", "-std=c99", level, "-c", str(source), "-o", str(made)], check=True)
        done = subprocess.run(["size", str(made)], capture_output=True, text=True, check=True)
        text, data, bss = map(int, done.stdout.splitlines()[1].split()[:3])
        weights = sum(values.nbytes for values in subject.program.arrays.values())
        parts.append(f"{level} {text + data - weights:,} beside {weights:,} of weights, {bss:,} written in")
    return "bytes of code and tables: " + "; ".join(parts)


def onnx(path: Path, x: np.ndarray) -> Callable[[], Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"input": x})


def litert(path: Path, x: np.ndarray) -> Callable[[], Any]:
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    place = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(place, x.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(place, x)
    return interpreter.invoke


def in_python(call: Callable[[], Any]) -> Callable[[], float]:
    """Microseconds of a call, repeated."""
    call()

    def measured() -> float:
        start, count = time.process_time(), 0
        while time.process_time() - start < _SECONDS:
            for _ in range(50):
                call()
            count += 50
        return 1e6 * (time.process_time() - start) / count

    return measured


if __name__ == "__main__":
    main()
