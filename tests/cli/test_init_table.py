"""`lipbuild init --template table`: what it makes of tables as people have them."""

from __future__ import annotations

from pathlib import Path

import pytest

import lipbuild
from lipbuild.cli.run import run
from lipbuild.config.sources.tables import Csv
from tests.conftest import ROOT
from tests.docs.test_docs import blocks
from tests.docs.test_tables_page import run_program

ROWS = range(40)
PLAIN = "\n".join(["id,a,kind", *(f"{i * 7},{i / 8},{'uv'[i % 2]}" for i in ROWS)])
# An index without a name, units of one country, dates, a group, gaps, a constant, and names that YAML reads otherwise.
EXCEL = "\r\n".join(
    [
        ";y;größe: m;Patient-ID;Datum;land;preis;leer;fest;ziel",
        *(
            f"{i};{i % 7},5;{f'{i}e-1' * (i != 3)};p{i % 8};2024-01-{i % 28 + 1:02};{'süß' if i % 3 else 'no'};"
            f"1.234,{i};;x;{i % 4}"
            for i in ROWS
        ),
        "",
    ]
)
PARTED = "\n".join(
    ["a,12,part,y", *(f"{i * 3},{i % 5},{['train', 'test'][i % 4 == 0]},{i * 1.5}" for i in ROWS)]
)


def source_of(config: Path) -> Csv:
    checked = lipbuild.check(config)
    assert checked.ok, [d.message for d in checked.diagnostics]
    assert not checked.diagnostics or {d.rule for d in checked.diagnostics} == {"missing-validation"}
    source = lipbuild.load(config).config.needed("data").source
    assert isinstance(source, Csv)
    return source


def written(folder: Path, table: bytes, *options: str) -> Path:
    (folder / "t.csv").write_bytes(table)
    assert (
        run(["init", str(folder / "c.yaml"), "-t", "table", "--data", str(folder / "t.csv"), *options]) == 0
    )
    return folder / "c.yaml"


def test_what_tells_rows_apart_is_left_out(tmp_path: Path) -> None:
    config = written(tmp_path, PLAIN.encode())
    source = source_of(config)
    assert (source.target, source.features) == ("kind", ["a"])
    text = config.read_text()
    assert "stratify: true" in text
    assert "SpectralDense: {units: 2}" in text
    assert "#   id: it tells the rows apart" in text


def test_a_table_of_another_country_is_understood(tmp_path: Path) -> None:
    config = written(tmp_path, EXCEL.encode("cp1252"))
    source = source_of(config)
    assert (source.delimiter, source.decimal, source.encoding) == (";", ",", "cp1252")
    assert source.features == ["y", "größe: m", "land"]
    assert source.categories == {"land": ["no", "süß"]}
    assert source.fill == "median"
    assert lipbuild.load(config).config.needed("data").split.group == "Patient-ID"
    text = config.read_text()
    assert "#   Datum: t.csv:2 has `2024-01-01`, which is a date or a time" in text
    assert "#   preis: t.csv:2 has `1.234,0`, which has a point" in text
    assert "#   fest: the same in all rows" in text


def test_names_and_numbers_mean_what_they_say(tmp_path: Path) -> None:
    rows = [
        f"{i}e-300,{'$${b}' if i % 3 else 'none'},p{i // 4 or ''},{['Train', 'val'][i % 2]}" for i in ROWS
    ]
    table = "\n".join(
        [
            "${a},$${x},patient_id,phase,kind",
            *(f"{row},{'no' * (i % 2) or 'none'}" for i, row in enumerate(rows)),
        ]
    )
    config = written(tmp_path, table.replace(",p,", ",,").encode())
    source = source_of(config)
    assert (source.features, source.categories) == (["${a}", "$${x}"], {"$${x}": ["$${b}", "none"]})
    text = config.read_text()
    assert "least_std: 1e-06" in text
    assert "#   patient_id: it says what belongs together, and is missing in 4 rows" in text
    assert "#   phase: it looks like the part of each row" in text
    # The names survive being written out.
    (tmp_path / "again.yaml").write_text(lipbuild.dump(lipbuild.load(config)))
    assert lipbuild.load(tmp_path / "again.yaml").config.needed("data").source.categories == source.categories


def test_a_column_of_parts_is_one(tmp_path: Path) -> None:
    source = source_of(written(tmp_path, PARTED.encode("utf-16"), "--target", "y"))
    assert (source.encoding, source.split, source.features) == ("utf-16", "part", ["a", "12"])
    text = (tmp_path / "c.yaml").read_text()
    assert "target_scale: standard" in text
    # 3 deviations for each of two inputs alone, √2 times that for both together.
    assert "lipschitz: 4.2 #" in text
    assert "LInfDense: {units: 32, input_norm: l1" in text


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ("", [], "t.csv: a table has a header and at least one row"),
        ("a,b\n", [], "and this has 1 line"),
        ("1.5,2\n3,4\n", [], "t.csv:1: the first row holds numbers"),
        ("a,a\n3,4\n", [], "t.csv:1: the columns 1 and 2 are called `a`"),
        ("a,b\n1,2\n1,2,3\n", [], "t.csv:3: this row has 3 values, and the header 2"),
        ("a,b\n1,2\n2,\n", [], "t.csv:3: the target `b` is missing, as in 1 of 2 rows"),
        ("a,b\n1,2\n2,2\n", [], "the target `b` is the same in all rows"),
        ("a,b\n1_0,2\n2,3\n", [], "no column except `b` can be an input"),
        ("a,b\n1,2\n2,2_5\n", [], "t.csv:3 has `2_5`, which has an underscore"),
        (PLAIN, ["--target", "kin"], "t.csv:1: there is no column `kin`"),
        ("sep=;\na;b\n1;2\n", [], "t.csv:1: the first line is `sep=`, by which Excel"),
        ("# made by me\na,b\n1,2\n", [], "remove lines that are comments"),
        (
            "a,b\n1,2,\n3,4,\n",
            [],
            "t.csv:2: this row has 3 values, and the header 2 help: it ends in a delimiter",
        ),
        ("a,b\n12 %,2\n7 %,3\n", [], "`12 %`, which is a number with a sign beside it"),
        (None, [], "t.csv: there is no such file"),
    ],
)
def test_what_no_config_can_be_written_for_is_refused(
    table: str | None, options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if table is not None:
        (tmp_path / "t.csv").write_text(table)
    config = tmp_path / "c.yaml"
    assert run(["init", str(config), "-t", "table", "--data", str(tmp_path / "t.csv"), *options]) in (1, 2)
    assert message in " ".join(capsys.readouterr().err.split())
    assert not config.exists()


def test_options_of_a_table_are_for_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path / "c.yaml"), "--target", "a"]) == 2
    assert "add `--template table`" in capsys.readouterr().err
    assert run(["init", str(tmp_path / "c.yaml"), "-t", "table"]) == 0
    (tmp_path / "table.csv").write_text("a,target\n" + "\n".join(f"{2 * i},{i * i}" for i in range(9)) + "\n")
    assert source_of(tmp_path / "c.yaml").fill == "median"


@pytest.mark.nightly
def test_each_column_of_a_regression_is_proved_nearly_as_it_is_measured(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "columns.md").read_text(encoding="utf-8")
    run_program(blocks(page, "python")[0], tmp_path)
    written(tmp_path, (tmp_path / "fuel.csv").read_bytes())
    columns = lipbuild.evaluate(lipbuild.train(tmp_path / "c.yaml", tmp_path / "run", quiet=True)).columns
    assert len(columns) == 5
    for column in columns:
        assert column.moves_at_most <= 3 * column.moved
