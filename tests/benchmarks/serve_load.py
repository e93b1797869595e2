"""`lipbuild serve` under load, beside a FastAPI route that returns a constant, with the load made on the same machine.

    python tests/benchmarks/serve_load.py [RUN|EXPORT] [--seconds 20] [--clients 64] [--requests 100000]

Without a target the digits MLP of `configs/` is trained for two epochs, and its run folder served.

It prints requests a second and latencies of both, in turns in the same run; with one client alone; with 300 connections
that never end their request; the memory of the service over many requests; and how long it takes to stop, whatever its
clients do, and what becomes of the requests that were in it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
CONSTANT = """
import socket
import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/predict")
async def predict():
    return {"label": 3}


listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listening.bind(("127.0.0.1", 0))
listening.listen()
print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])
"""
GRACE = 8.0
_TURNS = 5


@dataclass
class Load:
    """What clients saw.

    Attributes:
        answered: How many requests were answered with 200.
        refused: How many got another status.
        lost: How many were sent and never answered.
        seconds: How long it took.
        processor: The processor time that the service took, in seconds.
        latencies: The time of each answer.
    """

    answered: int = 0
    refused: int = 0
    lost: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def add(self, other: Load) -> None:
        """What was seen in another turn."""
        self.answered += other.answered
        self.refused += other.refused
        self.lost += other.lost
        self.seconds += other.seconds
        self.processor += other.processor
        self.latencies += other.latencies

    @property
    def rate(self) -> float:
        return self.answered / self.seconds

    def at(self, share: float) -> float:
        """The latency that a share of the answers does not exceed, in ms."""
        ordered = sorted(self.latencies)
        return 1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    def __str__(self) -> str:
        return (
            f"{self.rate:7.0f} requests/s, {1e3 * self.processor / max(self.answered, 1):.2f} ms of processor each, "
            f"p50 {self.at(0.5):.2f} ms, p99 {self.at(0.99):.2f} ms, {self.refused} refused, {self.lost} lost"
        )


class Client(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, request: bytes, load: Load, until: float, most: list[int]) -> None:
        self.request, self.load, self.until, self.most = request, load, until, most
        self.ended = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.sent = 0.0
        self.waits = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        now = time.perf_counter()
        if now >= self.until or self.most[0] <= 0:
            self.transport.close()
            return
        self.most[0] -= 1
        self.sent, self.waits = now, True
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
        if len(rest) < length:
            return
        self.buffer = b""
        self.waits = False
        if head.startswith(b"HTTP/1.1 200"):
            self.load.answered += 1
            self.load.latencies.append(time.perf_counter() - self.sent)
        else:
            self.load.refused += 1
        if b"connection: close" in head:
            self.transport.close()
        else:
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        self.load.lost += self.waits
        if not self.ended.done():
            self.ended.set_result(None)


def load(service: Service, request: bytes, clients: int, seconds: float, most: int = 2**62) -> Load:
    """Let clients ask for some seconds, or until so many requests have been sent."""
    before = processor_time(service.process)
    found = asyncio.run(_load(service.port, request, clients, seconds, most))
    found.processor = processor_time(service.process) - before
    return found


async def _load(port: int, request: bytes, clients: int, seconds: float, most: int) -> Load:
    found, left = Load(), [most]
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    pairs = [
        await loop.create_connection(lambda: Client(request, found, began + seconds, left), "127.0.0.1", port)
        for _ in range(clients)
    ]
    await asyncio.gather(*(client.ended for _, client in pairs))
    found.seconds = time.perf_counter() - began
    return found


@dataclass(frozen=True)
class Service:
    """A process that answers at a port."""

    process: subprocess.Popen[str]
    port: int


@contextlib.contextmanager
def started(*command: str) -> Iterator[Service]:
    """A process that says its address in its first line."""
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if found is None:
            raise SystemExit(line + process.communicate()[1])
        yield Service(process, int(found[1]))
    finally:
        process.kill()
        _, errors = process.communicate()
        if errors:
            print("it said:", errors)


def served(target: Path, *options: str) -> contextlib.AbstractContextManager[Service]:
    command = ("-m", "lipbuild", "serve", str(target), "--port", "0", "--grace", str(GRACE), *options)
    return started(*command)


def half_open(port: int, count: int, what: bytes) -> list[socket.socket]:
    """Connections whose request never ends."""
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(what)
        connections.append(connection)
    return connections


def processor_time(process: subprocess.Popen[str]) -> float:
    """What it and its workers have taken so far, in seconds."""
    processes = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in processes)


def memory(process: subprocess.Popen[str]) -> int:
    """Its resident memory in KiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]


