"""`lipbuild check` as a process: what it prints, how it ends."""

import json
import os
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

Lipbuild = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[[str, str], Path]

GOOD = """\
model:
  input: [8]
  layers:
    - SpectralDense: {units: 8}
    - GroupSort2
    - SpectralDense: {units: 2}
"""
BAD = GOOD.replace("- SpectralDense: {units: 8}", "- Dense: {units: 8}  # the first")


def test_a_good_config_shows_its_table_and_ends_with_0(lipbuild: Lipbuild, write: Write) -> None:
    write("good.yaml", GOOD)
    done = lipbuild("check", "good.yaml")
    assert done.returncode == 0
    assert re.search(r"spectral_dense_1 +SpectralDense +8 +72 +1 +1\n", done.stdout)
    assert "good.yaml: ok, 90 parameters, Lipschitz constant at most 1 of 1 promised" in done.stdout
    assert done.stderr == ""


def test_a_bad_config_shows_the_line_the_reason_and_the_remedy_and_ends_with_1(
    lipbuild: Lipbuild, write: Write
) -> None:
    write("bad.yaml", BAD)
    done = lipbuild("check", "bad.yaml")
    assert done.returncode == 1
    assert "error[LIP201] plain-dense: `Dense` has an unbounded Lipschitz constant" in done.stdout
    assert " --> bad.yaml:4:7\n" in done.stdout
    assert "4 |     - Dense: {units: 8}  # the first\n  |       ^^^^^\n" in done.stdout
    assert (
        "4 -     - Dense: {units: 8}  # the first\n4 +     - SpectralDense: {units: 8}  # the first\n"
        in done.stdout
    )
    assert done.stdout.endswith("found 1 error\n1 can be fixed with `--fix`\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.yaml"], "none.yaml: there is no such file"),
        (["empty_folder"], "this folder holds no config"),
        (["binary.yaml"], "it is not UTF-8 text"),
        (["good.yaml", "--select", "plain-dens"], "there is no rule `plain-dens`"),
        (["good.yaml", "--format", "xml"], "xml"),
        (["--no-such-option", "good.yaml"], "--no-such-option"),
        ([], "CONFIG"),
    ],
)
def test_what_cannot_run_ends_with_2_and_one_message(
    lipbuild: Lipbuild, write: Write, tmp_path: Path, arguments: list[str], message: str
) -> None:
    write("good.yaml", GOOD)
    (tmp_path / "empty_folder").mkdir()
    (tmp_path / "binary.yaml").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    done = lipbuild("check", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to the superuser")
def test_a_file_without_permission_ends_with_2(lipbuild: Lipbuild, write: Write) -> None:
    write("closed.yaml", GOOD).chmod(0)
    done = lipbuild("check", "closed.yaml")
    assert done.returncode == 2
    assert "it cannot be read" in done.stderr


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty-configs"),
        ("# nothing\n", "empty-configs"),
        ("model: [\n", "malformed-yaml"),
        ("model:\n\tinput: [8]\n", "malformed-yaml"),
        ("\x00", "malformed-yaml"),
        (GOOD.replace("units: 2", "units: two"), "wrong-types"),
        (GOOD.replace("units: 2", "unit: 2"), "unknown-keys"),
        (GOOD.replace("GroupSort2", "GroupSort22"), "unknown-layer-types"),
        (GOOD.replace("units: 8", "units: 7"), "indivisible-group-sort"),
        (GOOD.replace("[8]", "[8, 8, 1]"), "missing-flatten"),
    ],
)
def test_each_bad_input_is_one_finding(lipbuild: Lipbuild, write: Write, text: str, rule: str) -> None:
    write("c.yaml", text)
    done = lipbuild("check", "--format", "concise", "c.yaml")
    assert [line.split()[3] for line in done.stdout.splitlines()][:1] == [f"{rule}:"]
    assert len({line.split()[3] for line in done.stdout.splitlines()}) == 1
    assert done.returncode == (0 if rule == "missing-flatten" else 1)


def test_standard_input_is_read_as_utf8(lipbuild: Lipbuild) -> None:
    done = lipbuild("check", "-", stdin=("\ufeff# é 😀\n" + GOOD).encode())
    assert done.returncode == 0
    assert "<stdin>: ok" in done.stdout


