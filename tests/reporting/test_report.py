"""What the report shows is what the run's files hold, and what is not there is said."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import lipbuild
from lipbuild.errors import UnusableError
from lipbuild.network.rounding import decimal_up
from lipbuild.reporting.chart_files import write_charts
from lipbuild.reporting.charts.drawing import Drawing
from lipbuild.reporting.charts.image import grey_or_colour, png_uri
from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.sections.robustness import attacked_curves
from tests.conftest import Cli
from tests.json_results import validated
from tests.reporting.conftest import Runs, section


@pytest.fixture(scope="module")
def page(runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> str:
    return lipbuild.report(runs.images, tmp_path_factory.mktemp("page") / "page.html").read_text()


def test_every_figure_of_the_evaluation_is_in_the_page(runs: Runs, page: str) -> None:
    evaluation = json.loads((runs.images / "evaluation.json").read_text())
    shown = section(page, "robustness")
    assert decimal_up(evaluation["lipschitz"]["proved"]) in section(page, "summary")
    assert f"{100 * evaluation['accuracy']:.2f} %" in section(page, "summary")
    for point in evaluation["certified_accuracy"] + evaluation["float32"]["certified_accuracy"]:
        assert f"{100 * point['accuracy']:.2f} %" in shown
    for row in evaluation["attack"]["accuracy"]:
        assert f"{100 * row['attacked']:.2f} %" in shown
    for row in evaluation["confusion"]["counts"]:
        for count in filter(None, row):
            assert f">{count}<" in section(page, "confusion")


def test_evaluations_are_what_their_schema_says(runs: Runs) -> None:
    for run in (runs.images, runs.numbers):
        validated("evaluate", (run / "evaluation.json").read_text(encoding="utf-8"))


def test_the_curves_of_attacked_samples_pass_through_the_stated_accuracies(runs: Runs) -> None:
    run = RunFiles.of(runs.images)
    assert run.evaluation is not None
    attack = run.evaluation["attack"]
    certified, unchanged = attacked_curves(run, attack["samples"])

    def at(radius: float, points: tuple[tuple[float, float], ...]) -> float:
        # A sample counts at its own radius and no further.
        return next((y for x, y in reversed(points) if x < radius), points[0][1])

    for row in attack["accuracy"]:
        assert at(row["radius"], certified.points) == pytest.approx(row["certified"], abs=1e-12)
        assert at(row["radius"], unchanged.points) == pytest.approx(row["attacked"], abs=1e-12)


def test_the_graph_shows_each_layer_with_the_bounds_of_the_certificate(runs: Runs, page: str) -> None:
    graph = RunFiles.of(runs.images).checked.graph
    certificate = RunFiles.of(runs.images).certificate
    assert graph is not None
    assert certificate is not None
    drawing = section(page, "network")
    for node in graph.nodes:
        assert f"<title>{node.name}\n" in drawing
    assert drawing.count('class="node') == len(graph.nodes) + 1
    for node in certificate["nodes"]:
        assert decimal_up(float.fromhex(node["constant"])) in drawing


def test_each_kernel_has_its_singular_values(runs: Runs, page: str) -> None:
    lines = [json.loads(line) for line in (runs.images / "spectra.jsonl").read_text().splitlines()]
    shown = section(page, "spectra")
    assert [line["epoch"] for line in lines][:: max(len(lines) - 1, 1)] == [1, 2]
    assert len(lines[0]["layers"]) == 6
    for name, values in lines[-1]["layers"].items():
        assert f"singular values of {name} over" in shown
        assert f"greatest {values['quartiles'][-1]:.3f}" in shown


def test_what_is_missing_is_named_with_the_command_that_makes_it(runs: Runs, tmp_path: Path) -> None:
    page = lipbuild.report(runs.bare, tmp_path / "page.html").read_text()
    for name in ("robustness", "margins", "confusion", "gallery"):
        assert f"<code>lipbuild evaluate {runs.bare}" in section(page, name)
    assert f"<code>lipbuild certify {runs.bare}</code>" in section(page, "network")
    assert "promised by the config" in section(page, "summary")


def test_a_run_that_has_not_ended_is_named_with_the_command_that_goes_on(runs: Runs, tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="its training did not end") as refused:
        lipbuild.evaluate(runs.unfinished, attack=False, plots=False)
    assert f"`lipbuild train --resume {runs.unfinished}`" in refused.value.help
    shutil.copy(runs.unfinished / "config.resolved.yaml", tmp_path)
    with pytest.raises(UnusableError, match="its training did not end") as refused:
        lipbuild.evaluate(tmp_path, attack=False, plots=False)
    assert refused.value.help == "train again: it has no checkpoint either"


def test_a_training_under_way_has_a_report(runs: Runs, tmp_path: Path) -> None:
    page = lipbuild.report(runs.unfinished, tmp_path / "page.html").read_text()
    assert "The training has not ended" in section(page, "summary")
    assert "<svg" in section(page, "training")
    (tmp_path / "new").mkdir()
    shutil.copy(runs.unfinished / "config.resolved.yaml", tmp_path / "new")
    page = lipbuild.report(tmp_path / "new").read_text()
    assert "No epoch has ended yet." in section(page, "training")


def test_a_regression_shows_movements_in_place_of_accuracies(runs: Runs, tmp_path: Path) -> None:
    page = lipbuild.report(runs.numbers, tmp_path / "page.html").read_text()
    evaluation = json.loads((runs.numbers / "evaluation.json").read_text())
    for row in evaluation["output_moves_at_most"]:
        assert decimal_up(row["movement"]) in section(page, "robustness")
    assert f"{evaluation['mean_absolute_error']:.4g}" in section(page, "summary")


def test_whatever_a_run_says_is_escaped(runs: Runs, tmp_path: Path) -> None:
    run = shutil.copytree(runs.images, tmp_path / "run")
    evil = '</script><script>alert("1")</script><img src=x onerror=alert(1)>'
    (run / "config.yaml").write_text(f"name: '{evil}'  # {evil}\n")
    environment = json.loads((run / "environment.json").read_text())
    environment["command"].append(evil)
    environment["git"] = {"commit": evil, "diff": evil}
    (run / "environment.json").write_text(json.dumps(environment))
    evaluation = json.loads((run / "evaluation.json").read_text())
    evaluation["radius_unit"] = evil
    evaluation["confusion"]["classes"][0] = evaluation["classes"][0]["name"] = evil
    (run / "evaluation.json").write_text(json.dumps(evaluation))
    certificate = json.loads((run / "certificate.json").read_text())
    certificate["predicate"]["nodes"][0]["name"] = evil
    (run / "certificate.json").write_text(json.dumps(certificate))
    for text in (
        lipbuild.report(run).read_text(),
        lipbuild.compare([run, runs.bare]).html(),
    ):
        assert text.count("<script>") == 1
        assert "<img src=x" not in text
        assert "&lt;script&gt;alert" in text


def test_the_page_names_the_digests_of_its_own_style_and_script(page: str) -> None:
    policy = html.unescape(re.findall(r'Content-Security-Policy" content="(.*?)"', page)[0])
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        [text] = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.search(r'(src|href)="(?!data:|#)', page)


def test_a_chart_in_a_file_is_that_of_the_page_and_stands_alone(
    runs: Runs, page: str, tmp_path: Path
) -> None:
    run = shutil.copytree(runs.images, tmp_path / "run")
    write_charts(RunFiles.of(run))
    for name, where in (("accuracy", "robustness"), ("radii", "margins"), ("adversarial", "gallery")):
        text = (run / "plots" / f"{name}.svg").read_text(encoding="utf-8")
        drawn = ElementTree.fromstring(text)
        assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
        _, style, rest = re.split(r"<style>|</style>", text)
        assert "var(" not in style
        for classes in set(re.findall('class="(.+?)"', rest)):
            assert any(re.search(rf"\.{part}\b", style) for part in classes.split()), classes
        # What is in the page is in the file, each picture of the gallery by itself.
        drawings = re.findall("<svg.*?</svg>", section(page, where), re.DOTALL)
        inner = [re.sub("^<svg.*?>|</svg>$", "", drawing) for drawing in drawings]
        assert inner
        shown = [part in rest for part in inner]
        assert all(shown) if name == "adversarial" else any(shown)
        assert not re.search(r'(src|href)="(?!data:)', text)


def test_a_drawing_of_any_text_is_xml() -> None:
    drawing = Drawing(10, 10, "a\x01<b")
    drawing.add("text", "c\x02&d", title="e\x03>f")
    drawn = ElementTree.fromstring(drawing.as_file())
    assert drawn.get("aria-label") == "a␁<b"
    assert "".join(drawn[-1].itertext()) == "c␂&de␃>f"


def test_images_are_their_pixels(tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    image = np.random.default_rng(0).random((5, 7, 3))
    decoded = Image.open(
        BytesIO(base64.b64decode(png_uri(grey_or_colour(image, 0.0, 1.0)).partition(",")[2]))
    )
    assert np.array_equal(np.asarray(decoded), np.rint(255 * image))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_stand_out_in_light_and_dark(page: str) -> None:
    """The contrast of WCAG 2.2, level AA: 4.5 for text, which the names of lines are."""
    modes = [
        dict(re.findall(r"--(\w+): (#\w{6})", rule))
        for rule in re.findall(r":root \{(.*?)\}", page.partition("</style>")[0], re.DOTALL)
    ]
    assert len(modes) == 2
    for mode in modes:
        for ground in ("ground", "raised"):
            for name in ("text", "muted", *(f"c{i}" for i in range(1, 9))):
                low, high = sorted((luminance(mode[name]), luminance(mode[ground])))
                assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ground)


def test_the_command_writes_the_page_and_loads_no_tensorflow(runs: Runs, cli: Cli, tmp_path: Path) -> None:
    done = cli("report", runs.images, "-o", tmp_path / "page.html", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert done.stdout.strip() == str(tmp_path / "page.html")
    assert not re.search(r"\| +(tensorflow|keras)$", done.stderr, re.MULTILINE)
    assert cli("report", tmp_path).returncode == 2


def test_the_commands_of_the_page_run(runs: Runs, cli: Cli, root: Path, tmp_path: Path) -> None:
    text = (root / "docs" / "report.md").read_text(encoding="utf-8")
    [block] = re.findall(r"<!-- report -->\n```console\n(.*?)```", text, re.DOTALL)
    shutil.copytree(runs.images, tmp_path / "RUN")
    shutil.copytree(runs.bare, tmp_path / "OTHER")
    for line in block.splitlines():
        done = cli(*line.removeprefix("$ lipbuild ").split(), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    for made in ("RUN/report.html", "page.html", "compared.html"):
        assert (tmp_path / made).read_text().startswith("<!DOCTYPE html>")


def test_a_file_that_is_broken_is_named(runs: Runs, tmp_path: Path) -> None:
    run = shutil.copytree(runs.bare, tmp_path / "run")
    (run / "evaluation.json").write_text("{")
    with pytest.raises(UnusableError, match=r"evaluation\.json: it is not JSON"):
        lipbuild.report(run)
