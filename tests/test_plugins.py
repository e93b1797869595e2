"""A package that is installed brings layers, a loss, a metric, a rule, a source and a format: the template is used."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lipbuild
from lipbuild import plugins
from lipbuild.config.json_schema import config_schema
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.rules.registry import RULES
from tests.conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CONFIG = """
name: acme
seed: 0
model:
  input: [2]
  layers:
    - SpectralDense: {units: 8}
    - GroupSort2
    - Mirror: {factor: 0.5}
    - SpectralDense: {units: 2}
data: {source: acme_rings, test: 0.2, validation: 0.2}
train: {loss: {AcmeHinge: {margin: 0.5}}, optimizer: Adam, metrics: [MeanMargin], epochs: 1}
export: {formats: [acme_npz]}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages with the template: its code, and its metadata as an installer writes it."""
    folder = tmp_path_factory.mktemp("site")
    template = ROOT / "tests" / "plugin"
    shutil.copytree(
        template / "acme_lipbuild", folder / "acme_lipbuild", ignore=shutil.ignore_patterns("*.pyc")
    )
    project = tomllib.loads((template / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"acme_lipbuild-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()), ""]
    (info / "entry_points.txt").write_text("\n".join(lines))
    return folder


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The template is installed in this process."""
    monkeypatch.syspath_prepend(str(site))
    plugins.forget()
    yield site
    plugins.forget()


def run(site: Path | None, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """A fresh Python with the template installed, or without."""
    path = os.pathsep.join([*([str(site)] if site else []), str(ROOT)])
    return subprocess.run(
        [sys.executable, *(["-c", code] if code else ["-m", "lipbuild"]), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        check=False,
    )


def in_a_line(text: str) -> str:
    """What was printed, without the ends of lines."""
    return " ".join(text.split())


def write(folder: Path, text: str = CONFIG) -> str:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_check_knows_what_is_installed_and_imports_no_keras_for_it(site: Path, tmp_path: Path) -> None:
    path = write(tmp_path)
    code = "import sys; from lipbuild.cli.run import run; s = run(sys.argv[1:]); assert not {'keras', 'numpy'} & {*sys.modules}; sys.exit(s)"  # noqa: E501
    done = run(site, "check", path, code=code)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Lipschitz constant at most 1 of 1 promised" in in_a_line(done.stdout)
    without = run(None, "check", path)
    assert without.returncode == 1
    for name in ("Mirror", "acme_rings", "AcmeHinge", "MeanMargin", "acme_npz"):
        assert f"`{name}`" in in_a_line(without.stdout)


def test_a_config_that_names_nothing_of_it_imports_nothing_of_it(site: Path) -> None:
    code = "import sys; from lipbuild.cli.run import run; run(sys.argv[1:]);"
    code += " print([name for name in sys.modules if 'acme' in name])"
    done = run(site, "check", str(ROOT / "configs" / "digits_mlp.yaml"), code=code)
    # A rule is applied to every config.
    assert "['acme_lipbuild', 'acme_lipbuild.rules']" in done.stdout


def test_editors_and_rules_know_it(installed: Path, tmp_path: Path) -> None:
    schema = config_schema()
    assert {"layer.Mirror", "loss.AcmeHinge"} <= set(schema["definitions"])
    assert "factor" in schema["definitions"]["layer.Mirror"]["properties"]
    assert RULES["acme-many-epochs"].code == "ACME001"
    checked = lipbuild.check(write(tmp_path), ["train.epochs=2000"])
    assert ("ACME001", "acme-many-epochs") in [(d.code, d.rule) for d in checked.diagnostics]
    checked = lipbuild.check(write(tmp_path, CONFIG.replace("Mirror", "Miror")))
    assert any("Mirror" in (d.help or "") + d.message for d in checked.diagnostics)


def test_it_trains_is_proved_and_exported(installed: Path, tmp_path: Path) -> None:
    trained = lipbuild.train(write(tmp_path), tmp_path / "runs", quiet=True)
    assert {"MeanMargin", "val_MeanMargin"} <= set(trained.history[0])
    certified = lipbuild.certify(trained)
    # The factor is in the proof.
    (mirror,) = (node for node in certified.as_json()["nodes"] if node["name"] == "mirror_1")
    assert mirror["upper"] == 0.5
    assert certified.as_json()["lipschitz"] <= 1.0 + 1e-6
    assert lipbuild.verify(trained).holds
    (exported,) = lipbuild.export(trained)
    assert exported.path.name == "acme.acme.npz"
    # What knows nothing of the package reads the plain model, and the verifier holds its certificate.
    moved = shutil.copytree(trained.folder.path, tmp_path / "moved")
    done = run(None, "verify", str(moved / "plain.keras"), str(moved / "certificate.json"))
    assert done.returncode in (0, 3), done.stdout + done.stderr


def test_without_a_lowering_it_trains_and_is_refused_a_certificate(installed: Path, tmp_path: Path) -> None:
    path = write(tmp_path, CONFIG.replace("Mirror: {factor: 0.5}", "Sine"))
    done = run(installed, "check", path)
    assert done.returncode == 0, done.stdout
    assert "nothing can be certified, as nobody has proved a constant of `Sine`" in in_a_line(done.stdout)
    graph = json.loads(run(installed, "check", "--graph", "--format", "json", path).stdout)["files"][0][
        "network"
    ]
    assert graph["bound"] is None
    trained = lipbuild.train(path, tmp_path / "runs", quiet=True)
    with pytest.raises(RefusedError, match="Sine"):
        lipbuild.certify(trained)
    evaluation = lipbuild.evaluate(trained, attack=False, plots=False)
    assert evaluation.certified == ()
    assert "Sine" in evaluation.uncertified
    assert not any("certified" in name for name in trained.history[0])


@pytest.mark.parametrize(
    ("group", "entries", "text", "said"),
    [
        (
            "layers",
            "Odd = acme_odd:Nothing",
            "Odd",
            "the layer `Odd` of odd-1 cannot be loaded from `acme_odd:Nothing`",
        ),
        ("layers", "Odd = json:dumps", "Odd", "odd-1 brings `Odd`, which is no LayerSpec of that name"),
        ("rules", "odd = json:dumps", "Flatten", "odd-1 brings the rule `odd`, which is no Rule"),
    ],
)
def test_a_package_that_is_wrong_is_named(
    group: str, entries: str, text: str, said: str, tmp_path: Path
) -> None:
    info = tmp_path / "site" / "odd-1.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text(f"[lipbuild.{group}]\n{entries}\n")
    path = write(tmp_path, f"model: {{input: [4], layers: [{text}]}}\n")
    done = run(tmp_path / "site", "check", path)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_two_packages_with_one_name_are_both_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one-1", "two-2"):
        info = tmp_path / f"{name}.dist-info"
        info.mkdir()
        (info / "entry_points.txt").write_text("[lipbuild.layers]\nOdd = json:dumps\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.forget()
    with pytest.raises(
        UnusableError, match=r"one-1 and two-2 both bring `Odd`|two-2 and one-1 both bring `Odd`"
    ):
        plugins.entry_points("layers")
    plugins.forget()


def test_installers_metadata_is_read_as_they_do(installed: Path) -> None:
    from importlib.metadata import entry_points

    groups: Any = ("layers", "losses", "metrics", "rules", "sources", "formats")
    for group in groups:
        theirs = {entry.name: entry.value for entry in entry_points(group=f"lipbuild.{group}")}
        assert {name: entry.value for name, entry in plugins.entry_points(group).items()} == theirs
