"""Missing cells: filled by what the training part holds, alike in every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lipbuild
from lipbuild.config.sections import DataSection
from lipbuild.config.sources import SOURCES
from lipbuild.data.learn_fill import learn_fill
from lipbuild.data.load import load_raw
from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError
from lipbuild.serving.given_column import GivenColumn
from lipbuild.serving.request import BadRequestError, read_samples
from lipbuild.training.train import Run

TABLE = "a,colour,b,y\n1,red,2,0.5\n,blue,4,1.5\n5,,NA,2.5\n7,red,-999,3.5\n8,red,6,4.5\n"
# The fourth and the fifth row are not learnt from.
TRAIN = np.array([0, 1, 2])


def load(folder: Path, text: str, train: np.ndarray = TRAIN, **arguments: object) -> RawData:
    (folder / "t.csv").write_text(text)
    source = SOURCES["csv"].model_validate({"path": "t.csv", "target": "y", **arguments})
    raw = load_raw(DataSection(source=source), folder)
    assert source.input_shape(folder) == raw.sample_shape
    return learn_fill(raw, train)


def test_a_missing_cell_is_what_the_training_part_says(tmp_path: Path) -> None:
    raw = load(tmp_path, TABLE, categories=["colour"], fill="median", missing=[-999], indicator=True)
    assert [column.shown for column in raw.columns] == [
        *("a", "a_missing", "colour=blue", "colour=red", "colour_missing", "b", "b_missing")
    ]
    # The medians of 1 and 5, and of 2 and 4; of red and blue, which are as frequent, the first.
    assert raw.features.tolist() == [
        [1, 0, 0, 1, 0, 2, 0],
        [3, 1, 1, 0, 0, 4, 0],
        [5, 0, 1, 0, 1, 3, 1],
        [7, 0, 0, 1, 0, 3, 1],
        [8, 0, 0, 1, 0, 6, 0],
    ]
    assert [column.fill for column in raw.columns] == [3, 1, 1, 0, 1, 3, 1]
    assert raw.unit == "the units of the data, its categories and indicators held fixed"


def test_each_column_is_filled_in_its_own_way(tmp_path: Path) -> None:
    fill = {"a": "mean", "b": {"constant": -1}, "colour": {"constant": "unknown"}}
    raw = load(tmp_path, TABLE, np.array([0, 2, 3, 4]), categories=["colour"], fill=fill, missing=["-999"])
    assert [column.shown for column in raw.columns] == [
        "a",
        "colour=blue",
        "colour=red",
        "colour=unknown",
        "b",
    ]
    assert raw.features[1:4].tolist() == [[5.25, 1, 0, 0, 4], [5, 0, 0, 1, -1], [7, 0, 1, 0, -1]]
    # A constant for all columns fills those of its type.
    raw = load(tmp_path, "a,c,y\n,x,1\n2,z,2\n", categories=["c"], fill=0)
    assert raw.features.tolist() == [[0, 1, 0], [2, 0, 1]]


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (TABLE, {"ignore": ["colour"], "fill": {"b": 0}}, "t.csv:3:1: the feature `a` is nothing"),
        ("a,y\n1,0\nNA,1\n", {}, "t.csv:3:1: the feature `a` is `NA`, which stands for nothing"),
        (
            "a,y\n1,0\n-9,1\n",
            {"missing": [-9]},
            "t.csv:3:1: the feature `a` is `-9`, which stands for nothing",
        ),
        ("a,y\nx,0\n,1\n", {"categories": ["a"]}, "t.csv:3:1: the category `a` is nothing"),
        ("a,y\n1,0\n1e400,1\n", {"fill": "mean"}, "`1e400`, which is beyond the largest float64"),
        (
            "a,y\n1,0\n-1e39,1\n",
            {"fill": "mean"},
            "t.csv:3:1: the feature `a` is `-1e39`, which is beyond the largest float32",
        ),
        (
            "a,y\n1,.5\n2,1e39\n",
            {},
            "t.csv:3:3: the label `y` is `1e\\+39`, which is beyond the largest float32",
        ),
        ("a,y\n1,0\n2,\n", {"fill": "mean"}, "t.csv:3:3: the label `y` is nothing"),
        ("a,y\n1,0\n2,nan\n", {"fill": "mean"}, "t.csv:3:3: the label `y` is `nan`"),
        ("a,b,y\n,1,0\n,2,1\n", {"fill": "mean"}, "`a` is empty in the training part"),
        (
            "a,a_missing,y\n,1,0\n1,2,1\n",
            {"fill": "mean", "indicator": True},
            "there is a column of that name",
        ),
        ("a,b,y\n,1,0\n1,2,1\n", {"fill": {"c": "mean"}}, "`fill` names `c`, which is not a feature"),
        ("a,b,y\n1,1,0\n1,2,1\n", {"fill": {"a": 0}, "indicator": ["b"]}, "`b`, which nothing fills"),
    ],
)
def test_what_cannot_be_filled_is_refused(
    text: str, arguments: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match=message.replace(".", r"\.")) as refused:
        load(tmp_path, text, np.array([0, 1]), **arguments)
    if "`a` is" in message and "beyond" not in message and "empty" not in message:
        assert "`fill: median`" in refused.value.help


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": ["a", "b", "a"]}, "`features` names `a` twice"),
        ({"target": ["y", "y"]}, "`target` names `y` twice"),
        ({"categories": {"a": ["u", "u"]}}, "`categories` names a value of `a` twice"),
        ({"categories": ["y"]}, "`categories` names `y`, which is not a feature"),
        ({"fill": {"b": 0}, "features": ["a"]}, "`fill` names `b`, which is not a feature"),
        ({"fill": 0, "ignore": ["b"], "indicator": ["b"]}, "`indicator` names `b`, which is not a feature"),
    ],
)
def test_columns_are_features_and_named_once(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SOURCES["csv"].model_validate({"path": "t.csv", "target": "y", **arguments})


def test_gaps_are_read_alike_whatever_the_reader(tmp_path: Path) -> None:
    """NumPy reads blocks of plain numbers, Python what has quotes, and PyArrow a table of types."""
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rng = np.random.default_rng(0)
    cells = rng.integers(0, 9, (200, 4)).astype(object)
    cells[rng.random(cells.shape) < 0.3] = ""
    rows = [f"{i},{','.join(map(str, row))},{i}" for i, row in enumerate(cells)]
    plain = "\n".join(["i,a,b,c,d,y", *rows])
    expected = np.array([[i, *(np.nan if c == "" else c for c in row)] for i, row in enumerate(cells)], float)
    (tmp_path / "t.csv").write_text(plain)
    odd = {
        "quoted": plain.replace("199,", '"199",', 1),
        "crlf": plain.replace("\n", "\r\n"),
        "na": plain + "\n9,NA,,,,1",
    }
    for text in (plain, *odd.values()):
        (tmp_path / "t.csv").write_bytes(text.encode())
        source = SOURCES["csv"].model_validate({"path": "t.csv", "target": "y", "fill": "mean"})
        found = load_raw(DataSection(source=source), tmp_path).features
        assert np.array_equal(found[:200], expected, equal_nan=True)  # type: ignore[index, call-overload]
    typed = [[None if c == "" else int(c) for c in column] for column in cells.T]
    large = pa.table({"a": [1.0, None, -9e99, -1e39], "y": [0, 1, 0, 1]})
    parquet.write_table(large, tmp_path / "l.parquet")
    source = SOURCES["parquet"].model_validate(
        {"path": "l.parquet", "target": "y", "fill": 0, "missing": [-9e99]}
    )
    with pytest.raises(
        RefusedError, match="row 4: the feature `a` is `-1e\\+39`, which is beyond the largest"
    ):
        load_raw(DataSection(source=source), tmp_path)
    typed[3] = [float("nan") if c is None else c for c in typed[3]]
    names = dict(zip("iabcd", [list(range(200)), *typed]))
    parquet.write_table(pa.table({**names, "y": list(range(200))}), tmp_path / "t.parquet")
    source = SOURCES["parquet"].model_validate({"path": "t.parquet", "target": "y", "fill": "mean"})
    found = load_raw(DataSection(source=source), tmp_path).features
    assert np.array_equal(found, expected, equal_nan=True)  # type: ignore[arg-type, call-overload]
    bare = SOURCES["parquet"].model_validate({"path": "t.parquet", "target": "y"})
    with pytest.raises(RefusedError, match=r"the feature `a` is nothing.*; `d` is `nan`") as refused:
        load_raw(DataSection(source=bare), tmp_path)
    assert "`fill: median`" in refused.value.help


def config(path: Path, **source: object) -> dict[str, Any]:
    return {
        "name": "gaps",
        "seed": 0,
        "model": {"layers": [{"SpectralDense": {"units": 2}}]},
        "data": {
            "source": {"csv": {"path": str(path), "target": "kind", **source}},
            "validation": 0.1,
        },
        "train": {"loss": {"TauCategoricalCrossentropy": {"tau": 10}}, "epochs": 1},
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A table of coarse values, so that a row whose gap is filled is another row."""
    folder = tmp_path_factory.mktemp("fill")
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 9, (60, 2)).astype(str)
    rows[rng.random(rows.shape) < 0.2] = ""
    sizes = rng.choice(["s", "m", ""], 60)
    lines = [f"{a},{b},{size},{kind}" for (a, b), size, kind in zip(rows, sizes, rng.choice(["x", "z"], 60))]
    (folder / "t.csv").write_text("\n".join(["a,b,size,kind", *lines]))
    options = config(folder / "t.csv", fill="median", categories=["size"], indicator=["a"])
    return lipbuild.train(options, folder, quiet=True)


