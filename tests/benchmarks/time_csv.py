"""What a CSV table costs: seconds of a processor and memory to read it, beside pandas; to check it; its contract.

    python -m tests.benchmarks.time_csv [--rows 1000000] [--rounds 3]

Each measurement is a process of its own; readers take turns, and the medians count. pandas is no dependency: where it
is not installed, lipbuild stands alone.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

COLUMNS = 50
NAMES = [*(f"x{i}" for i in range(COLUMNS - 1)), "y"]
CONFIG = """
model:
  lipschitz: 1.0
  layers:
    - OrthoDense: {units: 32}
    - GroupSort2
    - LastLayerNormalized: {units: 1}
data:
  source: {csv: {path: "%s", target: "y"}}
  preprocess: [Normalization: {least_std: 0.1}]
train: {loss: MeanSquaredError, epochs: 1, batch_size: 4096}
"""


def write(path: Path, rows: int, kind: str) -> None:
    """A table of random numbers: of six digits, of all that a float64 has, or of whole numbers and short fractions."""
    rng = np.random.default_rng(0)
    written: dict[str, Callable[[float], str]] = {"6 digits": "{:.6g}".format, "17 digits": repr}
    with path.open("w") as file:
        file.write(",".join(NAMES) + "\n")
        for start in range(0, rows, 10_000):
            values = rng.normal(size=(min(10_000, rows - start), COLUMNS))
            if kind in written:
                lines = [",".join(map(written[kind], row)) for row in values.tolist()]
            else:
                whole = (1000 * values).astype(int).astype(str)
                short = np.char.mod("%.3f", values)
                lines = [",".join(row) for row in np.where(np.arange(COLUMNS) % 5 < 2, whole, short).tolist()]
            file.write("\n".join(lines) + "\n")


def measure(function: Callable[[], Any]) -> dict[str, float]:
    """The seconds of a processor that something takes, and how far memory rises for it, in MB."""
    before = _memory("VmRSS")
    start = time.process_time()
    function()
    seconds = time.process_time() - start
    return {"seconds": seconds, "memory": _memory("VmHWM") - before}


def _memory(key: str) -> float:
    """What Linux says of this process's memory, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{key}:")[1].split()[0]) / 1024


def one(what: str, path: Path) -> dict[str, float]:
    """One measurement, in this process."""
    if what == "pandas":
        import pandas

        return measure(lambda: pandas.read_csv(path))
    from lipbuild.config.sections import DataSection
    from lipbuild.config.sources.tables import Csv
    from lipbuild.data.load import load_raw

    section = DataSection(source=Csv(path=str(path), target="y"))
    if what == "lipbuild":
        return measure(lambda: load_raw(section, Path()))
    from lipbuild.data.array_features import ArrayFeatures
    from lipbuild.data.contract.contract import make_contract
    from lipbuild.data.contract.hold import find
    from lipbuild.data.contract.identities import identify, label_bytes
    from lipbuild.data.contract.key import Key
    from lipbuild.data.labels import read_targets
    from lipbuild.data.parts import Parts

    raw = load_raw(section, Path())
    features = ArrayFeatures(np.asarray(raw.features))
    labels = label_bytes(read_targets(raw.labels, "regression", 1, None))
    found: list[Any] = []
    digesting = measure(lambda: found.append(identify(features, labels, Key(b"0" * 32))))
    order = np.random.default_rng(0).permutation(len(features))
    about = {"inputs": {"rows": False, "columns": [], "unit": ""}, "labels": {"classes": []}}
    parts = Parts(order[: len(order) // 2], None, order[len(order) // 2 :])
    contract = make_contract(about, found[0], parts)
    finding = measure(lambda: find(contract, found[0].samples, str))
    size = len(contract.samples_file()) / 1e6
    return {"seconds": digesting["seconds"], "finding": finding["seconds"], "size": size}


def run(what: str, path: Path) -> dict[str, float]:
    """One measurement, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.time_csv", "--one", what, str(path)]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return result


def check_seconds(config: Path) -> float:
    """Processor seconds of `lipbuild check`, from its start to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "lipbuild", "check", str(config)], check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure, and print medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=2)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one[0], Path(options.one[1]))))
        return
    single = options.rows * (COLUMNS - 1) * 4 / 2**20
    readers = ["lipbuild", *(["pandas"] if find_spec("pandas") is not None else [])]
    if len(readers) == 1:
        print("pandas is not installed: `pip install pandas` to read the tables with it too")
    print(
        f"{options.rows:,} rows and {COLUMNS} columns, {single:.0f} MB as float32; medians of {options.rounds}"
    )
    print(f"{'numbers':<22}{'MB':>6}{'reader':>12}{'s':>8}{'x pandas':>10}{'MB':>8}{'x float32':>11}")
    with tempfile.TemporaryDirectory() as folder:
        path, config = Path(folder) / "table.csv", Path(folder) / "config.yaml"
        config.write_text(CONFIG % path.name)
        for kind in ("6 digits", "17 digits", "whole and short"):
            write(path, options.rows, kind)
            rounds = [{reader: run(reader, path) for reader in readers} for _ in range(options.rounds)]
            for reader in readers:
                seconds = median(turn[reader]["seconds"] for turn in rounds)
                memory = max(turn[reader]["memory"] for turn in rounds)
                beside = median(turn[reader]["seconds"] / turn[readers[-1]]["seconds"] for turn in rounds)
                ratio = f"{beside:.2f}" if len(readers) > 1 else "-"
                cost = f"{seconds:>8.2f}{ratio:>10}{memory:>8.0f}{memory / single:>11.2f}"
                print(f"{kind:<22}{path.stat().st_size / 1e6:>6.0f}{reader:>12}{cost}", flush=True)
        checks = [check_seconds(config) for _ in range(options.rounds)]
        print(f"lipbuild check: {median(checks):.2f} s")
        contract = run("contract", path)
    print(
        f"contract: {contract['seconds']:.2f} s to digest the rows, {contract['finding']:.2f} s to find them again, "
        f"{contract['size']:.1f} MB"
    )


if __name__ == "__main__":
    main()