def test_a_folder_is_checked_with_all_that_is_in_it(lipbuild: Lipbuild, write: Write) -> None:
    write("configs/a.yaml", GOOD)
    write("configs/deep/b.yml", BAD)
    write("configs/notes.txt", "no config")
    write("configs/.hidden/c.yaml", "[")
    done = lipbuild("check", "configs")
    assert done.returncode == 1
    assert "a.yaml: ok" in done.stdout
    assert "b.yml:4:7" in done.stdout
    assert done.stdout.endswith("\n2 configs checked, 1 with errors\n")
    assert "hidden" not in done.stdout


def test_files_of_other_programs_in_a_folder_are_left_alone(lipbuild: Lipbuild, write: Write) -> None:
    write("good.yaml", GOOD)
    write("misspelt.yaml", "modle:\n  layer: [GroupSort2]\n")
    write("broken.yaml", "model:\n  layers: [\n")
    write("of/child.yml", "extends: ../good.yaml\n")
    for number, text in enumerate(
        (
            "services: {a: {image: x}}",
            "on: push",
            "model: yolov8n.pt\nepochs: 3",
            "model: {class_path: my.Net}\ndata: {class_path: my.Data}",
            "model: {layers: 12, hidden: 768}",
            "model: {depth: 50, layers: [3, 4, 6, 3]}",
            "- a\n- b",
            "",
            "{{ helm }}: [",
        )
    ):
        write(f"of/other{number}.yaml", text)
    done = lipbuild("check", ".", "--format", "concise", "--exclude", "br*.yaml")
    assert done.returncode == 1
    assert {line.partition(":")[0] for line in done.stdout.splitlines()} == {"misspelt.yaml"}
    done = lipbuild("check", ".")
    assert done.stdout.endswith("\n4 configs checked, 2 with errors; 9 other YAML files left alone\n")
    done = lipbuild("check", "of", "--exclude", "child.*")
    assert done.returncode == 2
    assert "this folder holds no config: its 9 YAML files have no `model` with `layers`" in done.stderr
    assert lipbuild("check", "of/other2.yaml", "--exclude", "of").returncode == 1, "it is named"


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_being_checked(
    lipbuild: Lipbuild, write: Write
) -> None:
    write("a.yaml", BAD)
    write("b.yaml", GOOD)
    done = lipbuild("check", "a.yaml", "none.yaml", "b.yaml")
    assert done.returncode == 2
    assert "none.yaml: there is no such file" in done.stderr
    assert "a.yaml:4:7" in done.stdout
    assert "b.yaml: ok" in done.stdout
    assert done.stdout.endswith("\n2 configs checked, 1 with errors, 1 could not be read\n")


def test_select_and_ignore_choose_what_is_shown_and_what_counts(lipbuild: Lipbuild, write: Write) -> None:
    write("bad.yaml", BAD.replace("GroupSort2", "ReLU"))
    assert "LIP301" in lipbuild("check", "bad.yaml").stdout
    assert "LIP301" not in lipbuild("check", "--select", "LIP2", "bad.yaml").stdout
    ignored = lipbuild("check", "--ignore", "plain-dense", "bad.yaml")
    assert ignored.returncode == 0
    assert "plain-dense" not in ignored.stdout
    assert "1 error in rules that were left out" in ignored.stdout
    assert ": ok" not in ignored.stdout
    assert lipbuild("check", "--ignore", "LIP3,plain-dense", "bad.yaml").stdout.count("[LIP") == 0


def test_exit_zero_and_statistics(lipbuild: Lipbuild, write: Write) -> None:
    write("bad.yaml", BAD.replace("- GroupSort2", "- Dense: {units: 3}\n    - ReLU"))
    done = lipbuild("check", "--exit-zero", "--statistics", "bad.yaml")
    assert done.returncode == 0
    assert "     2  LIP201  plain-dense\n     1  LIP301  norm-losing-activations\n" in done.stdout


def test_an_option_lies_over_the_config_and_an_error_points_into_it(lipbuild: Lipbuild, write: Write) -> None:
    write("good.yaml", GOOD)
    assert lipbuild("check", "good.yaml", "--set", "model.layers[0].SpectralDense.units=4").returncode == 0
    done = lipbuild("check", "good.yaml", "--set", "model.layers[0].SpectralDense.units=x")
    assert done.returncode == 1
    assert " --> --set:1:37\n" in done.stdout
    assert "1 | model.layers[0].SpectralDense.units=x\n" in done.stdout