def test_a_contract_has_the_values_of_the_training_part(run: Run) -> None:
    table = [line.split(",") for line in (run.folder.path.parent / "t.csv").read_text().splitlines()[1:]]
    said = json.loads(run.folder.data.read_text())
    records = np.frombuffer(
        run.folder.data_samples.read_bytes()[16:], "S16,u1,<u4,<u4", said["samples"]["count"]
    )
    learnt = [table[number] for _, part, _, number in records.tolist() if part == 0]
    b = [float(row[1]) for row in learnt if row[1]]
    assert said["inputs"]["fill"]["b"] == {"by": "median", "value": np.median(b)}
    # No two rows are equal across parts, also where a gap is filled.
    checked = lipbuild.load(run.folder.resolved)
    from lipbuild.training.run_data import load_run_data

    dataset = load_run_data(run.folder, checked.config, checked.graph)
    train, test = ({row.tobytes() for row in part.x} for part in (dataset.train, dataset.test))
    assert not train & test


def test_every_command_fills_as_the_training_did(run: Run, tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    values = {
        name: one["value"] for name, one in json.loads(run.folder.data.read_text())["inputs"]["fill"].items()
    }
    filled = f"size,b,a\n{values['size']},{values['b']:g},3\n"
    (tmp_path / "gaps.csv").write_text("size,b,a\n,,3\n")
    (tmp_path / "filled.csv").write_text(filled)
    gaps, same = (lipbuild.predict(run.folder.path, tmp_path / f"{name}.csv") for name in ("gaps", "filled"))
    assert gaps.rows == same.rows
    client = TestClient(lipbuild.serving_app(run.folder.path))
    rows = [{"a": 3, "b": None, "size": None}, {"a": 3, "b": values["b"], "size": values["size"]}]
    first, second, gap = client.post("/predict", json={"inputs": [*rows, {**rows[1], "a": None}]}).json()[
        "predictions"
    ]
    assert first == second
    # The indicator tells a gap from the value that fills it.
    unlike = client.post("/predict", json={"inputs": [{**rows[1], "a": values["a"]}]}).json()["predictions"][
        0
    ]
    assert gap["logits"] != unlike["logits"]
    inputs = client.get("/model").json()["input"]
    assert {"name": "a_missing", "fill": 1.0, "indicates": "a"} in inputs["columns"]
    assert "set to its column's fill" in inputs["missing"]
    lipbuild.evaluate(run.folder.path, attack=False, plots=False)
    for other in ("mean", {"a": 0, "b": 0, "size": "most_frequent"}):
        with pytest.raises(RefusedError, match="the training filled `a` with its median"):
            lipbuild.evaluate(
                run.folder.path,
                overrides=[f"data.source.csv.fill={json.dumps(other)}"],
                attack=False,
                plots=False,
            )


def test_null_is_filled_in_a_request_where_the_training_filled_it() -> None:
    columns = {"a": GivenColumn(), "b": GivenColumn(fill=(3.0,))}

    def read(row: object, columns: dict[str, GivenColumn]) -> list[list[float]]:
        found: list[list[float]] = read_samples(
            json.dumps({"inputs": [row]}).encode(), (2,), 9, columns
        ).tolist()
        return found

    assert read({"b": None, "a": 1}, columns) == read([1, None], columns) == [[1, 3]]
    assert read({"b": None}, {"b": GivenColumn(fill=(3.0,), has_indicator=True)}) == [[3, 1]]
    with pytest.raises(BadRequestError, match=r'inputs\[0\]\["a"\] is null, and the training filled no'):
        read({"a": None, "b": 1}, columns)
    # A list of inputs has no place for what is missing.
    with pytest.raises(BadRequestError, match="is not a number"):
        read([None, 0], {"b": GivenColumn(fill=(3.0,), has_indicator=True)})


def test_a_training_goes_on_with_the_same_filling_alone(run: Run) -> None:
    text = run.folder.config
    assert lipbuild.train(text, run=run.folder.path, quiet=True).folder == run.folder
    with pytest.raises(RefusedError, match=r"the training filled `a` with its median 5\.0, and"):
        lipbuild.train(lipbuild.load(text, ["data.source.csv.fill=mean"]), run=run.folder.path, quiet=True)


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        ("meen", "there is `mean`"),
        ({"b": "zero"}, "`{constant: zero}`"),
        ({"size": "median"}, "`size` is a column of text, and `fill` gives it the median"),
        ({"b": {"constant": "none"}}, "`fill` gives `b` a text, and it is a column of numbers"),
        (True, "a column is filled by `median`, `mean`, `most_frequent` or"),
        ({"constant": 1e300}, "at most 1e"),
    ],
)
def test_what_is_wrong_with_a_filling_is_said_before_anything_is_loaded(
    fill: object, message: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("a,b,size,kind\n1,2,s,x\n")
    with pytest.raises(RefusedError) as refused:
        lipbuild.load(config(tmp_path / "t.csv", fill=fill, categories=["size"]))
    assert message in str(refused.value)


def test_what_is_nearly_a_missing_number_is_a_value_of_parquet(tmp_path: Path) -> None:
    """A column is compared in its own type, and never in that of the inputs."""
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    near = -999.00001  # -999 in float32
    table = pa.table(
        {"a": [near, 1.0], "b": [-999.0, 2.0], "c": pa.array([-999.1, 1.0], "float32"), "y": [0, 1]}
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    source = SOURCES["parquet"].model_validate(
        {"path": "t.parquet", "target": "y", "fill": {"b": 0, "c": 0}, "missing": [-999, -999.1]}
    )
    raw = load_raw(DataSection(source=source), tmp_path)
    expected = [[-999.0, np.nan, np.nan], [1.0, 2.0, 1.0]]
    assert np.array_equal(raw.features, expected, equal_nan=True)  # type: ignore[arg-type]


def test_a_gap_that_nothing_fills_is_named(tmp_path: Path) -> None:
    raw = load(tmp_path, "a,b,y\n1,2,0\n3,,1\n5,6,2\n", fill="median")
    values = np.array([[1.0, 2.0], [3.0, 4.0], [np.nan, 6.0]], np.float32)
    source = SOURCES["csv"].model_validate(
        {"path": "t.csv", "target": "y", "features": ["a", "b"], "fill": {"b": 0}}
    )
    with pytest.raises(RefusedError, match="row 3 of the data has no `a`, and nothing fills it"):
        learn_fill(RawData(values, raw.labels, source=source), TRAIN)
