"""The largest memory that a training needs, each network in a process of its own.

    python -m lipbuild.benchmarking.peak_memory lipbuild|plain BATCH < CONFIG

prints the bytes, in all and beyond what the imports took.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from lipbuild.errors import UnusableError

_STEPS = 5
_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


def peak_memory(config: str, network: str, batch_size: int) -> tuple[int, int] | None:
    """Bytes that a process needs that trains for a few steps: in all, and beyond its imports.

    Args:
        config: The text of a config without a parent, as `dump_config` writes it.
        network: `lipbuild` or `plain`.
        batch_size: The number of samples of a step.

    Returns:
        The two numbers, or None where the platform does not tell: elsewhere than on Linux.

    Raises:
        UnusableError: The process failed.
    """
    if not _STATUS.exists():
        return None
    done = subprocess.run(
        [sys.executable, "-m", __name__, network, str(batch_size)],
        input=config,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UnusableError(f"the process that measures memory failed: {last}")
    whole, grown = json.loads(done.stdout.splitlines()[-1])
    return int(whole), int(grown)


def _main(network: str, batch_size: str) -> None:
    import keras  # noqa: F401

    from lipbuild.benchmarking.plain_twin import plain_twin
    from lipbuild.benchmarking.random_batch import random_batch
    from lipbuild.benchmarking.steps import training_step
    from lipbuild.building.model import build_model
    from lipbuild.rules.check import check
    from lipbuild.text.text import SourceText

    checked = check(SourceText("-", sys.stdin.read())).raise_for_errors()
    # Importing takes more for a moment than a small training ever does.
    _RESET.write_text("5")
    before = _kibibytes("VmRSS")
    graph, section = checked.graph, checked.config.needed("train")
    model = build_model(graph) if network == "lipbuild" else plain_twin(graph)
    step = training_step(model, graph, section, random_batch(graph, section.loss, int(batch_size)))
    for _ in range(_STEPS):
        float(step())
    peak = _kibibytes("VmHWM")
    print(json.dumps([peak * 1024, (peak - before) * 1024]))


def _kibibytes(field: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1])


if __name__ == "__main__":
    _main(*sys.argv[1:])
