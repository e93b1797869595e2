"""`lipbuild serve` as a process, and a client over a real socket."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Cli


@pytest.fixture(scope="module")
def address(exports: dict[str, Path]) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "lipbuild", "serve", exports["onnx with radius"], "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"at (http://127\.0\.0\.1:\d+)", line)
    if found is None:
        process.kill()
        raise AssertionError(line + process.communicate()[1])
    yield found[1]
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


def test_a_client_asks_and_is_answered(address: str) -> None:
    with httpx.Client(base_url=address, timeout=60) as client:
        assert client.get("/health").json()["status"] == "ok"
        answer = client.post("/predict", json={"inputs": [[0.5] * 13, [0.1] * 13]})
        assert answer.status_code == 200
        assert [set(p) for p in answer.json()["predictions"]] == [
            {"label", "class", "margin", "radius", "logits"}
        ] * 2
        wrong = client.post("/predict", json={"inputs": [[0.5] * 12]})
        assert (wrong.status_code, wrong.json()["reason"]) == (
            422,
            "inputs[0] has 12 items, and the network takes 13",
        )


def test_a_body_without_a_length_is_read_no_further_than_allowed(address: str) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b'{"inputs": ['
        while sent < 2**28:
            sent += 2**16
            yield b" " * 2**16

    try:
        answer = httpx.post(
            f"{address}/predict", content=endless(), headers={"content-type": "application/json"}, timeout=60
        )
        assert answer.status_code == 413
    except httpx.TransportError:
        # The server has answered and closed while we were still sending.
        pass
    assert sent < 2**27


def test_requests_at_once_are_all_answered(address: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def ask(i: int) -> int:
        body = {"inputs": [[i / 20] * 13]}
        return httpx.post(f"{address}/predict", json=body, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(20))) == [200] * 20


def test_a_port_that_is_taken_and_a_dockerfile(
    address: str, exports: dict[str, Path], cli: Cli, tmp_path: Path
) -> None:
    taken = cli("serve", exports["run"], "--port", address.rpartition(":")[2])
    assert taken.returncode == 2
    assert "it cannot be listened on" in taken.stderr
    target = tmp_path / "Dockerfile"
    assert cli("serve", exports["run"], "--dockerfile", target).returncode == 0
    assert f'"/model/{exports["run"].name}"' in target.read_text()
    assert cli("serve", exports["run"], "--dockerfile", target).returncode == 2
    assert cli("serve", tmp_path / "nowhere").returncode == 2
