"""Each rule is documented, has a config that breaks it and nothing else, and examples that do what they say."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lipbuild.diagnostics.severity import Severity
from lipbuild.network.specs import LAYERS
from lipbuild.rules.check import Checked, check
from lipbuild.rules.context import Context
from lipbuild.rules.refused import REFUSED_LAYERS
from lipbuild.rules.registry import RULES
from lipbuild.text.load import load, read
from lipbuild.text.text import SourceText

ROOT = Path(__file__).parents[2]
INVALID = ROOT / "configs" / "invalid"
VALID = sorted((ROOT / "configs").glob("*.yaml"))

# Rules about the command line: no file can break them.
OPTIONS = {"malformed-options": "model.layers[99]=Flatten"}

GROUPS = {"0": "source", "1": "schema", "2": "soundness", "3": "quality", "4": "training", "9": "hygiene"}


def found(checked: Checked) -> list[str]:
    return [diagnostic.rule for diagnostic in checked.diagnostics]


def blocks(text: str, heading: str) -> list[str]:
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"```yaml\n(.*?)```", section[1], re.DOTALL) if section else []


def test_codes_and_names_are_unique_and_well_formed() -> None:
    codes = [rule.code for rule in RULES.values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"LIP[0-49][0-9]{2}", code) for code in codes)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in RULES)
    assert codes == sorted(codes)


def test_a_rule_is_applied_exactly_where_it_has_something_to_check() -> None:
    always, with_sweeps = (list(RULES.applied(sweep=sweep)) for sweep in (False, True))
    assert [rule for rule in RULES.values() if rule.check is not None] == with_sweeps
    # What is applied to sweeps alone finds nothing elsewhere.
    left_out = [rule for rule in with_sweeps if rule not in always]
    assert {rule.name for rule in left_out} == {
        *("incomparable-trials", "overlapping-ranges", "unfit-searches", "unmeasurable-objectives")
    }
    for path in VALID:
        config, graph = check(read(path)).config, check(read(path)).graph
        if config is not None and config.sweep is None:
            context = Context(load(read(path)), config, graph, REFUSED_LAYERS)
            assert [list(rule.check(context)) for rule in left_out if rule.check] == [[]] * len(left_out)


def test_each_rule_lies_in_the_file_of_its_name_in_the_folder_of_its_group() -> None:
    import lipbuild.rules

    folder = Path(lipbuild.rules.__file__).parent
    expected = {(GROUPS[rule.code[3]], rule.name.replace("-", "_")) for rule in RULES.values()}
    actual = {
        (path.parent.name, path.stem)
        for group in GROUPS.values()
        for path in (folder / group).glob("*.py")
        if "RULE = " in path.read_text(encoding="utf-8")
    }
    assert actual == expected


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_what_it_does_why_and_what_to_use_instead(name: str) -> None:
    rule = RULES[name]
    assert re.fullmatch(r"[A-Z`].*\.", rule.summary)
    headings = re.findall(r"^## (.*)$", rule.text, re.MULTILINE)
    order = ["What it does", "Why is this bad?", "Example", "Use instead", "References"]
    assert headings == [heading for heading in order if heading in headings]
    assert {"What it does", "Why is this bad?", "Use instead"} <= set(headings)


@pytest.mark.parametrize("name", [name for name in RULES if name not in OPTIONS])
def test_a_rules_config_breaks_that_rule_and_no_other(name: str) -> None:
    checked = check(read(INVALID / f"{name}.yaml"))
    assert set(found(checked)) == {name}
    assert checked.ok == (RULES[name].severity is not Severity.ERROR)


@pytest.mark.parametrize(("name", "option"), OPTIONS.items())
def test_a_rule_about_options_is_broken_by_an_option(name: str, option: str) -> None:
    assert found(check(read(VALID[0]), [option]))[-1] == name


def test_there_is_no_config_of_a_rule_that_there_is_not() -> None:
    assert {path.stem for path in INVALID.glob("*.yaml")} == set(RULES) - set(OPTIONS)


@pytest.mark.parametrize("name", [name for name in RULES if blocks(RULES[name].text, "Example")])
def test_the_example_of_a_rule_breaks_it_and_no_other(name: str, complete: Callable[[str], str]) -> None:
    for snippet in blocks(RULES[name].text, "Example"):
        assert set(found(check(SourceText("example.yaml", complete(snippet), INVALID / "example.yaml")))) == {
            name
        }, snippet


@pytest.mark.parametrize("name", [name for name in RULES if blocks(RULES[name].text, "Use instead")])
def test_what_to_use_instead_breaks_no_rule(name: str, complete: Callable[[str], str]) -> None:
    for snippet in blocks(RULES[name].text, "Use instead"):
        checked = check(SourceText("instead.yaml", complete(snippet), INVALID / "instead.yaml"))
        assert found(checked) == [], snippet
        assert checked.ok


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_config_of_the_project_breaks_no_rule_that_matters(path: Path) -> None:
    checked = check(read(path))
    assert [d.rule for d in checked.diagnostics if d.severity is not Severity.REMARK] == []
    assert checked.ok


def test_no_layer_is_both_known_and_refused() -> None:
    assert REFUSED_LAYERS.isdisjoint(LAYERS)


@pytest.mark.parametrize("layer", sorted(REFUSED_LAYERS))
def test_a_refused_layer_is_one_report_with_what_to_do(layer: str) -> None:
    text = f"model:\n  input: [8]\n  layers:\n    - SpectralDense: {{units: 8}}\n    - {layer}: {{anything: 1}}\n"
    (diagnostic,) = check(SourceText("c.yaml", text)).diagnostics
    assert diagnostic.severity is Severity.ERROR
    assert diagnostic.span.text == layer
    assert RULES[diagnostic.rule].is_soundness or diagnostic.rule == "unsafe-data-augmentation"
    assert diagnostic.help
