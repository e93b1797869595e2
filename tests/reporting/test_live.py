"""The page of a training while it runs."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lipbuild.cli.address import address
from lipbuild.cli.optional_values import with_optional_values
from lipbuild.errors import UnusableError
from lipbuild.reporting.live.page_server import PageServer
from lipbuild.reporting.live.pages import Pages
from lipbuild.reporting.live.report_file import refresh_report
from lipbuild.training.run_folder import RunFolder
from tests.conftest import CONFIGS
from tests.launched import Server
from tests.reporting.conftest import Runs


def test_a_training_shows_itself_and_ends_its_page(server: Server, tmp_path: Path) -> None:
    process = server.launch(
        tmp_path,
        "shown",
        *("train", CONFIGS / "moons_hkr.yaml", "--serve", "127.0.0.1:0"),
        *("-o", tmp_path, "--set", "train.epochs=6"),
    )
    process.until(
        lambda: process.err.exists() and "is shown at" in process.err.read_text().rpartition("\n")[0]
    )
    said = next(line for line in process.err.read_text().splitlines() if "is shown at" in line)
    place = urlsplit(said.split()[-1])
    assert place.hostname == "127.0.0.1"
    connection = http.client.HTTPConnection("127.0.0.1", place.port or 0, timeout=120)
    connection.request("GET", "/events")
    response = connection.getresponse()
    assert response.headers["Content-Type"] == "text/event-stream"
    events = []
    while not events or events[-1][0] != "end":
        line = response.readline().decode()
        assert line, "it ended without an end"
        if line.startswith("event: "):
            events.append(
                (line.removeprefix("event: ").strip(), json.loads(response.readline().decode()[6:]))
            )
    assert len(events) >= 2
    last = events[-1][1]
    assert last["problem"] == ""
    assert "6 of 6" in last["page"]
    assert "connect-src 'self'" in last["page"].replace("&#39;", "'")
    assert process.wait() == 0, process.texts()
    assert (Path(process.out.read_text().splitlines()[-1]) / "report.html").is_file()


@pytest.fixture
def pages() -> Pages:
    pages = Pages()
    pages.put("<p>one</p>")
    return pages


def ask(server: PageServer, path: str, **headers: str) -> tuple[int, str]:
    place = urlsplit(server.address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port or 0, timeout=30)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    return response.status, response.read().decode()


def test_it_answers_to_its_own_name_alone(pages: Pages) -> None:
    server = PageServer("127.0.0.1", 0, pages)
    try:
        assert ask(server, "/") == (200, "<p>one</p>")
        assert ask(server, "/", Host="localhost:80") == (200, "<p>one</p>")
        assert ask(server, "/", Host="evil.example")[0] == 403
        assert ask(server, "/config.yaml")[0] == 404
    finally:
        server.close()
    with pytest.raises(OSError, match="refused"):
        ask(server, "/")


def test_who_waits_gets_the_last_page_before_it_closes(pages: Pages) -> None:
    server = PageServer("127.0.0.1", 0, pages)
    found: list[tuple[int, str]] = []
    waiting = threading.Thread(target=lambda: found.append(ask(server, "/events")))
    waiting.start()
    while not any(thread.name == "lipbuild page events" for thread in threading.enumerate()):
        time.sleep(0.01)
    pages.put("<p>two</p>", ended=True, problem="the disk is full")
    server.close()
    waiting.join(30)
    assert 'event: end\ndata: {"page": "<p>two</p>", "problem": "the disk is full"}' in found[0][1]


def test_a_port_that_is_taken_is_said(pages: Pages) -> None:
    server = PageServer("127.0.0.1", 0, pages)
    try:
        with pytest.raises(UnusableError, match="cannot be listened on"):
            PageServer("127.0.0.1", urlsplit(server.address).port or 0, pages)
    finally:
        server.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1", ("127.0.0.1", 8008)),
        ("9000", ("127.0.0.1", 9000)),
        (":9000", ("127.0.0.1", 9000)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
        ("[::1]:9000", ("::1", 9000)),
        ("::1", ("::1", 8008)),
    ],
)
def test_an_address_is_read(text: str, expected: tuple[str, int]) -> None:
    assert address(text) == expected


def test_a_wrong_address_is_refused() -> None:
    with pytest.raises(UnusableError, match="is not an address"):
        address("localhost:eighty")


def test_serve_takes_an_address_or_none() -> None:
    assert with_optional_values(["train", "--serve", "c.yaml"]) == ["train", "--serve=127.0.0.1", "c.yaml"]
    assert with_optional_values(["train", "c.yaml", "--serve", ":80"]) == ["train", "c.yaml", "--serve=:80"]
    assert with_optional_values(["train", "c.yaml", "--serve"]) == ["train", "c.yaml", "--serve=127.0.0.1"]
    assert with_optional_values(["check", "--graph", "c.yaml"]) == ["check", "--graph=table", "c.yaml"]


def test_a_report_that_cannot_be_drawn_fails_nothing(
    runs: Runs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(shutil.copytree(runs.bare, tmp_path / "run"))
    run.evaluation.write_text('{"lipschitz": 1}')
    before = run.report.read_text()
    refresh_report(run)
    assert "warning: the report is not written: " in capsys.readouterr().err
    assert run.report.read_text() == before
