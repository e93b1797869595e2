"""The command line in processes that share one import of TensorFlow."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SERVER = Path(__file__).parent / "forking_server.py"
PATIENCE = 240.0


@dataclass
class Launched:
    """A `lipbuild` process."""

    server: Server
    number: int
    out: Path
    err: Path
    status: int | None = None

    def wait(self) -> int:
        """Its exit status; negative where a signal ended it."""
        if self.status is None:
            self.status = self.server.ask({"wait": self.number})
        return self.status

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that it does."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, self.texts()
            assert Path(f"/proc/{self.number}").exists() or condition(), self.texts()
            time.sleep(0.01)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.number, number)

    def texts(self) -> str:
        return self.out.read_text() + self.err.read_text()


class Server:
    """Starts `lipbuild` processes that share one import of TensorFlow, which is made for the first of them."""

    @cached_property
    def process(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=SERVER.parent.parent,
            env={
                **os.environ,
                "PYTHONPATH": str(SERVER.parent.parent),
                "NO_COLOR": "1",
                "PYTHONUTF8": "1",
            },
        )

    def ask(self, request: dict[str, object]) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())

    def launch(
        self,
        folder: Path,
        name: str,
        *arguments: object,
        devices: int = 1,
        shown_in: Path | None = None,
        **environment: str,
    ) -> Launched:
        """Start a process in a folder, its output in files of that name there or in another folder."""
        out, err = ((shown_in or folder) / f"{name}.{stream}" for stream in ("out", "err"))
        request = {
            "run": [str(argument) for argument in arguments],
            "cwd": str(folder),
            "env": environment,
            "out": str(out),
            "err": str(err),
            "devices": devices,
        }
        return Launched(self, self.ask(request), out, err)

    def close(self) -> None:
        if "process" not in self.__dict__:
            return
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