def test_json_has_a_version_and_every_place(lipbuild: Lipbuild, write: Write) -> None:
    write("bad.yaml", "# 😀\n" + BAD)
    write("good.yaml", GOOD)
    data = json.loads(lipbuild("check", "--format", "json", "bad.yaml", "good.yaml").stdout)
    assert data["version"] == 1
    bad, good = data["files"]
    assert (bad["ok"], good["ok"], good["diagnostics"]) == (False, True, [])
    (found,) = bad["diagnostics"]
    assert (found["code"], found["rule"], found["severity"]) == ("LIP201", "plain-dense", "error")
    start, end = found["location"]["start"], found["location"]["end"]
    assert start == {"line": 5, "column": 7, "offset": ("# 😀\n" + BAD).index("Dense:")}
    assert end["column"] == 12
    assert found["fix"]["applicability"] == "safe"
    assert found["fix"]["edits"][0]["replacement"] == "SpectralDense"


def test_junit_is_xml_with_a_test_case_for_each_finding(lipbuild: Lipbuild, write: Write) -> None:
    write("bad.yaml", BAD.replace("GroupSort2", "ReLU").replace("Dense: {units: 8}", '"D<&e\\e": {units: 8}'))
    write("good.yaml", GOOD)
    root = ET.fromstring(lipbuild("check", "--format", "junit", "bad.yaml", "good.yaml").stdout)
    assert root.attrib["tests"] == "3"
    assert root.attrib["failures"] == "1"
    assert [suite.attrib["name"] for suite in root] == ["bad.yaml", "good.yaml"]
    assert len(root.findall("testsuite/testcase/failure")) == 1


def test_github_commands_escape_what_they_hold(lipbuild: Lipbuild, write: Write) -> None:
    write("a,b.yaml", BAD)
    done = lipbuild("check", "--format", "github", "a,b.yaml")
    assert done.stdout.startswith(
        "::error file=a%2Cb.yaml,line=4,col=7,endLine=4,endColumn=12,title=LIP201 plain-dense::"
    )
    assert len(done.stdout.splitlines()) == 1


def test_fix_changes_the_file_and_nothing_else_in_it(lipbuild: Lipbuild, write: Write) -> None:
    path = write("bad.yaml", BAD.replace("\n", "\r\n"))
    path.chmod(0o640)
    done = lipbuild("check", "--fix", "bad.yaml")
    assert done.returncode == 0
    assert "bad.yaml: fixed 1 finding" in done.stdout
    assert path.read_bytes().decode() == BAD.replace("- Dense", "- SpectralDense").replace("\n", "\r\n")
    assert path.stat().st_mode & 0o777 == 0o640


def test_unsafe_fixes_are_made_on_demand_alone(lipbuild: Lipbuild, write: Write) -> None:
    path = write("c.yaml", GOOD.replace("GroupSort2", "ReLU"))
    lipbuild("check", "--fix", "c.yaml")
    assert "ReLU" in path.read_text()
    lipbuild("check", "--unsafe-fixes", "c.yaml")
    assert path.read_text() == GOOD


def test_diff_shows_the_change_and_writes_nothing(lipbuild: Lipbuild, write: Write) -> None:
    path = write("bad.yaml", BAD)
    done = lipbuild("check", "--diff", "bad.yaml")
    assert done.returncode == 1
    assert (
        "-    - Dense: {units: 8}  # the first\n+    - SpectralDense: {units: 8}  # the first\n"
        in done.stdout
    )
    assert path.read_text() == BAD
    write("good.yaml", GOOD)
    assert lipbuild("check", "--diff", "good.yaml").returncode == 0


def test_fixing_standard_input_writes_the_fixed_text_to_standard_output(lipbuild: Lipbuild) -> None:
    done = lipbuild("check", "--fix", "-", stdin=BAD)
    assert done.stdout == BAD.replace("- Dense", "- SpectralDense")


