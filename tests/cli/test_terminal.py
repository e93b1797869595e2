"""`lipbuild check` on a terminal: colours, and lines that fit its width."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")

Write = Callable[[str, str], Path]

BAD = """\
model:
  input: [8, 8, 1]
  layers:
    - Conv2D: {filters: 8, kernel_size: 3, activation: relu, padding: same}
"""


def on_terminal(folder: Path, columns: int, bytecode: Path, **environment: str) -> str:
    """What the command prints on a terminal of that width."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "lipbuild", "check", "c.yaml"],
        cwd=folder,
        stdout=theirs,
        stdin=subprocess.DEVNULL,
        env={**kept, "TERM": "xterm", "PYTHONPYCACHEPREFIX": str(bytecode), **environment},
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:
            break
        if not chunk:
            break
        said += chunk
    os.close(ours)
    assert process.wait(30) == 1
    return said.decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    return re.sub(r"\033\[[0-9;]*m", "", text)


def test_a_terminal_has_colours_and_lines_that_fit(tmp_path: Path, write: Write, bytecode: Path) -> None:
    write("c.yaml", BAD)
    said = on_terminal(tmp_path, 60, bytecode)
    assert "\033[1;31merror[LIP202]\033[0m" in said
    assert "\033[32m+" in said
    assert all(len(line) <= 60 for line in plain(said).splitlines())


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_are_left_out_where_they_are_not_wanted(
    tmp_path: Path, write: Write, bytecode: Path, environment: dict[str, str]
) -> None:
    write("c.yaml", BAD)
    assert "\033[" not in on_terminal(tmp_path, 100, bytecode, **environment)
