"""What a config says of its data's files, against their headers: columns, arrays, and the form of the labels."""

from pathlib import Path

import numpy as np
import pytest

from lipbuild.rules.check import check
from lipbuild.text.load import read

ROWS = "a,b,low,high,label,count\n1,2,0.5,1.5,cat,1\n3,4,0.25,2.5,dog,2\n"
CROSS_ENTROPY = "{TauCategoricalCrossentropy: {tau: 10}}"


def found(folder: Path, source: str, units: int, loss: str) -> list[tuple[str, str, str]]:
    """The rule, the place in the text and the message of each error."""
    path = folder / "config.yaml"
    path.write_text(
        f"seed: 0\nmodel: {{input: [2], layers: [SpectralDense: {{units: {units}}}]}}\n"
        f"data: {{source: {source}, validation: 0.1}}\ntrain: {{loss: {loss}, epochs: 1}}\n",
        encoding="utf-8",
    )
    return [
        (problem.rule, problem.span.text, problem.message)
        for problem in check(read(path)).diagnostics
        if problem.severity.name == "ERROR"
    ]


@pytest.mark.parametrize(
    ("keys", "units", "loss", "expected"),
    [
        ("target: label", 2, CROSS_ENTROPY, []),
        ("target: [low, high]", 2, "MeanSquaredError", []),
        (
            "target: [low, hihg], weight: counts, split: part",
            2,
            "MeanSquaredError",
            [
                ("unknown-columns", "hihg", "t.csv has no column `hihg`"),
                ("unknown-columns", "counts", "t.csv has no column `counts`"),
                ("unknown-columns", "part", "t.csv has no column `part`"),
            ],
        ),
        (
            "target: [low, high]",
            3,
            "MeanSquaredError",
            [
                (
                    "mismatched-label-encoding",
                    "[low, high]",
                    "the labels `low`, `high` of t.csv have 2 numbers a sample, and the network has 3 outputs",
                )
            ],
        ),
        (
            "target: [low, label]",
            2,
            "MeanSquaredError",
            [
                (
                    "mismatched-label-encoding",
                    "[low, label]",
                    "the labels `low`, `label` of t.csv are text, and numbers are predicted",
                )
            ],
        ),
    ],
)
def test_a_table(
    tmp_path: Path, keys: str, units: int, loss: str, expected: list[tuple[str, str, str]]
) -> None:
    (tmp_path / "t.csv").write_text(ROWS, encoding="utf-8")
    assert found(tmp_path, f"{{csv: {{path: t.csv, features: [a, b], {keys}}}}}", units, loss) == expected


def test_an_archive(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.zeros((4, 2)), y=np.zeros((4, 5)), w=np.ones(4))
    assert found(tmp_path, "{npz: {path: d.npz, weights: w}}", 5, CROSS_ENTROPY) == []
    assert found(tmp_path, "{npz: {path: d.npz, weights: v}}", 3, CROSS_ENTROPY) == [
        (
            "mismatched-label-encoding",
            "npz",
            "the labels `y` of d.npz are one-hot rows of 5 classes, and the network is for 3",
        ),
        ("unknown-columns", "v", "d.npz has no array `v`"),
    ]


def test_arrays_in_files_of_their_own(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 2)))
    np.save(tmp_path / "y.npy", np.array(["a", "b", "a", "b"]))
    source = "{npy: {features: x.npy, labels: y.npy}}"
    assert found(tmp_path, source, 2, CROSS_ENTROPY) == []
    assert found(tmp_path, source, 1, "MeanSquaredError") == [
        (
            "mismatched-label-encoding",
            "y.npy",
            "the labels of y.npy are text, and numbers are predicted",
        )
    ]


def test_a_file_of_an_option_is_looked_for_where_the_command_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "t.csv").write_text(ROWS, encoding="utf-8")
    path = tmp_path / "there" / "config.yaml"
    path.write_text(
        "model: {layers: [SpectralDense: {units: 2}]}\ndata: {source: {csv: {path: u.csv, target: label}}}\n"
    )
    monkeypatch.chdir(tmp_path)
    found = check(read(path), ["data.source.csv.path=t.csv"]).raise_for_errors()
    assert found.graph.input_shape == (5,)
    assert found.config.needed("data").source.files() == {"path": str(tmp_path / "t.csv")}


def test_weights_of_classes_that_a_shipped_data_set_lacks(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "model: {layers: [SpectralDense: {units: 3}]}\ndata: {source: iris, class_weights: {setosa: 2, virginca: 1}}\n"
    )
    (problem,) = [p for p in check(read(tmp_path / "c.yaml")).diagnostics if p.severity.name == "ERROR"]
    assert (problem.rule, problem.span.text) == ("unknown-names", "virginca")
