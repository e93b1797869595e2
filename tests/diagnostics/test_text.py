"""How a diagnostic is shown to a person."""

import textwrap

import pytest

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.palette import Palette
from lipbuild.diagnostics.printable import printable
from lipbuild.diagnostics.severity import Severity
from lipbuild.diagnostics.text import render
from lipbuild.source.edit import Edit
from lipbuild.source.fix import Fix
from lipbuild.source.span import Span
from lipbuild.source.text import SourceText


def diagnostic(text: str, marked: str, **rest: object) -> Diagnostic:
    start = text.index(marked)
    span = Span(SourceText("c.yaml", text), start, start + len(marked))
    return Diagnostic("LIP201", "plain-dense", Severity.ERROR, "a message", span, **rest)  # type: ignore[arg-type]


def shown(found: Diagnostic, width: int = 100) -> str:
    return "\n" + render([found], width=width)


def expected(text: str) -> str:
    return "\n" + textwrap.dedent(text).lstrip("\n")


def test_a_diagnostic_shows_its_line_its_carets_its_notes_and_its_help() -> None:
    found = diagnostic("a: 1\nb: wrong\n", "wrong", label="here", notes=("first", "second"), help="do this")
    assert shown(found) == expected(
        """
        error[LIP201] plain-dense: a message
         --> c.yaml:2:4
          |
        2 | b: wrong
          |    ^^^^^ here
          |
          = note: first
          = note: second
          = help: do this
        """
    )


def test_a_fix_is_shown_as_the_lines_it_changes() -> None:
    found = diagnostic("a: 1\n- Dense: {units: 3}  # x\n", "Dense")
    found = Diagnostic(**{**vars(found), "fix": Fix("rename", (Edit(found.span, "SpectralDense"),))})
    assert shown(found) == expected(
        """
        error[LIP201] plain-dense: a message
         --> c.yaml:2:3
          |
        2 | - Dense: {units: 3}  # x
          |   ^^^^^
          |
        2 - - Dense: {units: 3}  # x
        2 + - SpectralDense: {units: 3}  # x
        """
    )


def test_the_gutter_fits_the_number_of_the_line() -> None:
    found = diagnostic("\n" * 99 + "b: wrong\n", "wrong")
    assert "   --> c.yaml:100:4\n    |\n100 | b: wrong\n    |    ^^^^^\n" in shown(found)


def test_wide_characters_take_two_cells_and_tabs_one() -> None:
    found = diagnostic("\t漢字 wrong\n", "wrong")
    assert "1 |  漢字 wrong\n  |       ^^^^^\n" in shown(found)


def test_a_long_line_is_cut_around_its_carets() -> None:
    text = "x" * 300 + " wrong " + "y" * 300
    lines = shown(diagnostic(text, "wrong"), width=80).splitlines()
    source = next(line for line in lines if line.startswith("1 |"))
    carets = next(line for line in lines if "^" in line)
    assert len(source) <= 80
    assert source[carets.index("^") : carets.rindex("^") + 1] == "wrong"


def test_a_span_of_several_lines_is_marked_on_its_first() -> None:
    assert "1 | a: [1,\n  |    ^^^\n" in shown(diagnostic("a: [1,\n  2]\n", "[1,\n  2]"))


@pytest.mark.parametrize("text", ["", "a: 1\n", "a: 1"])
def test_an_empty_span_at_the_end_has_one_caret(text: str) -> None:
    span = Span(SourceText("c.yaml", text), len(text), len(text))
    found = Diagnostic("LIP001", "malformed-yaml", Severity.ERROR, "a message", span)
    assert shown(found).count("^") == 1


def test_help_is_wrapped_to_the_width() -> None:
    found = diagnostic("wrong\n", "wrong", help="word " * 40)
    assert all(len(line) <= 70 for line in shown(found, width=70).splitlines())


def test_colours_add_nothing_but_colour() -> None:
    import re

    found = diagnostic("a: wrong\n", "wrong", label="here", help="do this")
    plain, coloured = render([found]), render([found], palette=Palette(enabled=True))
    assert coloured != plain
    assert re.sub(r"\033\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain √", "plain √"),
        ("a\tb", "a b"),
        ("\x1b[31m", "␛[31m"),
        ("\x00\x7f", "␀␡"),
        ("a\u202eb", "a�b"),
        ("\xa0", "\xa0"),
    ],
)
def test_control_characters_become_visible_one_for_one(text: str, safe: str) -> None:
    assert printable(text) == safe
    assert len(safe) == len(text)
