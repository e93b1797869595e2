"""Every command, config and program in the documentation does what it says there."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lipbuild
from lipbuild.text.nodes import Mapping
from lipbuild.text.parse import parse
from lipbuild.text.text import SourceText
from tests.conftest import CONFIGS, ROOT, Cli
from tests.docs.sample_files import write_sample_files

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def marked(name: str) -> str:
    """The console block of the README that stands under a comment."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return found[1]


def test_generated_pages_are_not_stale() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    sys.modules["generate"] = generate
    spec.loader.exec_module(generate)
    for name, text in generate.pages().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, (
            f"run `make docs`: docs/{name} is stale"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def is_mapping(block: str) -> bool:
    return isinstance(parse(SourceText("", block)).root, Mapping)


CONFIG_BLOCKS = [
    (page.name, block)
    for page in PAGES
    for block in blocks(page.read_text(encoding="utf-8"), "yaml")
    if is_mapping(block)
]


@pytest.fixture(scope="module")
def sample_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write_sample_files(folder)
    (folder / "base.yaml").write_text((CONFIGS / "digits_mlp.yaml").read_text())
    return folder


@pytest.mark.parametrize(("page", "block"), CONFIG_BLOCKS)
def test_a_config_in_the_documentation_passes_check_and_its_data_is_read(
    page: str, block: str, sample_files: Path
) -> None:
    if "model" not in block and "extends" not in block:
        # A section by itself: within a config whose other sections fit any data.
        block = f"model: {{layers: [Flatten, SpectralDense: {{units: 2}}]}}\n{block}"
    config = sample_files / "config.yaml"
    config.write_text(block)
    checked = lipbuild.check(config)
    assert checked.ok, [d.message for d in checked.diagnostics]
    if page == "data.md":
        with lipbuild.allow_code():
            report = lipbuild.describe_data(config, samples=100)
        assert not report.wanting
    if page == "data.md" and "train:" in block:
        run = lipbuild.train(lipbuild.load(config, ["train.epochs=1"]), sample_files / "runs", quiet=True)
        evaluation = lipbuild.evaluate(run.folder.path, attack=False, plots=False)
        assert evaluation.certified or evaluation.movements


def test_the_report_on_data_is_the_one_that_is_printed(cli: Cli) -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    found = re.search(
        r"<!-- (data .*?) -->\n```console\n\$ lipbuild (.*?)\n(.*?)^```", page, re.MULTILINE | re.DOTALL
    )
    assert found is not None
    assert found[1] == found[2]
    assert cli(*found[1].split(), cwd=ROOT, COLUMNS="80").stdout.strip() == found[3].strip()


def test_the_program_of_the_page_on_data_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    [program] = blocks((ROOT / "docs" / "data.md").read_text(encoding="utf-8"), "python")
    monkeypatch.chdir(ROOT)
    place: dict[str, Any] = {}
    exec(compile(program, "data.md", "exec"), place)
    assert int(place["batches"].cardinality()) == 3 * 21


def test_the_error_in_the_readme_is_the_one_that_is_printed(cli: Cli) -> None:
    block = marked("check configs/invalid/plain-dense.yaml")
    command, _, output = block.partition("\n")
    assert command == "$ lipbuild check configs/invalid/plain-dense.yaml"
    done = cli(*command.split()[2:], cwd=ROOT, COLUMNS="80")
    assert done.stdout.strip() == output.strip()
    assert done.returncode == 1


@pytest.mark.nightly
def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    """Figures may differ on another machine; everything else is the same, line by line."""
    done = subprocess.run(
        ["sh", "configs/demo.sh", str(tmp_path / "demo")],
        cwd=ROOT,
        env={**os.environ, "BIN": str(Path(sys.executable).parent), "NO_COLOR": "1", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    def shape(text: str) -> list[str]:
        text = text.replace(str(tmp_path / "demo"), "demo")
        # A sentence breaks elsewhere if a number in it is shorter.
        text = re.sub(r"\n {2,4}(?=\S)", " ", text)
        text = re.sub(r" +", " ", re.sub(r"\d[\d.e-]*", "#", text))
        return [line.strip() for line in text.strip().splitlines()]

    # What make says before is not the demo's.
    shown = marked("make demo")
    expected = shape(shown[shown.index("$ lipbuild check") :])
    if "..." in expected:
        # The README leaves out epochs in the middle.
        cut = expected.index("...")
        got = shape(done.stdout)
        assert got[:cut] == expected[:cut]
        assert got[cut - len(expected) + 1 :] == expected[cut + 1 :]
    else:
        assert shape(done.stdout) == expected


def test_the_commands_of_the_readme_run_in_their_order(cli: Cli, tmp_path: Path) -> None:
    block = next(b for b in blocks(README, "console") if "lipbuild init" in b)
    commands = [
        line.removeprefix("$ lipbuild ").split() for line in block.splitlines() if "$ lipbuild" in line
    ]
    assert [c[0] for c in commands] == ["init", "check", "train", "evaluate", "certify", "verify", "export"]
    for command in commands:
        if command[0] == "train":
            command += ["--set", "train.epochs=1"]
        elif command[0] == "evaluate":
            command += ["--attack-samples", "4"]
        for run in (tmp_path / "runs").glob("config-*"):
            command = [part.replace("runs/config-TIME", str(run.relative_to(tmp_path))) for part in command]
        done = cli(*command, cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)
    assert (tmp_path / "model.keras").is_file()


def test_the_program_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [program] = blocks(README, "python")
    shutil.copytree(CONFIGS, tmp_path / "configs")
    config = tmp_path / "configs" / "digits_mlp.yaml"
    config.write_text(config.read_text().replace("epochs: 30", "epochs: 1"))
    monkeypatch.chdir(tmp_path)
    exec(compile(program + "\nassert result.accuracy > 0.3", "README.md", "exec"), {})
    assert list(tmp_path.glob("runs/*/exports/digits_mlp.keras"))
