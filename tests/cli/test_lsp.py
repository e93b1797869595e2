"""The language server over its protocol, as an editor speaks it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

TEXT = """\
# 😀
model:
  input: [8]
  layers:
    - SpectralDense: {units: 8, name: '😀', activation: tanh}
    - Dense: {units: 2}
"""
EMPTY_ITEM = "    - \n"
GOOD = "model: {input: [8], layers: [SpectralDense: {units: 4}]}\n"


class Editor:
    """The other side of the server: numbered requests, notifications, and what comes back."""

    def __init__(self, folder: Path, bytecode: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lipbuild", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={
                **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
                "PYTHONPYCACHEPREFIX": str(bytecode),
            },
        )
        self.count = 0
        self.folder = folder
        self.uri = ""
        self.notifications: list[dict[str, Any]] = []

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while (line := self.process.stdout.readline().strip()) != b"":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        assert length, "the server has ended"
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message

    def request(self, method: str, **params: Any) -> Any:
        self.count += 1
        self.send({"id": self.count, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.count and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self.notifications.append(message)

    def notify(self, method: str, **params: Any) -> None:
        self.send({"method": method, "params": params})

    def at(self, method: str, line: int, character: int, **params: Any) -> Any:
        place = {"line": line, "character": character}
        return self.request(
            f"textDocument/{method}", textDocument={"uri": self.uri}, position=place, **params
        )

    def diagnostics(self) -> list[dict[str, Any]]:
        while True:
            message = self.notifications.pop(0) if self.notifications else self.receive()
            if message.get("method") == "textDocument/publishDiagnostics":
                found: list[dict[str, Any]] = message["params"]["diagnostics"]
                return found

    def open(self, text: str) -> list[dict[str, Any]]:
        """Open a config of its own."""
        self.uri = (self.folder / f"config{self.count}.yaml").as_uri()
        self.count += 1
        document = {"uri": self.uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", textDocument=document)
        return self.diagnostics()


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("editor")
    client = Editor(folder, bytecode)
    client.request("initialize", processId=None, rootUri=folder.as_uri(), capabilities={})
    client.notify("initialized")
    yield client
    client.request("shutdown")
    client.notify("exit")
    assert client.process.wait(20) == 0


def test_what_is_wrong_is_shown_as_it_is_typed(editor: Editor) -> None:
    text = TEXT.replace("'😀'", "a").replace(", activation: tanh", "")
    (found,) = editor.open(text)
    assert found["code"] == "LIP201 plain-dense"
    assert found["severity"] == 1
    assert found["range"] == {"start": {"line": 5, "character": 6}, "end": {"line": 5, "character": 11}}
    change = {"text": text.replace("- Dense", "- GroupSort2\n    - SpectralDense")}
    editor.notify(
        "textDocument/didChange", textDocument={"uri": editor.uri, "version": 2}, contentChanges=[change]
    )
    assert editor.diagnostics() == []


def test_places_count_in_the_units_of_the_protocol(editor: Editor) -> None:
    found = editor.open(GOOD.replace("model: {", "model: {'😀': 1, "))
    assert found[0]["range"]["start"] == {"line": 0, "character": 8}
    assert found[0]["range"]["end"] == {"line": 0, "character": 12}


def test_hover_shows_what_a_layer_is_and_its_constant_in_this_network(editor: Editor) -> None:
    editor.open(GOOD)
    shown = editor.at("hover", 0, GOOD.index("SpectralDense") + 3)["contents"]["value"]
    assert "orthogonal kernel" in shown
    assert "output 4, 36 parameters, Lipschitz constant 1, network up to here 1" in shown
    assert "number of outputs" in editor.at("hover", 0, GOOD.index("4}"))["contents"]["value"]
    assert editor.at("hover", 0, 2) is None


def test_layers_and_keys_are_completed(editor: Editor) -> None:
    editor.open(TEXT + EMPTY_ITEM)
    layers = {item["label"]: item for item in editor.at("completion", 6, 6)}
    assert layers["SpectralDense"]["insertText"] == "SpectralDense: {units: $1}"
    assert "Residual" in layers
    keys = {item["label"] for item in editor.at("completion", 5, 14)}
    assert keys == set()
    inside = {item["label"] for item in editor.at("completion", 4, 32)}
    assert "use_bias" in inside
    assert "units" not in inside
    assert {"data", "train"} <= {item["label"] for item in editor.at("completion", 7, 0)}


def test_a_fix_is_offered_as_an_edit(editor: Editor) -> None:
    editor.open(GOOD.replace("SpectralDense", "Dense"))
    place = {"line": 0, "character": GOOD.index("Spectral") + 1}
    (action,) = editor.request(
        "textDocument/codeAction",
        textDocument={"uri": editor.uri},
        range={"start": place, "end": place},
        context={"diagnostics": []},
    )
    assert action["title"] == "replace `Dense` by `SpectralDense`"
    assert action["isPreferred"] is True
    (edit,) = action["edit"]["changes"][editor.uri]
    assert edit["newText"] == "SpectralDense"
