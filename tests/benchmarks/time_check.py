"""How long the checker itself takes: long configs, many of them in one process, and a folder of them from a shell.

    python tests/benchmarks/time_check.py

Times are of the processor, the best of three. For the start of the process see `start_up.py`.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lipbuild.rules.check import check
from lipbuild.text.text import SourceText

MANY = 1000


def config(layers: int, lipschitz: float = 1.0) -> str:
    """A config of that many layers."""
    pair = "    - SpectralDense: {units: 64}\n    - GroupSort2\n"
    return f"model:\n  lipschitz: {lipschitz}\n  input: [64]\n  layers:\n{pair * (layers // 2)}"


def seconds(texts: list[str]) -> float:
    """Processor seconds for checking all texts."""
    start = time.process_time()
    for index, text in enumerate(texts):
        assert check(SourceText(f"config{index}.yaml", text)).ok
    return time.process_time() - start


def folder_seconds() -> tuple[float, int]:
    """Processor seconds of `lipbuild check FOLDER` as a process, and its greatest memory in MB."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        for index in range(MANY):
            (Path(folder) / f"config{index}.yaml").write_text(config(10))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "lipbuild", "check", folder],
            check=True,
            stdout=subprocess.DEVNULL,
            env=environment,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss // 1024


def main() -> None:
    """Measure, the best of three."""
    seconds([config(10)])
    for name, texts in {
        "10 layers": [config(10)],
        "1,000 layers": [config(1000)],
        "1,000 layers that share a constant of 4": [config(1000, 4.0)],
        "1,000 configs of 10 layers": [config(10)] * MANY,
    }.items():
        print(f"{name:<50}{min(seconds(texts) for _ in range(3)):8.4f} s")
    times = [folder_seconds() for _ in range(3)]
    name = "the same in a folder, `lipbuild check FOLDER`"
    print(f"{name:<50}{min(t for t, _ in times):8.4f} s, {max(m for _, m in times)} MB")


if __name__ == "__main__":
    main()
