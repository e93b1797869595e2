"""What a config says of its data's files, against their headers: columns, arrays, and the form of the labels."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

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


def test_labels_with_a_decimal_comma_are_numbers(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a;b;y\n1;2;0,5\n3;4;1,5\n", encoding="utf-8")
    source = '{csv: {path: t.csv, target: [y, b], features: [a, a2], delimiter: ";", decimal: ","}}'
    assert [rule for rule, _, _ in found(tmp_path, source, 2, "MeanSquaredError")] == ["unknown-columns"]


def test_two_columns_of_one_name_are_named_before_anything_is_loaded(tmp_path: Path) -> None:
    assert remarks(tmp_path, "a,b,a,kind\n1,2,3,0\n") == [
        f"{tmp_path}/t.csv:1: the columns 1 and 3 are called `a`"
    ]
    assert remarks(tmp_path, ",b,,kind\n1,2,3,0\n") == [
        f"{tmp_path}/t.csv:1: the columns 1 and 3 have no name"
    ]


def test_bytes_and_grey_images_are_remarked_on(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.zeros((4, 6, 6), np.uint8), y=np.zeros(4))
    np.save(tmp_path / "x.npy", np.zeros((4, 6, 6), np.uint8))
    for name in "ab":
        (tmp_path / name).mkdir()
    Image.new("L", (6, 6)).save(tmp_path / "a" / "1.png")
    Image.new("LA", (6, 6)).save(tmp_path / "a" / "2.png")
    Image.new("L", (6, 6)).save(tmp_path / "b" / "1.jpg")

    def names(source: str, radius: str = "0.1") -> list[str]:
        path = tmp_path / "c.yaml"
        path.write_text(
            f"seed: 0\nmodel: {{layers: [Flatten, SpectralDense: {{units: 2}}]}}\ndata: {{source: {source}}}\n"
            f"certify: {{radii: [{radius}]}}\n"
        )
        return [found.rule for found in check(read(path)).diagnostics]

    assert names("{npz: {path: d.npz}}") == ["unlikely-columns"]
    assert names("{npz: {path: d.npz}}", "25.5") == []
    assert names("{npy: {features: x.npy, labels: y.npy}}") == ["unlikely-columns"]
    assert names("{image_folder: {path: .}}") == ["grey-images"]
    assert names("{image_folder: {path: ., channels: 1}}") == []
    Image.new("RGB", (6, 6)).save(tmp_path / "b" / "2.jpg")
    assert names("{image_folder: {path: .}}") == []


def remarks(folder: Path, table: str, more: str = "", source: str = "") -> list[str]:
    (folder / "t.csv").write_text(table, encoding="utf-8")
    path = folder / "config.yaml"
    path.write_text(
        "seed: 0\nmodel: {layers: [SpectralDense: {units: 2}]}\n"
        f"data: {{source: {{csv: {{path: t.csv, target: kind{source}}}}}, validation: 0.1{more}}}\n"
        f"train: {{loss: {CROSS_ENTROPY}, epochs: 1}}\ncertify: {{radii: [0.1]}}\n"
    )
    names = ("unreadable-columns", "unlikely-columns", "unknown-columns")
    return [problem.message for problem in check(read(path)).diagnostics if problem.rule in names]


def test_all_inputs_that_are_not_numbers_are_one_report_with_their_places(tmp_path: Path) -> None:
    (message,) = remarks(tmp_path, "a,b,c,kind\n1,2,3,0\n,red,1,0\n4,5,1_0,1\n")
    assert message == (
        f"{tmp_path}/t.csv:3:1: the input `a` is nothing; {tmp_path}/t.csv:3:2: the input `b` is `red`; "
        f"{tmp_path}/t.csv:4:5: the input `c` is `1_0`"
    )


def test_labels_are_read_as_the_table_is_written(tmp_path: Path) -> None:
    """With its decimal comma; a label that is missing makes no text of the others."""
    (tmp_path / "t.csv").write_text("a;y\n1;0,5\n2;\n3;2,5\n")
    (tmp_path / "c.yaml").write_text(
        "seed: 0\nmodel: {layers: [SpectralDense: {units: 1}]}\n"
        "data: {source: {csv: {path: t.csv, target: y, delimiter: ';', decimal: ','}}, validation: 0.1}\n"
        "train: {loss: MeanSquaredError, epochs: 1}\n"
    )
    said = check(read(tmp_path / "c.yaml")).diagnostics
    [problem] = [one for one in said if one.severity.name == "ERROR"]
    assert problem.message == f"{tmp_path}/t.csv:3:3: the label `y` is nothing"


def test_missing_cells_are_reported_where_nothing_fills_them(tmp_path: Path) -> None:
    table, place = "a,b,c,kind\n1,u,2,0\n,,-9,1\nNA,v,4,1\n", f"{tmp_path}/t.csv:3"
    categories = ", categories: [b]"
    (message,) = remarks(tmp_path, table, source=f"{categories}, fill: {{c: 0}}, missing: [-9]")
    assert message == f"{place}:1: the input `a` is nothing; {place}:2: the input `b` is nothing"
    assert not remarks(tmp_path, table, source=f"{categories}, fill: mean, missing: [-9]")
    # A number that stands for nothing is no size of the inputs.
    assert not remarks(
        tmp_path, "a,b,kind\n0.1,0.2,0\n-99999,0.1,1\n", source=", fill: mean, missing: [-99999]"
    )
    # A name that is not there is the one mistake.
    assert remarks(tmp_path, table, source=f"{categories}, fill: {{d: 0}}") == ["t.csv has no column `d`"]


@pytest.mark.parametrize(
    ("table", "more", "expected"),
    [
        ("a,b,kind\n0.5,1,0\n0.7,2,1\n0.9,4,0\n", "", []),
        (",a,kind\n0,0.5,0\n1,0.7,1\n", "", ["t.csv has a column without a name, which looks like an index"]),
        ("id,a,kind\n1,0.5,0\n2,0.7,1\n", "", ["t.csv has the column `id`, which looks like an index"]),
        ("a,b,kind\n0.01,2000,0\n0.03,1000,1\n", "", []),
        (
            "a,b,kind\n0.01,9000,0\n0.03,1000,1\n",
            "",
            ["the inputs of t.csv are up to 9000 (`b`) and 0.03 (`a`)"],
        ),
        # An empty line is none, also before the header.
        ("\n\na,b,kind\n0.5,4,0\n0.7,2,1\n", "", []),
        ("a,b,kind\n0.01,9000,0\n0.03,1000,1\n", ", preprocess: [Normalization]", []),
        (
            "a,b,kind\n0.01,9000,0\n0.03,1000,1\n",
            ", preprocess: [Centering]",
            ["the inputs of t.csv are up to 9000 (`b`) and 0.03 (`a`)"],
        ),
        (
            "a,b,c,d,e,f,g,h,kind\n" + "0,255,13,4,9,3,200,7,0\n9,80,31,40,90,30,20,70,1\n",
            "",
            ["the inputs of t.csv are whole numbers from 0 to 255, and no radius is above 0.1"],
        ),
    ],
)
def test_inputs_that_are_hardly_meant_so_are_remarked_on(
    tmp_path: Path, table: str, more: str, expected: list[str]
) -> None:
    found = remarks(tmp_path, table, more)
    assert len(found) == len(expected)
    assert all(message.startswith(start) for message, start in zip(found, expected))


@pytest.mark.parametrize("declared", ["input: [2], ", ""])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a;b;label\n1;2;x\n3;4;y\n", "t.csv:1: there is a single column, `a;b;label`"),
        (
            b"sep=;\na;b;label\n1;2;x\n",
            "t.csv:1: the first line is `sep=;`, by which Excel is told the delimiter",
        ),
        (b"a,b,label\n1,2,x\n3,4\n", "t.csv:3: this row has 2 values, and the header 3"),
        (b"a,b,label\n1,2,x,\n", "t.csv:2: this row has 4 values, and the header 3"),
        (b"a,b,label\n1,2,\n3,4,y\n", "t.csv:2:5: the label `label` is nothing"),
        (b"a,b,label\n", "t.csv: a table has a header and at least one row, and this has 1 line"),
        (b"", "t.csv: a table has a header and at least one row, and this is empty"),
        (b"a,b,label\n1,\xe9,x\n", "t.csv: it cannot be read as a table: 'utf-8' codec can't decode"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_mistake(
    declared: str, content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    path = tmp_path / "config.yaml"
    path.write_text(
        f"seed: 0\nmodel: {{{declared}layers: [SpectralDense: {{units: 2}}]}}\n"
        "data: {source: {csv: {path: t.csv, target: label}}, validation: 0.1}\n"
        f"train: {{loss: {CROSS_ENTROPY}, epochs: 1}}\n",
        encoding="utf-8",
    )
    [problem] = [one for one in check(read(path)).diagnostics if one.severity.name == "ERROR"]
    assert problem.rule == "unreadable-columns"
    assert problem.message.removeprefix(f"{tmp_path}/").startswith(message)


def test_a_table_without_a_header_is_one_mistake(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("1,2,x\n3,4,y\n")
    path = tmp_path / "config.yaml"
    path.write_text(
        "seed: 0\nmodel: {layers: [SpectralDense: {units: 2}]}\n"
        "data: {source: {csv: {path: t.csv, target: label}}, validation: 0.1}\n"
        f"train: {{loss: {CROSS_ENTROPY}, epochs: 1}}\n",
        encoding="utf-8",
    )
    [problem] = [one for one in check(read(path)).diagnostics if one.severity.name == "ERROR"]
    assert problem.message.endswith("t.csv has no column `label`")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "test.csv")
    assert not remarks(tmp_path, "a,kind\nred,0\nblue,1\n", source=", test: test.csv, categories: [a]")
