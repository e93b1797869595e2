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
        self.last_uri = ""
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
                self.last_uri = message["params"]["uri"]
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
    assert "output 4, 36 parameters, Lipschitz constant 1, network up to here at most 1" in shown
    assert "number of outputs" in editor.at("hover", 0, GOOD.index("4}"))["contents"]["value"]
    assert editor.at("hover", 0, len(GOOD) + 5) is None


def labels(editor: Editor, line: int, character: int) -> set[str]:
    return {item["label"] for item in editor.at("completion", line, character)}


def test_layers_and_keys_are_completed(editor: Editor) -> None:
    editor.open(TEXT + EMPTY_ITEM)
    layers = {item["label"]: item for item in editor.at("completion", 6, 6)}
    assert layers["SpectralDense"]["insertText"] == "SpectralDense: {units: $1}"
    assert "Residual" in layers
    inside = labels(editor, 4, 32)
    assert "use_bias" in inside
    assert "units" not in inside
    assert {"data", "train"} <= labels(editor, 7, 0)
    assert "model" not in labels(editor, 7, 0)


WHOLE = """\
model:
  input: [8]
  layers:
    - SpectralDense: {units: 8, name: stem, activation: }
    - Average: {inputs: [ ]}
data: {source: }
train:
  loss: {HKR: { }}
  optimizer: {Adam: {learning_rate: , amsgrad: }}
  metrics: [ ]
variables: {width: 8}
seed: ${ }
"""
SWEPT = """\
variables: {width: 8}
model:
  input: [8]
  layers:
    - SpectralDense: {units: 8}
    - Residual: {layers: [GroupSort2]}
train: {loss: {HKR: {alpha: 10}}, optimizer: Adam, epochs: 2}
sweep:
  space:
    train.batch_size: {low: 8, log: }
    model.layers[0].activation: [ ]
    train.optimizer: [Adam, SGD]
    train.optim
  objectives: [accuracy]
"""


@pytest.mark.parametrize(
    ("word", "offered", "not_offered"),
    [
        ("activation: ", {"relu", "tanh"}, {"units", "SpectralDense"}),
        ("inputs: [", {"input", "stem"}, {"relu"}),
        ("source: ", {"digits", "npz"}, {"Hinge"}),
        ("HKR: { ", {"alpha", "min_margin"}, {"epochs"}),
        ("learning_rate: ", {"CosineDecay"}, {"Adam"}),
        ("amsgrad: ", {"true", "false"}, {"yes"}),
        ("metrics: [", {"KR"}, {"HKR"}),
        ("seed: ${", {"variables.width"}, {"seed"}),
    ],
)
def test_what_is_offered_fits_its_place(
    editor: Editor, word: str, offered: set[str], not_offered: set[str]
) -> None:
    editor.open(WHOLE)
    before = WHOLE[: WHOLE.index(word) + len(word)]
    found = labels(editor, before.count("\n"), len(before) - before.rindex("\n") - 1)
    assert offered <= found
    assert not_offered.isdisjoint(found)


@pytest.mark.parametrize(
    ("word", "offered", "not_offered"),
    [
        ("log: ", {"true", "false"}, {"low"}),
        ("{low: 8, ", {"high", "step"}, {"low"}),
        ("activation: [ ", {"relu", "tanh"}, {"units"}),
        ("train.optimizer: ", {"[…]", "{low: …, high: …}"}, {"Adam"}),
        (
            "train.optim",
            {
                *("variables.width", "train.epochs", "train.optimizer.learning_rate", "train.loss.alpha"),
                *("model.lipschitz", "model.layers[0].units", "model.layers[1].layers[0].k_coef_lip"),
            },
            {"train.batch_size", "data.source", "sweep.trials", "model.layers[0].name", "train"},
        ),
    ],
)
def test_what_is_offered_in_a_space_fits_the_config(
    editor: Editor, word: str, offered: set[str], not_offered: set[str]
) -> None:
    editor.open(SWEPT)
    before = SWEPT[: SWEPT.rindex(word) + len(word)]
    found = labels(editor, before.count("\n"), len(before) - before.rindex("\n") - 1)
    assert offered <= found
    assert not_offered.isdisjoint(found)


def test_a_path_of_a_space_has_the_hover_of_its_key(editor: Editor) -> None:
    text = GOOD + "train: {loss: HingeMargin, epochs: 3}\nsweep: {space: {train.loss.min_margin: [1, 2]}}\n"
    editor.open(text)
    shown = editor.at("hover", 2, text.splitlines()[2].index("loss"))["contents"]["value"]
    assert shown.startswith("**train.loss.min_margin**: m: the margin")


