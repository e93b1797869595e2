"""Trainings whose terminal, pipe or patience goes away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.launched import Server


def ran(code: str, folder: Path, *shell: str) -> subprocess.CompletedProcess[str]:
    """A Python program in a process of its own, started as a shell does it."""
    (folder / "program.py").write_text(code)
    command = " ".join([sys.executable, "program.py", *shell])
    return subprocess.run(
        ["sh", "-c", f"{command}; echo status $? >&3"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        preexec_fn=lambda: os.dup2(os.open(folder / "status", os.O_WRONLY | os.O_CREAT), 3),
        close_fds=False,
    )


def status_of(folder: Path) -> int:
    return int((folder / "status").read_text().split()[1])


def test_a_closed_pipe_leaves_the_training_running(small: Path, server: Server, tmp_path: Path) -> None:
    pipe = tmp_path / "piped.out"
    os.mkfifo(pipe)
    process = server.launch(tmp_path, "piped", "train", small, "--run", "run", "--set", "train.epochs=3")
    with pipe.open() as reader:
        assert "epoch" in reader.readline() + reader.readline()
    assert process.wait() == 0
    assert process.err.read_text() == ""
    lines = (tmp_path / "run" / "train.log").read_text().splitlines()
    assert [" ".join(line.split()[1:3]) for line in lines] == [
        "training small",
        *(f"epoch {epoch}/3" for epoch in (1, 2, 3)),
        "the training",
    ]
    assert (tmp_path / "run" / "report.html").is_file()


def test_what_nobody_reads_is_dropped(tmp_path: Path) -> None:
    code = (
        "from lipbuild.cli.lasting_output import lasting_output\n"
        "import sys, time\n"
        "with lasting_output():\n"
        "    for _ in range(3):\n"
        "        print('x' * 100_000, flush=True)\n"
        "        print('x' * 100_000, file=sys.stderr, flush=True)\n"
        "    print('unread')\n"
        "open('done', 'w').close()\n"
    )
    ran(code, tmp_path, "2>&1", "| head -c 1")
    assert (tmp_path / "done").exists()


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    code = (
        "from lipbuild.cli.lasting_output import open_closed_streams\n"
        "import os, sys\n"
        "open_closed_streams()\n"
        "with open('file', 'w'):\n"
        "    for number, stream in ((1, sys.stdout), (2, sys.stderr)):\n"
        "        print('said', file=stream, flush=True)\n"
        "        os.write(number, b'written')\n"
        "    assert not sys.stdout.isatty()\n"
    )
    ran(code, tmp_path, ">&- 2>&-")
    assert status_of(tmp_path) == 0
    assert (tmp_path / "file").read_text() == ""


def test_a_signal_during_the_start_ends_it_quietly(small: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "lipbuild", "train", str(small), "--run", "run"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "loading TensorFlow\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=120) == ("", "")
    assert process.returncode == 143
    assert not (tmp_path / "run").exists()


def test_a_second_signal_ends_at_once_and_gives_the_folder_back(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from lipbuild.training.interrupts import Interrupts, ended_at_once\n"
        "from lipbuild.training.lease import take\n"
        "from lipbuild.training.run_folder import RunFolder\n"
        "with ended_at_once(), take(RunFolder(Path('run'))), Interrupts() as interrupts:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    assert interrupts.signal == signal.SIGINT\n"
        "    Path('first').touch()\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    Path('late').touch()\n"
    )
    done = ran(code, tmp_path)
    assert status_of(tmp_path) == 130
    assert done.stderr == "error: interrupted\n"
    assert [(tmp_path / name).exists() for name in ("first", "late", "run")] == [True, False, False]


def test_nohup_is_respected(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "from lipbuild.training.interrupts import Interrupts, ended_at_once\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "with ended_at_once(), Interrupts() as interrupts:\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "    assert interrupts.signal == 0\n"
    )
    done = ran(code, tmp_path)
    assert (status_of(tmp_path), done.stderr) == (0, "")
