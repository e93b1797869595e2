"""A class, a column, a unit and files whose names steer a terminal, turn the text around, or are markup."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import lipbuild
from lipbuild.cli.run import run as run_command

NASTY = "=cmd()\x1b[2J\x9b8m\r‮‏​⁦\nINJECTED <script>alert(1)</script>|`*[x](http://e.example)"
# What acts on what shows it, and what is not seen.
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f​-‏‪-‮⁠-⁩\ud800-\udfff﻿]")
SUFFIXES = {".json", ".md", ".html", ".log", ".csv", ".jsonl"}
CONFIG = """\
name: names
model:
  layers:
    - SpectralDense: {units: 4}
    - GroupSort2
    - SpectralDense: {units: 2, name: scores}
data:
  source: {csv: {path: "PATH", target: kind, units: {NAME: NAME}}}
  validation: 0.2
train:
  loss: {TauCategoricalCrossentropy: {tau: 10}}
  epochs: 1
  batch_size: 16
sweep: {trials: 1, objectives: [accuracy], space: {train.batch_size: {low: 8, high: 16}}}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    table = f"t{NASTY.replace('/', '')}.csv"
    with (folder / table).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([NASTY, "b", "kind"])
        for number in range(40):
            writer.writerow([number / 40, (number * 7 % 40) / 40, NASTY if number < 20 else "other"])
    text = CONFIG.replace("NAME", json.dumps(NASTY)).replace('"PATH"', json.dumps(table))
    (folder / config_name()).write_text(text, encoding="utf-8")
    with (folder / "new.csv").open("w", newline="") as file:
        csv.writer(file).writerows([[NASTY, "b"], [0.1, 0.2], [0.9, 0.1]])
    (folder / f"served{NASTY.replace('/', '')}").mkdir()
    return folder


def config_name() -> str:
    return f"c{NASTY.replace('/', '')}.yaml"


def test_names_steer_nothing_and_are_no_markup(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    config, run = config_name(), "run"
    commands = [
        *(["check", config, "--format", form] for form in ("sarif", "github", "junit", "concise")),
        *(
            ["check", config, "--set", "model.layers[0].SpectralDense.units=x", "--format", f]
            for f in ("full", "json")
        ),
        *(["check", config, f"--graph={kind}"] for kind in ("mermaid", "dot")),
        *(["data", config, *form] for form in ([], ["--format", "json"])),
        ["train", config, "--run", run],
        ["evaluate", run],
        ["certify", run],
        ["verify", run, "run/certificate.json"],
        *(["predict", run, "new.csv", "-f", form] for form in ("table", "csv", "json", "jsonl")),
        ["export", run, "--to", "keras", "--to", "weights"],
        *(["audit", run, "--format", form] for form in ("text", "json")),
        ["audit", run, "--data", config_name().replace("c=", "t=").replace(".yaml", ".csv")],
        ["sweep", config],
        ["serve", f"served{NASTY.replace('/', '')}", "--dockerfile", "Dockerfile"],
        ["compare", run, run, "--output", "compared.html"],
        ["report", run],
        ["predict", run, f"gone{NASTY.replace('/', '')}.csv"],
    ]
    said = []
    for command in commands:
        status = run_command(command)
        printed = capfd.readouterr()
        wrong = "--set" in command
        assert status == (1 if wrong else 2 if command[-1].startswith("gone") else 0), printed.err
        for text in (printed.out, printed.err):
            assert not re.search("^ *INJECTED", text, re.MULTILINE), (command, text)
            found = STEERS.search(text)
            assert found is None, (command, text[max(found.start() - 80, 0) : found.end() + 80])
        said.append(printed.out)
        if "json" in command:
            json.loads(printed.out)
    client = TestClient(lipbuild.serving_app(run))
    for answer in (
        *map(client.get, ("/model", "/openapi.json")),
        client.post("/predict", json={"inputs": [{NASTY: 0.1, "b": 0.2}]}),
        client.post("/predict", json={"inputs": [{NASTY + NASTY: 0.1}]}),
    ):
        assert STEERS.search(answer.text) is None
        assert answer.headers["content-type"] == "application/json", "a browser shows no markup in it"
    instructions = [
        line.split()[0] for line in (place / "Dockerfile").read_text().splitlines() if line[:1].isupper()
    ]
    assert instructions == ["FROM", "COPY", "RUN", "COPY", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "CMD"]
    written = [path for path in (place / "run").rglob("*") if path.suffix in SUFFIXES and path.is_file()]
    written.append(place / "compared.html")
    assert {path.suffix for path in written} == SUFFIXES
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert path.name == "report.html" or not re.search("^ *INJECTED", text, re.MULTILINE), path.name
        found = STEERS.search(text)
        assert found is None, (path.name, text[max(found.start() - 80, 0) : found.end() + 80])
        if path.suffix in (".md", ".html", ".svg"):
            assert "<script>alert" not in text
    card = next(path for path in written if path.suffix == ".md").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in card
    assert "](http" not in card.replace("\\]", "")
    # JSON keeps the name, and a spreadsheet computes nothing.
    contract = json.loads((place / "run" / "data.json").read_text(encoding="utf-8"))
    assert NASTY in contract["labels"]["classes"]
    rows = list(csv.reader(next(text for text in said if text.startswith("input,")).splitlines()))
    assert not any(cell.startswith("=") for row in rows for cell in row)
