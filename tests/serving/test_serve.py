"""`lipbuild serve` as a process, and clients over real sockets: honest ones, slow ones, and hostile ones."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import onnx
import pytest

from tests.conftest import Cli
from tests.serving.conftest import Served, serving

BODY = json.dumps({"inputs": [[0.5] * 13]}).encode()
LISTS = b'{"inputs":[' + b"[]," * 1_000_000 + b"[]]}"


def post(body: bytes, length: int | None = None, head: bytes = b"") -> bytes:
    """A request as it is sent."""
    length = len(body) if length is None else length
    head += b"Content-Type: application/json\r\nContent-Length: %d\r\n" % length
    return b"POST /predict HTTP/1.1\r\nHost: x\r\n%s\r\n%s" % (head, body)


def get(head: bytes) -> bytes:
    return b"GET /health HTTP/1.1\r\n%s\r\n" % head


def sent(port: int, request: bytes) -> socket.socket:
    """A connection over which a request was sent."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(request)
    return connection


def statuses(connection: socket.socket) -> list[int]:
    """The statuses of all answers until the server closes in order: a reset raises."""
    with connection:
        text = b""
        while part := connection.recv(2**16):
            text += part
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", text)]


@pytest.fixture(scope="module")
def served(exports: dict[str, Path]) -> Iterator[Served]:
    options = ("--read-timeout", "1", "--max-connections", "40", "--access-log")
    with serving(exports["onnx with radius"], *options) as served:
        yield served
        lines = [json.loads(line) for line in served.end(signal.SIGINT).splitlines()]
    answered = next(line for line in lines if line["path"] == "/predict" and line["status"] == 200)
    assert set(answered) == {"time", "client", "method", "path", "status", "seconds", "bytes", "samples"}
    assert (answered["method"], answered["client"], answered["samples"]) == ("POST", "127.0.0.1", 2)
    assert {"path": "/\x1b[31m\u202e", "status": 404}.items() <= next(
        line for line in lines if "\x1b" in line["path"]
    ).items()


def test_a_client_asks_and_is_answered(served: Served) -> None:
    with httpx.Client(base_url=served.address, timeout=60) as client:
        assert client.get("/health").json()["status"] == "ok"
        assert client.get("/ready").json() == {"status": "ready"}
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
        assert client.get("/%1b[31m%e2%80%ae").status_code == 404


def test_a_body_without_a_length_is_read_no_further_than_allowed(served: Served) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        yield b'{"inputs": ['
        while read < 2**28:
            read += 2**16
            yield b" " * 2**16

    try:
        answer = httpx.post(
            f"{served.address}/predict",
            content=endless(),
            headers={"content-type": "application/json"},
            timeout=60,
        )
        assert answer.status_code == 413
    except httpx.TransportError:
        # The server has answered and closed while we were still sending.
        pass
    assert read < 2**27


def test_requests_at_once_are_all_answered(served: Served) -> None:
    def ask(i: int) -> int:
        body = {"inputs": [[i / 20] * 13]}
        return httpx.post(f"{served.address}/predict", json=body, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(20))) == [200] * 20