def post(body: bytes) -> bytes:
    return (
        b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )


GET = b"GET /predict HTTP/1.1\r\nHost: localhost\r\n\r\n"


def stops(target: Path, request: bytes) -> None:
    """How long it takes to stop, whatever clients do."""
    partial_head, partial_body = request[:40], request[:-20]
    for what, sent in (
        ("no client", None),
        ("50 clients in the middle of a head", partial_head),
        ("50 clients in the middle of a body", partial_body),
    ):
        with served(target) as service:
            connections = half_open(service.port, 50, sent) if sent else []
            time.sleep(0.5)
            began = time.perf_counter()
            service.process.send_signal(signal.SIGTERM)
            status = service.process.wait(60)
            print(f"  {what}: stopped with {status} after {time.perf_counter() - began:.1f} s")
            for connection in connections:
                connection.close()
    with served(target) as service:
        found = asyncio.run(_load_until_stopped(service, request))
        print(f"  64 clients that ask without end: {found}")


async def _load_until_stopped(service: Service, request: bytes) -> str:
    ended: list[float] = []
    process = service.process

    async def stop() -> None:
        await asyncio.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        began = time.perf_counter()
        while process.poll() is None:
            await asyncio.sleep(0.02)
        ended.append(time.perf_counter() - began)

    found, _ = await asyncio.gather(_load(service.port, request, 64, 30.0, 2**62), stop())
    return (
        f"stopped with {process.returncode} after {ended[0]:.1f} s; of {found.answered + found.lost} requests "
        f"{found.lost} were not answered"
    )


def digits(folder: Path) -> Path:
    """A run of the digits MLP."""
    command = ["train", str(ROOT / "configs/digits_mlp.yaml"), "--set", "train.epochs=2", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "lipbuild", *command, "--output", str(folder)], check=True, capture_output=True
    )
    return next(folder.iterdir())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path, nargs="?")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        target = options.target or digits(Path(folder))
        measure(target, options)


def compare(constant: Service, service: Service, request: bytes, clients: int, seconds: float) -> None:
    """Both in turns, since a machine is not equally busy all the time."""
    theirs, ours = Load(), Load()
    for _ in range(_TURNS):
        theirs.add(load(constant, GET, clients, seconds / _TURNS))
        ours.add(load(service, request, clients, seconds / _TURNS))
    print(f"{clients} clients: constant {theirs}")
    print(f"{clients} clients: serve    {ours}")
    print(
        f"  {ours.rate / theirs.rate:.2f} of its rate, {ours.at(0.5) / theirs.at(0.5):.2f} times its median latency"
    )


def measure(target: Path, options: argparse.Namespace) -> None:
    sample = [[[(i + j) / 16] for i in range(8)] for j in range(8)]
    request = post(json.dumps({"inputs": [sample]}).encode())
    clients, seconds = options.clients, options.seconds
    with (
        started("-c", CONSTANT) as constant,
        served(target, "--workers", str(options.workers)) as service,
    ):
        for warm, what in ((constant, GET), (service, request)):
            load(warm, what, 8, 1.0)
        compare(constant, service, request, clients, seconds)
        compare(constant, service, request, 1, min(seconds, 8.0))
        rates = {0: 0.0, 300: 0.0}
        for _ in range(4):
            for count in rates:
                connections = half_open(service.port, count, request[:-20])
                beside = load(service, request, clients, seconds / 4)
                for connection in connections:
                    connection.close()
                print(f"serve, beside {count:3} half-open connections: {beside}")
                rates[count] += beside.rate
        print(f"  {rates[300] / rates[0]:.2f} of the rate without")
        if options.requests:
            first = memory(service.process)
            many = load(service, request, clients, 3600.0, options.requests)
            last = memory(service.process)
            print(
                f"{many.answered} requests: memory from {first / 1024:.1f} to {last / 1024:.1f} MiB, "
                f"{100 * (last / first - 1):+.1f} %"
            )
    print("SIGTERM:")
    stops(target, request)


if __name__ == "__main__":
    main()
