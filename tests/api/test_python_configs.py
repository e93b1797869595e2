"""Configs built in Python: written as YAML and read back as they were, shown in notebooks."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lipbuild
from lipbuild.config.tree import tree_text
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.text.load import load
from lipbuild.text.nodes import Scalar, Sequence, TextNode, plain
from lipbuild.text.parse import parse
from lipbuild.text.text import SourceText
from lipbuild.training.run_html import run_html
from tests.conftest import CONFIGS

CONFIG: dict[str, Any] = {
    "name": "small",
    "seed": 0,
    "model": {"input": [8, 8, 1], "layers": ["Flatten", {"SpectralDense": {"units": 10}}]},
}
ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)
# What YAML reads as something else, or folds, where it is not quoted.
TRAPS = [
    *("1e-3", "on", "null", "~", "", "0x1F", "1_000", "<<", "=", ".inf", "NaN", "2001-01-01", "12:30"),
    *(
        "${a}",
        "$${",
        "a: b",
        "- x",
        "#c",
        "x #c",
        " lead",
        "trail ",
        "!x",
        "&x",
        "*x",
        "?",
        "|",
        ">",
        "%",
        "@",
    ),
    *("\n", "a\nb", "\r\n", "\t", "a\u2028b", "\x85", "\ufeff", "'", '"', "\\", "ß√", "\U0001f600"),
]
TEXT = st.sampled_from(TRAPS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXT.filter(lambda key: key != "extends"), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(TREES)
def test_every_value_of_a_mapping_comes_back(tree: Any) -> None:
    loaded = load(SourceText("config", lipbuild.dump({"variables": tree})))
    assert [p for p in loaded.problems if p.rule != "ambiguous-scalars"] == []
    assert loaded.root is not None
    assert repr(plain(loaded.root)) == repr({"variables": tree})


@settings(max_examples=150)
@given(TREES)
def test_the_tree_of_a_mapping_is_that_of_its_text(tree: Any) -> None:
    text = tree_text({"variables": tree})
    assert placed(text.root) == placed(parse(SourceText("config", text.text)).root)


def placed(node: TextNode | None) -> Any:
    """A tree with the places of its nodes, whatever text they are in."""
    assert node is not None
    place = (node.span.start, node.span.end)
    if isinstance(node, Scalar):
        return repr(node.value), node.quoted, place
    if isinstance(node, Sequence):
        return [placed(item) for item in node.items], place
    return [(placed(entry.key), placed(entry.value)) for entry in node.entries], place


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_config_survives_python_and_its_resolved_form_itself(path: Path) -> None:
    checked = lipbuild.load(path)
    assert checked.config is not None
    tree = dict(checked.config.tree)
    tree.pop("extends", None)
    again = lipbuild.load(tree)
    assert again.config is not None
    assert again.config.tree == tree
    # What is written out in full is written out in full again, and is the same network.
    resolved = lipbuild.dump(checked)
    second = lipbuild.check(plain(load(SourceText("config", resolved)).root))
    assert second.ok, [d.message for d in second.diagnostics]
    assert lipbuild.dump(second) == resolved


def test_numbers_of_numpy_and_tuples_are_written_as_what_they_are() -> None:
    layers = ["Flatten", {"SpectralDense": {"units": np.int64(10)}}]
    config = {**CONFIG, "model": {"input": (8, 8, 1), "lipschitz": np.float32(0.5), "layers": layers}}
    checked = lipbuild.load(config)
    assert checked.graph is not None
    assert checked.graph.lipschitz == 0.5
    assert checked.graph.input_shape == (8, 8, 1)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": {1: 2}}, "the key 1 in `a` is not text"),
        ({"a": [float("nan")]}, r"`a\[0\]` is nan, and a config has finite numbers"),
        ({"a": {"b": {3}}}, "`a.b` is a set, and a config has mappings, lists, text and numbers"),
        ({"a": ["\ud800"]}, r"`a\[0\]` has a character that is not Unicode"),
        ({"a": ENDLESS}, "nested more than 100 levels deep"),
    ],
)
def test_what_a_config_cannot_hold_is_named(value: dict[str, Any], message: str) -> None:
    with pytest.raises(UnusableError, match=message):
        lipbuild.dump(value)


def test_findings_in_a_mapping_point_into_its_text() -> None:
    model = {"input": [4], "layers": [{"Dense": {"units": 2}}]}
    with pytest.raises(RefusedError, match=r"config:5:5"):
        lipbuild.load({"name": "x", "model": model})
    assert lipbuild.check({"name": "x", "model": model}).diagnostics[0].rule == "plain-dense"


def test_what_was_loaded_can_be_checked_with_other_options() -> None:
    checked = lipbuild.load(CONFIG)
    assert lipbuild.load(checked) is checked
    other = lipbuild.load(checked, ["model.layers[1].SpectralDense.units=3"])
    assert other.graph is not None
    assert other.graph.nodes[-1].shape == (3,)
    assert lipbuild.build(CONFIG).output_shape == (None, 10)


class Cells(HTMLParser):
    """The text of a page, and whether every element was closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_network_shows_its_layers_in_a_notebook() -> None:
    checked = lipbuild.load(CONFIGS / "digits_residual.yaml")
    assert checked.graph is not None
    page = Cells(checked.graph._repr_html_())
    assert page.open == []
    assert {"layer", "stem", "SpectralDense", "64", "logits"} <= set(page.text)
    assert "17,290 parameters, Lipschitz constant (L2) at most 0.999996 of 1 promised" in page.text
    assert Cells(checked._repr_html_()).text == page.text


def test_what_is_wrong_with_a_config_is_shown_in_a_notebook() -> None:
    wrong = lipbuild.check({"model": {"input": [4], "layers": [{"Dense": {"units": 2, "name": "a"}}]}})
    page = Cells(wrong._repr_html_())
    assert page.open == []
    assert "plain-dense" in "".join(page.text)


def test_a_training_shows_its_metrics_in_a_notebook() -> None:
    history = [
        {"epoch": 1.0, "loss": 2.0, "val_accuracy": 0.5},
        {"epoch": 2.0, "loss": 1.0, "val_accuracy": 0.25},
    ]
    shown = run_html("runs/<a & b>", history)
    page = Cells(shown)
    assert page.open == []
    assert "runs/<a & b>: 2 epochs" in page.text
    assert page.text[-8:] == [
        "loss",
        "2.0000",
        "1.0000",
        "1.0000",
        "val_accuracy",
        "0.5000",
        "0.5000",
        "0.2500",
    ]
    assert shown.count("<polyline") == 2
    assert Cells(run_html("runs/none", [])).open == []
