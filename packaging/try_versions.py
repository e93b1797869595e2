"""Try lipbuild with the lowest and the highest versions of what it needs, on each Python that is found.

    python packaging/try_versions.py                               # make versions: all of them, a few GB of downloads
    python packaging/try_versions.py --python 3.10 --bound lowest  # one of them
    python packaging/try_versions.py --light                       # without TensorFlow: seconds each

Each pair of a Python and a bound has a virtual environment of its own, in a temporary folder. The commands of a first
session run there: check, train, evaluate, report, certify, verify, export; with `--light` those that need no
TensorFlow. The status is 1 where one fails.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from requirements import ROOT, light_requirements, lowest, requirements

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
CONFIG = ROOT / "configs" / "digits_mlp.yaml"
MODEL = """
import keras
keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]).save("model.keras")
"""


def commands(folder: Path, light: bool) -> Iterator[list[str]]:
    """The commands, in their order."""
    yield ["--version"]
    yield ["check", str(CONFIG)]
    yield ["check", "--graph", "--format", "json", str(CONFIG)]
    yield ["rules", "plain-dense"]
    yield ["schema"]
    yield ["init", str(folder / "config.yaml")]
    yield ["lsp"]
    if light:
        model = folder.parent / "model.keras"
        yield ["verify", str(model), str(model.with_suffix(".certificate.json"))]
        return
    run = folder / "run"
    yield ["train", str(CONFIG), "--set", "train.epochs=2", "--run", str(run), "--quiet"]
    yield ["evaluate", str(run), "--attack-samples", "5"]
    yield ["report", str(run)]
    yield ["certify", str(run)]
    yield ["verify", str(run), str(run / "certificate.json")]
    yield ["export", str(run)]


def run(python: Path, arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Run a command of lipbuild in an environment. Nobody speaks to the language server, which ends."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        [str(python), "-m", "lipbuild", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment,
    )


def make_environment(interpreter: str, folder: Path, wanted: list[str]) -> Path:
    """A virtual environment that has these packages, as wheels, and its Python."""
    subprocess.run([interpreter, "-m", "venv", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--only-binary=:all:"]
    subprocess.run([*pip, *wanted], check=True)
    return python


def attempt(interpreter: str, bound: str, folder: Path, light: bool) -> str | None:
    """What fails with one Python and one bound; None where nothing does."""
    wanted = light_requirements() if light else sorted({*requirements(), *light_requirements()})
    python = make_environment(
        interpreter, folder / "venv", [lowest(w) for w in wanted] if bound == "lowest" else wanted
    )
    for arguments in commands(folder, light):
        done = run(python, arguments)
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            return f"lipbuild {' '.join(arguments)} ended with {done.returncode}:\n{said}"
    return None


def find(version: str) -> str | None:
    """The interpreter of a version, if it is installed and starts."""
    if version == "{}.{}".format(*sys.version_info):
        return sys.executable
    # The commands that pyenv puts on the path may be switched off; what they stand for is in its folder.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for path in (
        shutil.which(f"python{version}"),
        *sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True),
    ):
        if path is not None and subprocess.run([path, "-c", ""], capture_output=True).returncode == 0:
            return str(path)
    return None


def main() -> int:
    """Try them, and print a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--python", action="append", help="a version such as 3.12, or a path; all found if left out"
    )
    parser.add_argument("--bound", action="append", choices=("lowest", "highest"), help="both if left out")
    parser.add_argument(
        "--light", action="store_true", help="what runs without TensorFlow; this Python makes a model"
    )
    options = parser.parse_args()
    failed = tried = 0
    with tempfile.TemporaryDirectory(prefix="lipbuild-versions-") as name:
        base = Path(name)
        if options.light:
            certify_a_model(base)
        for version in options.python or PYTHONS:
            interpreter = version if os.sep in version else find(version)
            if interpreter is None:
                print(f"{version}: not installed, left out")
                failed += options.python is not None
                continue
            for bound in options.bound or ("lowest", "highest"):
                folder = base / f"{Path(version).name}-{bound}"
                folder.mkdir()
                start = time.monotonic()
                fault = attempt(interpreter, bound, folder, options.light)
                shutil.rmtree(folder)
                tried += 1
                failed += fault is not None
                print(f"{version} {bound}: {fault or 'ok'} ({time.monotonic() - start:.0f} s)", flush=True)
    return 1 if failed or not tried else 0


def certify_a_model(folder: Path) -> None:
    """Write a model and its certificate with this Python, which has TensorFlow."""
    subprocess.run([sys.executable, "-c", MODEL], cwd=folder, check=True, capture_output=True)
    done = run(Path(sys.executable), ["certify", str(folder / "model.keras")])
    assert done.returncode == 0, done.stderr.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
