import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Lipbuild = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the processes keep their bytecode, so that each does not compile everything anew."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def lipbuild(tmp_path: Path, bytecode: Path) -> Lipbuild:
    """Runs the command line as a process, in a folder of its own."""

    def run(
        *arguments: str, stdin: str | bytes = b"", **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(
            [sys.executable, "-m", "lipbuild", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**kept, "PYTHONPYCACHEPREFIX": str(bytecode), "COLUMNS": "100", **environment},
            check=False,
            timeout=60,
        )
        result = subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        )
        assert "Traceback" not in result.stderr, result.stderr
        return result

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a file into the folder that `lipbuild` runs in."""

    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return put
