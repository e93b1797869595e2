"""How long `lipbuild --help` and `lipbuild check` take as processes, beside Python alone and what others import.

    python tests/benchmarks/start_up.py [--runs 15]

The commands run in turn (A B C D, A B C D, …), so that a machine whose speed drifts slows all of them alike.
Processor time and wall time of each are given as medians, and the ratio of each to `python -c pass`; then the ratio of
a check of ten layers to importing pydantic, yaml and typer, as it is and with the standard dataclasses in place of
`lipbuild.frozen`.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
IMPORTS = "python -c 'import pydantic, yaml, typer'"
TEN_LAYERS = "lipbuild check configs/digits_ortho_cnn.yaml"
STANDARD = "the same with the standard dataclasses"
_STANDARD = """
import dataclasses, sys
sys.modules["lipbuild.frozen"] = dataclasses
from lipbuild.__main__ import main
main()
"""
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'from pydantic import BaseModel'": ["-c", "from pydantic import BaseModel"],
    IMPORTS: ["-c", "import pydantic, yaml, typer"],
    TEN_LAYERS: ["-m", "lipbuild", "check", str(ROOT / "configs/digits_ortho_cnn.yaml")],
    STANDARD: ["-c", _STANDARD, "check", str(ROOT / "configs/digits_ortho_cnn.yaml")],
    "lipbuild --help": ["-m", "lipbuild", "--help"],
    "lipbuild check configs/digits_mlp.yaml": [
        "-m",
        "lipbuild",
        "check",
        str(ROOT / "configs/digits_mlp.yaml"),
    ],
    "python -c 'import tensorflow'": ["-c", "import tensorflow"],
}


def measure(arguments: list[str]) -> tuple[float, float]:
    """Processor and wall seconds of one process."""
    # Compiled modules are cached, as they are for every user; some environments turn that off.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for index in range(runs + 1):
        for name, arguments in COMMANDS.items():
            if name.endswith("tensorflow'") and index > 3:
                continue
            measured = measure(arguments)
            if index:  # the first run fills caches
                times[name].append(measured)
    print(f"{'command':<44}{'processor s':>12}{'wall s':>9}{'of python':>11}")
    base = statistics.median(wall for _, wall in times["python -c pass"])
    for name, measured in times.items():
        processor = statistics.median(p for p, _ in measured)
        wall = statistics.median(w for _, w in measured)
        print(f"{name:<44}{processor:>12.3f}{wall:>9.3f}{wall / base:>10.1f}×")
    for index, kind in enumerate(("processor", "wall")):
        ten, standard, imports = (
            statistics.median(m[index] for m in times[n]) for n in (TEN_LAYERS, STANDARD, IMPORTS)
        )
        print(f"{TEN_LAYERS} takes {ten / imports:.2f} times the {kind} time of the imports,")
        print(f"and with the standard dataclasses {standard / imports:.2f} times")


if __name__ == "__main__":
    main()
