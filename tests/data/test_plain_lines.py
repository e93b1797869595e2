"""Lines that are read many at a time say what they say cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lipbuild.config.sections import DataSection
from lipbuild.config.sources import SOURCES
from lipbuild.config.sources.cells import Fault, number_of
from lipbuild.data.load import load_raw
from lipbuild.data.sources import csv_file
from lipbuild.data.sources.plain_lines import PlainLines, numbers_of
from lipbuild.errors import LipbuildError

PLAIN = [
    "0",
    "1",
    "-2.5",
    "3.25e-3",
    "0.1257302210933933",
    "9007199254740991",
    " 7",
    "8 ",
    "1E5",
    "0.0",
    "-0",
]
# Of every kind that has been read wrongly somewhere.
NASTY = [
    *(
        "",
        " ",
        "NA",
        "nan",
        "NaN",
        "null",
        "NULL",
        "?",
        "-",
        ".",
        "-999",
        "unknown",
        "true",
        "false",
        "Infinity",
        "inf",
    ),
    *(
        "007",
        "-01",
        "+1",
        ".5",
        "5.",
        "1_0",
        "1e400",
        "-1e400",
        "1e-400",
        "9007199254740993",
        "1e20",
        "12,5",
        "1.5.2",
    ),
    *(
        "٣",
        "1\u00a0",
        "1\x0b",
        "a\x0cb",
        "é\u2028",
        "x",
        "red ",
        "1NA",
        "N",
        "[1]",
        "{}",
        "1][2",
        '"',
        'a"b',
        "1\x000",
    ),
    *("a,b", "a;b", "a\nb", "1\r", "2024-01-31", "#", "1;2", "0x1", "e", "1e", "--1", "//1"),
]
STYLE = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|", " "]),
        "decimal": st.sampled_from([".", ","]),
        "encoding": st.sampled_from(["utf-8", "utf-16", "utf-8"]),
        "fill": st.sampled_from([None, 0, {"a": "median"}]),
        "missing": st.sampled_from([None, [-999, "unknown"]]),
        "categories": st.sampled_from([None, ["b"]]),
        "ignore": st.sampled_from([None, ["b"], ["c"]]),
    }
)


def written(rows: list[list[str]], style: dict[str, Any], quoting: str, end: str) -> bytes:
    """A table, in which a cell is quoted always, where it has to be, or never."""

    def cell(text: str) -> str:
        special = any(c in text for c in (style["delimiter"], '"', "\n", "\r"))
        return (
            f'"{text.replace(chr(34), chr(34) * 2)}"' if quoting == "all" or (special and quoting) else text
        )

    lines = [style["delimiter"].join(map(cell, row)) for row in [["a", "b", "c", "y"], *rows]]
    text: str = end.join(lines) + end * (len(rows) % 3)
    return text.encode(style["encoding"])


def outcome(folder: Path, style: dict[str, Any]) -> object:
    """What is read, or why it is not."""
    given = {key: value for key, value in style.items() if value is not None}
    if given.get("categories") == given.get("ignore") == ["b"]:
        del given["categories"]
    source = SOURCES["csv"].model_validate({"path": "t.csv", "target": "y", **given})
    try:
        with np.errstate(over="ignore"):
            raw = load_raw(DataSection(source=source), folder, finite=False)
    except LipbuildError as error:
        return str(error), error.help
    assert isinstance(raw.features, np.ndarray)
    # -0 is 0.
    return raw.features.dtype, (raw.features + 0).tobytes(), raw.labels.tolist(), raw.columns


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(st.lists(st.sampled_from(PLAIN), min_size=4, max_size=4), min_size=1, max_size=12),
    odd=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 3), st.sampled_from(NASTY)), max_size=4),
    ragged=st.integers(0, 60),
    style=STYLE,
    quoting=st.sampled_from(["", "some", "all"]),
    end=st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    block=st.sampled_from([8, 40, 2**16]),
)
def test_a_table_is_read_in_blocks_as_cell_by_cell(
    rows: list[list[str]],
    odd: list[tuple[int, int, str]],
    ragged: int,
    style: dict[str, Any],
    quoting: str,
    end: str,
    block: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [[cell.replace(".", style["decimal"]) for cell in row] for row in rows]
    for i, j, cell in odd:
        rows[i % len(rows)][j] = cell
    if ragged < len(rows):
        rows = [row if i != ragged else row[:-1] for i, row in enumerate(rows)]
    (tmp_path / "t.csv").write_bytes(written(rows, style, quoting, end))
    monkeypatch.setattr(csv_file, "_BLOCK", block)
    found = outcome(tmp_path, style)
    with monkeypatch.context() as patch:
        patch.setattr(PlainLines, "parse", lambda *_: None)
        patch.setattr(csv_file, "_plain_numbers", lambda *_, **__: None)
        assert found == outcome(tmp_path, style)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.one_of(st.text("0123456789+-.eE", min_size=1, max_size=24), st.floats(-1e15, 1e15).map(repr)))
def test_what_is_plainly_a_number_is_that_number(cell: str) -> None:
    found = numbers_of(cell.encode(), b",", b".", gaps=False)
    if found is not None:
        number = number_of(cell)
        assert not isinstance(number, Fault)
        assert found.tolist() == [number]


def test_plain_lines_are_read_many_at_a_time() -> None:
    """The other tests would pass if nothing were."""
    numbers, texts = PlainLines(",", ".", 4, [3, 0], [1], gaps=True).parse("1,a ,x,2\r\n,é,y,NA\r\n") or (
        [],
        [],
    )
    assert np.array_equal(numbers, [[2, 1], [np.nan, np.nan]], equal_nan=True)
    assert texts == [["a", "é"]]
    whole, _ = PlainLines(";", ",", 2, [0, 1], []).parse("1,5;2\n-3;4e1") or ([], [])
    assert whole.tolist() == [[1.5, 2], [-3, 40]]
    # Two lines of one and three cells are not two of two.
    assert PlainLines(",", ".", 2, [0, 1], []).parse("1\n2,3,4\n") is None
    assert PlainLines(",", ".", 2, [0, 1], []).parse("1,2,1e400,4,5\n") is None
