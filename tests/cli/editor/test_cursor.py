"""Where a cursor stands in a config that cannot be parsed yet; `|` is the cursor."""

import pytest

from lipbuild.cli.editor.cursor import cursor_at
from lipbuild.text.text import SourceText

MODEL = "model:\n  input: [8]\n  layers:\n"


@pytest.mark.parametrize(
    ("text", "steps", "kind"),
    [
        ("|", (), "key"),
        ("na|", (), "key"),
        ("name: |", ("name",), "value"),
        ("model:\n  |", ("model",), "key"),
        ("model:\n  li|\n  input: [8]\n", ("model",), "key"),
        ("model:\n  input: [|", ("model", "input"), "item"),
        ("model: {lipschitz: 1, |", ("model",), "key"),
        ("model: {lipschitz: |", ("model", "lipschitz"), "value"),
        (MODEL + "    - |", ("model", "layers"), "item"),
        (MODEL + "    - Flatten\n    - Spec|", ("model", "layers"), "item"),
        (MODEL + "  - |", ("model", "layers"), "item"),
        (MODEL + "    - SpectralDense: {|", ("model", "layers", 0, "SpectralDense"), "key"),
        (MODEL + "    - SpectralDense: {units: 8, us|}", ("model", "layers", 0, "SpectralDense"), "key"),
        (
            MODEL + "    - SpectralDense: {units: 8, activation: |",
            ("model", "layers", 0, "SpectralDense", "activation"),
            "value",
        ),
        (MODEL + "    - SpectralDense:\n        |", ("model", "layers", 0, "SpectralDense"), "key"),
        (
            MODEL + "    - SpectralDense:\n        units: 8\n        padding: |",
            ("model", "layers", 0, "SpectralDense", "padding"),
            "value",
        ),
        (MODEL + "    - Average: {inputs: [a, |", ("model", "layers", 0, "Average", "inputs"), "item"),
        (
            MODEL + "    - Residual:\n        layers:\n          - Flatten\n          - |",
            ("model", "layers", 0, "Residual", "layers"),
            "item",
        ),
        (MODEL + "    - Flatten\ntrain:\n  |", ("train",), "key"),
        (MODEL + "    - Flatten\ntrain: {optimizer: {Adam: {|", ("train", "optimizer", "Adam"), "key"),
        (MODEL + "    - Flatten\n|", (), "key"),
        ("model: {layers: [Flatten, |", ("model", "layers"), "item"),
        ("model: {layers: [Flatten, SpectralDense: {|", ("model", "layers", 0, "SpectralDense"), "key"),
        ("model: {layers: [{SpectralDense: {|", ("model", "layers", 0, "SpectralDense"), "key"),
        ("name: [\nmodel:\n  |", ("model",), "key"),
    ],
)  # fmt: skip
def test_a_cursor_knows_what_it_stands_in(text: str, steps: tuple[object, ...], kind: str) -> None:
    before, _, after = text.partition("|")
    cursor = cursor_at(SourceText("c.yaml", before + after), len(before))
    assert cursor is not None
    assert (cursor.steps, cursor.kind) == (steps, kind)


def test_nothing_is_written_in_a_comment() -> None:
    text = "model:  # lay"
    assert cursor_at(SourceText("c.yaml", text), len(text)) is None


@pytest.mark.parametrize("text", ["]]]}}}", "- - - ", ": : :", "\t\t", "'\"[{", "a: [{b: [{c: ", "\n\n\n"])
def test_no_text_is_too_strange(text: str) -> None:
    for offset in range(len(text) + 1):
        cursor_at(SourceText("c.yaml", text), offset)
