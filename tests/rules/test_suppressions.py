"""`# lipbuild: ignore[rule-name] reason`: what it silences, what it cannot, and what it costs."""

import pytest

from lipbuild.rules.check import Checked, check
from lipbuild.text.comments import comments
from lipbuild.text.text import SourceText


def checked(*items: str, head: str = "", input: str = "[8]") -> Checked:
    body = "".join(f"    - {item}\n" for item in items)
    return check(SourceText("c.yaml", f"{head}model:\n  input: {input}\n  layers:\n{body}"))


def found(result: Checked) -> list[str]:
    return [diagnostic.rule for diagnostic in result.diagnostics]


@pytest.mark.parametrize("name", ["norm-losing-activations", "LIP301"])
def test_a_comment_silences_a_rule_on_its_line_by_name_or_code(name: str) -> None:
    result = checked(
        "SpectralDense: {units: 8}", f"ReLU  # lipbuild: ignore[{name}] the paper has it", "ReLU"
    )
    assert found(result) == ["norm-losing-activations"]
    assert [d.rule for d in result.suppressed] == ["norm-losing-activations"]
    assert result.voided_by == ()


def test_a_comment_silences_a_rule_in_the_whole_file() -> None:
    result = checked(
        "ReLU", "ReLU", head="# lipbuild: ignore-file[norm-losing-activations] the paper has it\n"
    )
    assert found(result) == []
    assert len(result.suppressed) == 2


def test_a_comment_may_name_several_rules() -> None:
    result = checked(
        "MaxPooling2D: {pool_size: 3, strides: 2}",
        "SpectralDense: {units: 2, activation: tanh}  # lipbuild: ignore[missing-flatten, LIP301] meant so",
        input="[8, 8, 2]",
    )
    assert found(result) == ["overlapping-max-pooling"]


@pytest.mark.parametrize(
    ("layer", "rule"),
    [
        ("MaxPooling2D: {pool_size: 3, strides: 2}", "overlapping-max-pooling"),
        ("GroupSort2: {k_coef_lip: 2.0}", "lipschitz-budget-exceeded"),
        ("ReLU: {negative_slope: 2.0}", "expansive-activations"),
        ("ReLU: {threshold: 0.5}", "discontinuous-activations"),
        ("Parallel: {branches: [[], []], merge: Add}", "unscaled-residuals"),
    ],
)
def test_a_silenced_soundness_rule_lets_the_network_be_built_and_voids_the_certificate(
    layer: str, rule: str
) -> None:
    result = checked(f"{layer}  # lipbuild: ignore[{rule}] an experiment", input="[8, 8, 2]")
    assert result.ok
    assert result.graph is not None
    assert result.graph.bound > 1.0
    assert result.voided_by == (rule,)


@pytest.mark.parametrize(
    ("layer", "rule"),
    [
        ("Dense: {units: 8}", "plain-dense"),
        ("Foo", "unknown-layer-types"),
        ("SpectralDense: {unit: 8}", "unknown-keys"),
        ("SpectralDense: {units: 7}\n    - GroupSort2", "indivisible-group-sort"),
    ],
)
def test_what_nothing_can_be_built_from_cannot_be_silenced(layer: str, rule: str) -> None:
    result = checked(f"{layer}  # lipbuild: ignore[{rule}] please")
    assert found(result) == [rule]
    assert not result.ok
    assert result.graph is None
    assert "cannot be suppressed" in result.diagnostics[0].notes[-1]


@pytest.mark.parametrize(
    ("comment", "rules"),
    [
        ("# lipbuild: ignore[norm-losing-activations] why", []),
        ("#lipbuild:ignore[norm-losing-activations]   why", []),
        ("# lipbuild: ignore[norm-losing-activations]", ["missing-reasons"]),
        ("# lipbuild: ignore[plain-dense] why", ["norm-losing-activations", "unused-suppressions"]),
        ("# lipbuild: ignore[norm-losing-activations, plain-dense] why", ["unused-suppressions"]),
        ("# lipbuild: ignore[norm-losing] why", ["norm-losing-activations", "unknown-suppressions"]),
        ("# lipbuild: ignore", ["norm-losing-activations", "unknown-suppressions"]),
        ("# lipbuild: ignore[]", ["norm-losing-activations", "unknown-suppressions"]),
        (
            "# lipbuild: ignores[norm-losing-activations] why",
            ["norm-losing-activations", "unknown-suppressions"],
        ),
        ("# about lipbuild: ignore[plain-dense]", ["norm-losing-activations"]),
    ],
)
def test_comments_are_checked_themselves(comment: str, rules: list[str]) -> None:
    assert found(checked("SpectralDense: {units: 8}", f"ReLU  {comment}")) == rules


def test_a_comment_in_a_parent_counts_for_the_parent(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from lipbuild.text.load import read

    (tmp_path / "base.yaml").write_text(
        "model:\n  input: [8]\n  layers:\n    - GroupSort2: {k_coef_lip: 2.0}  # lipbuild: ignore[LIP210] why\n"
    )
    (tmp_path / "child.yaml").write_text("extends: base.yaml\nname: child\n")
    assert check(read(tmp_path / "child.yaml")).voided_by == ("lipschitz-budget-exceeded",)


def test_comments_are_found_outside_of_values_alone() -> None:
    text = (
        "# one\na: 'x # no'  # two\nb: \"y # no\"\nc: z#no\nd: |  # three\n  # no\n  text\ne: >-\n  # no\n\n#four\n"
        "f: [1, # five\n  2] # six\n"
    )
    spans = comments(SourceText("c", text))
    assert [span.text for span in spans] == ["# one", "# two", "# three", "#four", "# five", "# six"]