def test_a_path_replaces_what_has_been_written_of_it(editor: Editor) -> None:
    editor.open(SWEPT)
    line = SWEPT[: SWEPT.index("train.optim\n")].count("\n")
    found = {item["label"]: item for item in editor.at("completion", line, len("    train.optim"))}
    edit = found["train.optimizer.learning_rate"]["textEdit"]
    assert edit["newText"] == "train.optimizer.learning_rate: "
    assert (edit["range"]["start"]["character"], edit["range"]["end"]["character"]) == (4, 15)
    assert "The step, or" in found["train.optimizer.learning_rate"]["documentation"]


def test_a_key_a_loss_and_a_value_have_a_hover_too(editor: Editor) -> None:
    text = GOOD + "train: {loss: Hinge, epochs: 3}\n"
    editor.open(text)
    line = text.splitlines()[1]
    assert "max(0, 1" in editor.at("hover", 1, line.index("Hinge"))["contents"]["value"]
    for place in (line.index("epochs"), line.index("3}")):
        assert "How often the training data" in editor.at("hover", 1, place)["contents"]["value"]


def actions(editor: Editor, place: dict[str, int], **context: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = editor.request(
        "textDocument/codeAction",
        textDocument={"uri": editor.uri},
        range={"start": place, "end": place},
        context={"diagnostics": [], **context},
    )
    return found


def test_a_fix_is_offered_as_an_edit(editor: Editor) -> None:
    editor.open(GOOD.replace("SpectralDense", "Dense"))
    (action,) = actions(editor, {"line": 0, "character": GOOD.index("Spectral") + 1})
    assert action["title"] == "replace `Dense` by `SpectralDense`"
    assert action["isPreferred"] is True
    assert action["diagnostics"][0]["code"] == "LIP201 plain-dense"
    (edit,) = action["edit"]["changes"][editor.uri]
    assert edit["newText"] == "SpectralDense"


def test_what_can_be_silenced_can_be_silenced_from_the_editor(editor: Editor) -> None:
    text = "model:\n  input: [8]\n  layers:\n    - SpectralDense: {units: 8}\n    - ReLU\n"
    editor.open(text)
    fix, silence = actions(editor, {"line": 4, "character": 8})
    assert fix["title"] == "replace `ReLU` by `GroupSort2` (changes what the network computes)"
    assert silence["title"] == "silence `norm-losing-activations` on this line"
    (edit,) = silence["edit"]["changes"][editor.uri]
    assert edit["newText"] == "  # lipbuild: ignore[norm-losing-activations] "
    assert edit["range"]["start"] == {"line": 4, "character": 10}


def test_all_safe_fixes_are_one_action(editor: Editor) -> None:
    text = "seed: '3'\nmodel:\n  input: [8]\n  layers:\n    - Dense: {units: 8}\n    - ReLU\n"
    editor.open(text)
    (action,) = actions(editor, {"line": 0, "character": 0}, only=["source.fixAll.lipbuild"])
    (edit,) = action["edit"]["changes"][editor.uri]
    assert edit["newText"] == text.replace("'3'", "3").replace("Dense", "SpectralDense")
    editor.open(GOOD)
    assert actions(editor, {"line": 0, "character": 0}, only=["source.fixAll.lipbuild"]) == []


def test_shapes_and_bounds_stand_at_the_ends_of_lines(editor: Editor) -> None:
    editor.open("model:\n  input: [8]\n  layers:\n    - SpectralDense: {units: 4, k_coef_lip: 0.5}\n")
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    (hint,) = editor.request("textDocument/inlayHint", textDocument={"uri": editor.uri}, range=place)
    assert hint["label"].split() == ["4", "≤", "0.5"]
    assert hint["position"] == {"line": 3, "character": 48}


def test_other_places_of_a_finding_are_related_to_it(editor: Editor) -> None:
    found = editor.open("model: {input: [8], input: [9], layers: [GroupSort2]}\n")
    (related,) = found[0]["relatedInformation"]
    assert related["message"] == "first given here"
    assert related["location"]["range"]["start"]["character"] == 8


def test_another_yaml_file_is_left_alone(editor: Editor) -> None:
    assert editor.open("services:\n  web:\n    image: nginx\n") == []
    assert editor.at("hover", 0, 3) is None
    assert labels(editor, 1, 3) == set()


def test_an_error_of_a_parent_is_shown_and_goes_when_the_parent_is_saved(editor: Editor) -> None:
    parent = editor.folder / "parent.yaml"
    parent.write_text(GOOD.replace("SpectralDense", "Dense"))
    (found,) = editor.open("extends: parent.yaml\n")
    assert "parent.yaml:1:30: `Dense` has an unbounded" in found["message"]
    parent.write_text(GOOD)
    editor.notify("textDocument/didSave", textDocument={"uri": editor.uri})
    # Every open config is checked anew, this one last.
    editor.last_uri = ""
    while editor.last_uri != editor.uri:
        after = editor.diagnostics()
    assert after == []