CLOSE = b"Connection: close\r\n"
CHUNKED = (
    b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
HOSTILE = {
    "two requests at once": (post(BODY) + post(BODY, head=CLOSE), [200, 200]),
    "in chunks": (CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY), [200]),
    "no chunk": (CHUNKED + b"chunk\r\n", [400]),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", [400]),
    "no host": (get(b""), [400]),
    "a second request that is none": (post(BODY) + b"nonsense\r\n\r\n", [200, 400]),
    "a long head": (get(b"Host: x\r\nX: " + b"a" * 200_000 + b"\r\n"), [431]),
    "many headers": (get(b"Host: x\r\n" + b"X: a\r\n" * 20_000), [431]),
    "lengths that differ": (post(BODY, head=b"Content-Length: 1\r\n"), [400]),
    "a negative length": (post(b"", -1), [400]),
    "a length beyond the limit": (post(b"", 10**9, b"Expect: 100-continue\r\n"), [413]),
    "lists without end": (post(LISTS), [422]),
    "brackets without end": (post(b"[" * 5_000_000), [422]),
    "a lone surrogate": (post(b'{"\\ud800": 1, "inputs": []}', head=CLOSE), [422]),
    "a compressed body": (post(BODY, head=b"Content-Encoding: gzip\r\n" + CLOSE), [415]),
    "a body that nobody wants": (
        post(b" " * 300_000).replace(b"/predict", b"/nowhere") + get(b"Host: x\r\n" + CLOSE),
        [404, 200],
    ),
    "another method": (b"BREW /predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [405]),
    "a head that never ends": (get(b"Host: x\r\n")[:-2], [408]),
    "a body that never ends": (post(BODY, 1000), [408]),
}


@pytest.mark.parametrize(("request_", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_sent_is_answered_or_refused(
    request_: bytes, expected: list[int], served: Served
) -> None:
    connection = sent(served.port, request_)
    if request_ == HOSTILE["a length beyond the limit"][0]:
        # It waits for leave to send, which it does not get.
        assert connection.recv(2**16).startswith(b"HTTP/1.1 413 ")
        connection.close()
    else:
        assert statuses(connection) == expected
    assert httpx.get(f"{served.address}/health", timeout=30).status_code == 200


def test_who_waits_longest_makes_room_for_others(served: Served) -> None:
    waiting = [sent(served.port, post(BODY)[:20]) for _ in range(60)]
    assert httpx.get(f"{served.address}/health", timeout=30).status_code == 200
    for connection in waiting:
        connection.close()


def test_clients_that_go_away_are_no_news(served: Served) -> None:
    # The fixture looks at what the process has said.
    for length in (10, len(post(BODY)) - 5, len(post(BODY))):
        connection = sent(served.port, post(BODY)[:length])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    with sent(served.port, post(BODY)) as connection:
        # It sends no more, and waits.
        connection.shutdown(socket.SHUT_WR)
        assert statuses(connection) == [200]


def test_sigterm_answers_what_is_asked_and_ends_what_stalls(exports: dict[str, Path]) -> None:
    answered, lost = [0] * 8, [0] * 8

    def ask(client: int, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            while True:
                connection.sendall(post(BODY))
                answer = connection.recv(2**16)
                answered[client] += answer.startswith(b"HTTP/1.1 200")
                lost[client] += not answer
                if not answer or b"connection: close" in answer:
                    return

    with serving(exports["onnx with radius"], "--grace", "3", "--workers", "2") as served:
        stalling = [sent(served.port, post(BODY, 1000)) for _ in range(2)]
        clients = [threading.Thread(target=ask, args=(i, served.port)) for i in range(8)]
        for client in clients:
            client.start()
        while sum(answered) < 200:
            time.sleep(0.01)
        metrics = httpx.get(f"{served.address}/metrics").text
        counted = next(line for line in metrics.splitlines() if line.startswith("lipbuild_predictions_total"))
        # Of both processes: neither has answered all.
        assert float(counted.split()[1]) >= 200
        assert "lipbuild_abstentions_total" in metrics
        served.end(signal.SIGTERM)
        for client in clients:
            client.join()
        assert sum(lost) == 0
        for connection in stalling:
            with connection:
                assert connection.recv(1) == b""


HANGING = """
import socket, time
from lipbuild.serving.app import create_app
from lipbuild.serving.limits import Limits
from lipbuild.serving.server import run_server
from lipbuild.serving.service import Service

described = {"model": "m", "input": {"shape": [13], "units": ""}, "outputs": {}, "classes": [], "radius": None}
listening = socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
app = create_app(Service(described, lambda x: time.sleep(1000), "a test"))
run_server(app, listening, Limits(), 1.0, lambda: print(port, flush=True))
"""


def test_a_runtime_that_hangs_ends_with_the_grace_period() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HANGING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with sent(port, post(BODY)) as connection:
        # The loop answers beside the runtime.
        assert statuses(sent(port, get(b"Host: x\r\n" + CLOSE))) == [200]
        process.send_signal(signal.SIGTERM)
        assert connection.recv(1) == b""
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_what_cannot_be_served_is_said_in_one_message(
    exports: dict[str, Path], cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "text.onnx").write_text("text")
    model = onnx.load(exports["onnx with radius"])
    for entry in model.metadata_props:
        if entry.key == "lipbuild.self_test":
            entry.value = '{"shape": [13], "outputs": {}}'
    onnx.save(model, tmp_path / "untested.onnx")
    for name, status, message in (
        ("text.onnx", 2, "it is neither a run folder nor an export:"),
        ("untested.onnx", 1, "its metadata have no test answer for its output `"),
    ):
        for workers in ("1", "2"):
            refused = cli("serve", tmp_path / name, "--port", "0", "--workers", workers)
            assert refused.returncode == status
            assert refused.stderr.startswith(f"error: {tmp_path}/{name}: {message}")


def test_a_port_that_is_taken_and_a_dockerfile(
    served: Served, exports: dict[str, Path], cli: Cli, tmp_path: Path
) -> None:
    taken = cli("serve", exports["run"], "--port", served.port)
    assert taken.returncode == 2
    assert "it cannot be listened on" in taken.stderr
    target = tmp_path / "Dockerfile"
    assert cli("serve", exports["run"], "--dockerfile", target).returncode == 0
    assert f'"/model/{exports["run"].name}"' in target.read_text()
    assert cli("serve", exports["run"], "--dockerfile", target).returncode == 2
    assert cli("serve", tmp_path / "nowhere").returncode == 2
