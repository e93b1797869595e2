"""Names of data and configs where they are written."""

from __future__ import annotations

import csv
import io
import json

import pytest

from lipbuild.cli.shown_output import shown_output
from lipbuild.diagnostics.dump_csv import dump_csv
from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.diagnostics.markdown import markdown, markdown_code
from lipbuild.diagnostics.printable import printable, printable_lines

NASTY = "a\x1b[2J\r\b\x9b‮‏​⁦\udcff﻿z"


def test_what_steers_is_seen() -> None:
    assert printable(NASTY).isprintable()
    assert len(printable(NASTY)) == len(NASTY)
    assert printable_lines("é\n\tß\x1b\n") == "é\n\tß␛\n"


def test_json_keeps_a_name_and_shows_it() -> None:
    value = {NASTY: [NASTY, "é", 1.5, None, "\U0001f600\U000e0001"]}
    for indent in (2, None):
        text = dump_json(value, indent=indent)
        assert all(line.isprintable() for line in text.split("\n"))
        assert json.loads(text) == value
    assert "é" in text
    with pytest.raises(ValueError, match="nan"):
        dump_json(float("nan"))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        *((text, f"'{text}") for text in ("=1+1", "@SUM(A1)", "-cmd|x", "+a", " =1", "=HYPERLINK(1)")),
        *((text, text) for text in ("-1.5", "+1e3", "-inf", "a=1", "1-2", "")),
        *(("a\x1bb", "a␛b"), (-1.5, "-1.5"), (None, "")),
    ],
)
def test_a_spreadsheet_computes_nothing(cell: object, written: str) -> None:
    text = dump_csv([cell, "x"], [[cell, "y"]])
    assert list(csv.reader(text.splitlines())) == [[written, "x"], [written, "y"]]


def test_markdown_shows_a_name_as_it_is() -> None:
    assert markdown("a_b | <b>&[x](y)`") == r"a\_b \| &lt;b&gt;&amp;\[x\](y)\`"
    assert markdown("2.21.0, metres/second, up to 1e-5") == "2.21.0, metres/second, up to 1e-5"
    assert markdown("http://a www.b c@d # e\nf") == r"http:\//a www\.b c\@d \# e␊f"
    assert markdown_code("width (cm)") == "`width (cm)`"
    assert "`" not in markdown_code("a`b").replace("\\`", "")


def test_colours_pass_on_a_terminal_that_has_them_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "\x1b[1;31merror\x1b[0m \x1b[8mhidden \x1b]0;title\x07 \x1b[2J\x1b[H\r\x1b[2Kx\ry\n"
    for colours in ("", "1"):
        monkeypatch.setenv("FORCE_COLOR", colours)
        stream = io.StringIO()
        monkeypatch.setattr("sys.stdout", stream)
        with shown_output():
            print(text, end="")
        found = stream.getvalue()
        assert "\x1b[8m" not in found
        assert "\x07" not in found
        assert "\ry" not in found
        assert ("\x1b[1;31merror\x1b[0m" in found) is bool(colours)
    monkeypatch.undo()