def test_a_suppressed_soundness_rule_voids_the_certificate_and_check_says_so(
    lipbuild: Lipbuild, write: Write
) -> None:
    write(
        "c.yaml",
        GOOD.replace("- GroupSort2", "- GroupSort2: {k_coef_lip: 2.0}  # lipbuild: ignore[LIP210] a test"),
    )
    done = lipbuild("check", "c.yaml")
    assert done.returncode == 0
    assert "no certificate: a comment silences the soundness rule `lipschitz-budget-exceeded`" in done.stdout
    data = json.loads(lipbuild("check", "--format", "json", "c.yaml").stdout)
    assert data["files"][0]["certificate_voided_by"] == ["lipschitz-budget-exceeded"]


@pytest.mark.parametrize(
    ("options", "start"),
    [
        (["--graph"], "layer "),
        (["--graph=mermaid"], "flowchart TD\n"),
        (["--graph", "dot"], "digraph network {\n"),
    ],
)
def test_the_network_is_drawn(lipbuild: Lipbuild, write: Write, options: list[str], start: str) -> None:
    write("good.yaml", GOOD)
    done = lipbuild("check", *options, "good.yaml")
    assert done.returncode == 0
    assert done.stdout.startswith(start)
    assert "GroupSort2" in done.stdout


def test_a_config_of_the_name_of_a_drawing_is_a_config(lipbuild: Lipbuild, write: Write) -> None:
    write("dot", GOOD)
    assert lipbuild("check", "--graph", "dot").stdout.startswith("layer ")


def test_a_drawing_stands_alone_on_standard_output(lipbuild: Lipbuild, write: Write) -> None:
    write("c.yaml", GOOD.replace("GroupSort2", "ReLU"))
    for drawing, start in (("mermaid", "flowchart TD\n"), ("dot", "digraph network {\n")):
        done = lipbuild("check", f"--graph={drawing}", "c.yaml")
        assert done.stdout.startswith(start)
        assert "norm-losing-activations" in done.stderr


def test_a_table_says_what_a_layer_reads_where_that_is_not_the_one_above(
    lipbuild: Lipbuild, write: Write
) -> None:
    layers = "[SpectralDense: {units: 8, name: a}, GroupSort2, Average: {inputs: [a, group_sort2_1]}]"
    write("c.yaml", f"model: {{input: [8], layers: {layers}}}\n")
    done = lipbuild("check", "c.yaml")
    assert re.search(r"average_1 +Average +a, group_sort2_1 +8 +1\n", done.stdout)


def test_json_holds_the_network_where_it_is_asked_for(lipbuild: Lipbuild, write: Write) -> None:
    write("c.yaml", GOOD)
    (file,) = json.loads(lipbuild("check", "--format", "json", "--graph", "c.yaml").stdout)["files"]
    assert file["network"]["bound"] == 1.0
    assert [node["type"] for node in file["network"]["nodes"]] == [
        "SpectralDense",
        "GroupSort2",
        "SpectralDense",
    ]
    assert file["network"]["nodes"][0] == {
        "name": "spectral_dense_1",
        "type": "SpectralDense",
        "inputs": ["input"],
        "shape": [8],
        "parameters": 72,
        "lipschitz": 1.0,
        "bound": 1.0,
    }
    assert "network" not in json.loads(lipbuild("check", "--format", "json", "c.yaml").stdout)["files"][0]


def test_colours_are_for_those_who_want_them(lipbuild: Lipbuild, write: Write) -> None:
    write("bad.yaml", BAD)
    assert "\033[" not in lipbuild("check", "bad.yaml").stdout
    assert "\033[1;31merror" in lipbuild("check", "bad.yaml", FORCE_COLOR="1").stdout
    assert "\033[" not in lipbuild("check", "bad.yaml", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_a_terminal_without_unicode_is_no_reason_to_fail(lipbuild: Lipbuild, write: Write) -> None:
    write("c.yaml", GOOD.replace("GroupSort2", "AveragePooling2D"))
    done = lipbuild("check", "c.yaml", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 1
    assert "unscaled-average-pooling" in done.stdout


def test_what_a_config_holds_does_not_steer_the_terminal(lipbuild: Lipbuild, write: Write) -> None:
    write("c.yaml", GOOD + '"\\e[31mred\\e[0m": 1\nname: "\\u202Eevil"\n')
    done = lipbuild("check", "c.yaml")
    assert done.returncode == 1
    assert "\033" not in done.stdout
    assert "\u202e" not in done.stdout
