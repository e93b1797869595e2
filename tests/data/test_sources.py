"""The data sources, each read for real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipbuild.config.sections import DataSection
from lipbuild.config.sources import SOURCES
from lipbuild.data.guess_targets import guess_targets
from lipbuild.data.load import load_raw, naming_file
from lipbuild.errors import RefusedError, UnusableError


def section(name: str, **arguments: object) -> DataSection:
    return DataSection(source=SOURCES[name](**arguments))


@pytest.mark.parametrize(
    ("name", "samples"),
    [
        ("digits", 1797),
        ("breast_cancer", 569),
        ("wine", 178),
        ("diabetes", 442),
        ("moons", 2000),
        ("circles", 2000),
    ],
)
def test_a_shipped_source_has_the_shape_that_its_spec_says(name: str, samples: int) -> None:
    chosen = section(name)
    raw = load_raw(chosen, Path())
    assert raw.features.shape == (samples, *chosen.source.input_shape(Path()))
    assert raw.features.dtype == np.float32
    assert len(raw.labels) == samples
    classes = chosen.source.class_count()
    if classes is not None:
        assert sorted(np.unique(raw.labels)) == list(range(classes))
    if name == "circles":
        away = np.linalg.norm(raw.features, axis=1)
        assert away[raw.labels == 0].mean() == pytest.approx(1.0, abs=0.01)
        assert away[raw.labels == 1].mean() == pytest.approx(0.5, abs=0.01)
    elif name != "moons":
        assert raw.features.min() == 0.0
        assert raw.features.max() == 1.0


def test_moons_are_the_same_for_the_same_seed() -> None:
    first, again, other = (
        load_raw(DataSection(source=SOURCES["moons"](samples=50), seed=seed), Path()).features
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_an_archive_gives_its_arrays_and_its_header_their_shape(tmp_path: Path) -> None:
    x = np.arange(24, dtype=np.uint8).reshape(6, 2, 2, 1)
    np.savez(tmp_path / "d.npz", x=x, y=np.array([0, 1, 0, 1, 0, 1]))
    chosen = section("npz", path="d.npz")
    assert chosen.source.input_shape(tmp_path) == (2, 2, 1)
    raw = load_raw(chosen, tmp_path)
    assert np.array_equal(raw.features, x.astype(np.float32))
    assert raw.test is None


def test_an_archive_with_its_own_test_set_keeps_it(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "d.npz",
        x_train=np.zeros((5, 3)),
        y_train=np.zeros(5, int),
        x_test=np.ones((2, 3)),
        y_test=np.ones(2, int),
    )
    raw = load_raw(section("npz", path="d.npz"), tmp_path)
    assert raw.test == 2
    assert raw.features[-2:].min() == 1.0
    assert section("npz", path="d.npz").source.input_shape(tmp_path) == (3,)


def test_an_archive_with_pickled_objects_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    marker = tmp_path / "ran"

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return marker.touch, ()

    np.savez(tmp_path / "d.npz", x=np.array([Bomb(), Bomb()], dtype=object), y=np.array([0, 1]))
    marker.unlink(missing_ok=True)
    with pytest.raises(RefusedError, match="holds Python objects"):
        load_raw(section("npz", path="d.npz"), tmp_path)
    assert not marker.exists()


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", images=np.zeros((2, 3)), y=np.zeros(2))
    with pytest.raises(RefusedError, match="`images`, `y`, and `x` and `y` are needed"):
        load_raw(section("npz", path="d.npz"), tmp_path)


@pytest.mark.parametrize("name", ["npz", "csv"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    arguments = {"path": "nowhere"} | ({"target": "t"} if name == "csv" else {})
    with pytest.raises(UnusableError, match="nowhere: there is no such file"):
        load_raw(section(name, **arguments), tmp_path)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_what_is_no_archive_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "d.npz").write_bytes(content)
    with pytest.raises(UnusableError, match="cannot be read as a NumPy archive") as refused:
        load_raw(section("npz", path="d.npz"), tmp_path)
    # NumPy would say how to load it as one.
    assert "pickle" not in refused.value.message


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_in_the_data_is_refused_with_its_sample(bad: float, tmp_path: Path) -> None:
    x = np.zeros((4, 3))
    x[2, 1] = bad
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(4))
    with pytest.raises(
        RefusedError, match="1 of 4 samples hold NaN or infinite features; the first is sample 2"
    ):
        load_raw(section("npz", path="d.npz"), tmp_path)


def test_samples_without_labels_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.zeros((4, 3)), y=np.zeros(3))
    with pytest.raises(RefusedError, match="4 samples and 3 labels"):
        load_raw(section("npz", path="d.npz"), tmp_path)


def test_a_table_gives_numbers_and_class_names(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,kind\n1,2,cat\n3,4,dog\n5,6,cat\n")
    chosen = section("csv", path="t.csv", target="kind")
    assert chosen.source.input_shape(tmp_path) == (2,)
    raw = load_raw(chosen, tmp_path)
    assert raw.features.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert list(raw.labels) == ["cat", "dog", "cat"]


def test_a_table_with_a_byte_order_mark_and_semicolons_is_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfa;y\n1;0.5\n2;1.5\n")
    raw = load_raw(section("csv", path="t.csv", target="y", delimiter=";"), tmp_path)
    assert raw.features.tolist() == [[1], [2]]
    assert raw.labels.tolist() == [0.5, 1.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "there is no column `kind`"),
        ("a,kind\n1\n", "t.csv:2: this row has 1 value, and the header 2"),
        ("a,kind\nx,0\n", "t.csv:2:1: the feature `a` is `x`, which is text"),
        ("a,kind\n,0\n", "t.csv:2:1: the feature `a` is nothing"),
        ("kind\n0\n1\n", "no column except the target"),
        ("a,kind\n", "a header and at least one row"),
        ("a,kind\n1,0\nnan,1\n", "t.csv:3:1: the feature `a` is `nan`, which is not a finite number"),
        ("a,kind\n1,0\n12_5,1\n", "t.csv:3:1: the feature `a` is `12_5`, which has an underscore"),
        ("a,kind\n1,0\n\u0661\u0662,1\n", "digits of another script"),
        ("a,kind\n1,0\n1e400,1\n", "beyond the largest float64"),
        ("a,kind\n1,0\n9007199254740993,1\n", "beyond 2⁵³"),
        ("a,kind\n007,0\n12,1\n", "t.csv:2:1: the feature `a` is `007`, which begins with 0"),
        ("a,kind\n1,0\n1\x002,1\n", "NUL"),
        ('a,kind\n1,0\n"2,5",1\n', "t.csv:3: the feature `a` is `2,5`, which has a decimal comma"),
        ("a,kind\n2024-01-31,0\n", "is a date or a time"),
        ("a,kind\ntrue,0\n", "is a truth value"),
        ("a,kind\n1,0\n2,\n", "t.csv:3:3: the label `kind` is nothing"),
        ("a,kind\n1,0.5\n2,1_5\n", "t.csv:3:3: the label `kind` is `1_5`"),
        ("a,kind\n1,0.5\n2,1.5\n3,x\n", "t.csv:4:3: the label `kind` is `x`"),
        ("a,a,kind\n1,2,0\n", "t.csv:1: the columns 1 and 2 are called `a`"),
        ("a;kind\n1;0\n", "t.csv:1: there is a single column"),
        ("sep=;\na;kind\n1;0\n", "t.csv:1: the first line is `sep=;`, by which Excel"),
        ("a,kind,\n1,0,\n2,1,\n", "t.csv:2:5: the feature `` is nothing"),
        (
            "a,kind\n1,0\n2.5 %,1\n",
            "t.csv:3:1: the feature `a` is `2.5 %`, which is a number with a sign beside it",
        ),
        (
            "a,b,c,kind\n1,2,3,0\n,x,1,0\n4,5,1_0,1\n",
            r"t.csv:3:1: the feature `a` is nothing; `b` is `x`.* \(.*t.csv:3:2\); `c` is `1_0`.* \(.*t.csv:4:5\)",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError, match=message):
        load_raw(section("csv", path="t.csv", target="kind"), tmp_path)


def test_numbers_to_predict_are_numbers_however_large_or_written(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,1e20\n2,+1\n3,.5\n")
    raw = load_raw(section("csv", path="t.csv", target="y", ignore=[""]), tmp_path)
    assert raw.labels.tolist() == [1e20, 1, 0.5]


def test_codes_stay_text_and_columns_are_ignored_by_name(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,a,kind\nx1,1,007\nx2,2,12\n")
    raw = load_raw(section("csv", path="t.csv", target="kind", ignore=["id"]), tmp_path)
    assert raw.labels.tolist() == ["007", "12"]
    assert raw.features.tolist() == [[1], [2]]


def test_a_table_of_another_place_has_its_own_commas_and_letters(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("größe;kind\n1,5;süß\n-2,25e1;herb\n".encode("cp1252"))
    raw = load_raw(
        section("csv", path="t.csv", target="kind", delimiter=";", decimal=",", encoding="cp1252"), tmp_path
    )
    assert raw.features.tolist() == [[1.5], [-22.5]]
    assert raw.labels.tolist() == ["süß", "herb"]
    with pytest.raises(UnusableError, match="cannot be read as a table") as refused:
        load_raw(section("csv", path="t.csv", target="kind", delimiter=";"), tmp_path)
    assert "`encoding: cp1252`" in refused.value.help


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_numbers_are_the_same_in_blocks_and_cell_by_cell(end: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [
        f"{a!r}, {b:.3e} ,{k}"
        for a, b, k in zip(rng.normal(size=99).tolist(), rng.normal(size=99), "xyz" * 33)
    ]
    (tmp_path / "plain.csv").write_bytes(end.join(["a,b,kind", *rows, ""]).encode())
    (tmp_path / "quoted.csv").write_bytes(end.join(['a,"b",kind', *rows[:50], "", *rows[50:], ""]).encode())
    first, second = (
        load_raw(section("csv", path=f"{n}.csv", target="kind"), tmp_path) for n in ("plain", "quoted")
    )
    assert np.array_equal(first.features, second.features)
    assert np.array_equal(first.labels, second.labels)
    assert first.features[0, 0] == np.float32(rows[0].split(",")[0])


@pytest.mark.parametrize("categories", [["colour"], {"colour": ["blue", "red"]}])
def test_each_value_of_a_column_of_text_is_an_input(categories: object, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,colour,b,y\n1,red,2,0.5\n3,blue,4,1.5\n5,red,6,2.5\n")
    chosen = section("csv", path="t.csv", target="y", categories=categories)
    assert chosen.source.input_shape(tmp_path) == (4,)
    raw = load_raw(chosen, tmp_path)
    assert raw.features.tolist() == [[1, 0, 1, 2], [3, 1, 0, 4], [5, 0, 1, 6]]
    assert raw.unit == "the units of the data, its categories held fixed"
    assert raw.source is not None
    assert raw.source.categories == {"colour": ["blue", "red"]}
    (tmp_path / "t.csv").write_text("a,colour,b,y\n1,red,2,0.5\n3,bleu,4,1.5\n5,,6,2.5\n")
    known = section("csv", path="t.csv", target="y", categories={"colour": ["blue", "red"]})
    with pytest.raises(
        RefusedError, match=r"t.csv:3:3: the category `colour` is `bleu`, which is none of its"
    ) as no:
        load_raw(known, tmp_path)
    assert no.value.help == "there is `blue`"


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros((4, 0)), np.arange(4), "the samples have no features: their shape is 0"),
        (np.zeros((4, 2)), np.zeros((4, 0)), "the samples have no labels"),
        (np.zeros((4, 2)), np.zeros(4, complex), "the labels are complex128"),
        (np.zeros((4, 2), complex), np.arange(4), "the features are complex128"),
        (np.full((4, 2), 1e300), np.arange(4), "4 of 4 samples hold NaN or infinite features"),
        (
            np.zeros((4, 2)),
            np.array([0, 1, 2, 1e30]),
            "the label of sample 3 is 1e\\+30, and whole numbers from 2⁵³",
        ),
        (
            np.zeros((4, 2)),
            np.array([0, 1, 2**63, 2], np.uint64),
            "the label of sample 2 is 9223372036854775808, and",
        ),
    ],
)
def test_what_cannot_be_learnt_from_is_refused_with_its_file(
    x: np.ndarray, y: np.ndarray, message: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "d.npz", x=x, y=y)
    data = section("npz", path="d.npz")
    with pytest.raises(RefusedError, match=rf"d\.npz: {message}"), naming_file(data, tmp_path):
        guess_targets(load_raw(data, tmp_path).labels, None, None, None)
