"""Kills a process that replaces a folder and its side file again and again, and looks at what it leaves.

    python tests/benchmarks/kill_while_replacing.py [COUNT] [SEED]

COUNT kills with signal 9 (200 where left out), at random moments. After each the folder has to be whole and of one
version, the side file of the same, and what was left half written gone after the next export.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lipbuild.training.files import write_files

FILES = 100
NAME, SIDE = "model", "model.gate.json"
WRITER = """
import sys
from pathlib import Path
from tests.benchmarks.kill_while_replacing import write
version = int(sys.argv[2])
while True:
    version += 1
    write(Path(sys.argv[1]), version)
    print(version, flush=True)
"""


def write(folder: Path, version: int) -> None:
    """Write a version of the folder and of its side file."""

    def make(place: Path) -> None:
        (place / NAME / "variables").mkdir(parents=True)
        for number in range(FILES):
            (place / NAME / "variables" / str(number)).write_text(f"{version}\\n" * 1000)
        (place / SIDE).write_text(str(version))

    write_files(folder, make)


def found(folder: Path) -> set[str]:
    """The versions of what lies in a folder; one where it is whole."""
    files = list((folder / NAME / "variables").iterdir())
    assert len(files) == FILES
    versions = {line for file in files for line in file.read_text().split("\\n")[:-1]}
    return versions | {(folder / SIDE).read_text()}


def kill(folder: Path, count: int, seed: int) -> tuple[int, int]:
    """Kill a writer so many times.

    Returns:
        How often something half or mismatched lay there, and how many versions were written.
    """
    rng = random.Random(seed)
    write(folder, 0)
    wrong = version = 0
    for _ in range(count):
        command = [sys.executable, "-c", WRITER, str(folder), str(version)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        versions = found(folder)
        wrong += len(versions) != 1
        version = max(map(int, versions))
    write(folder, version + 1)
    assert {path.name for path in folder.iterdir()} == {NAME, SIDE}
    return wrong, version


def main(arguments: list[str]) -> int:
    """Run the script."""
    count = int(arguments[0]) if arguments else 200
    with tempfile.TemporaryDirectory() as folder:
        wrong, versions = kill(Path(folder), count, int(arguments[1]) if len(arguments) > 1 else 0)
    print(f"{count} kills among {versions} replacements: {wrong} left something half or mismatched")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
