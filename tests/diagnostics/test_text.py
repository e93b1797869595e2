"""How a diagnostic is shown to a person."""

import textwrap

import pytest

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.palette import Palette
from lipbuild.diagnostics.printable import printable
from lipbuild.diagnostics.severity import Severity
from lipbuild.diagnostics.text import render
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Fix
from lipbuild.text.problem import Related
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText


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


def related(found: Diagnostic, *places: tuple[str, str], other: SourceText | None = None) -> Diagnostic:
    """The diagnostic with other places, each found by its text."""
    source = other if other is not None else found.span.source
    spans = [
        (Span(source, source.text.index(text), source.text.index(text) + len(text)), label)
        for text, label in places
    ]
    return Diagnostic(**{**vars(found), "related": tuple(Related(span, label) for span, label in spans)})


def test_other_places_of_a_line_stand_under_it_one_label_a_row() -> None:
    found = related(
        diagnostic("a: one two three\n", "two", label="here"), ("one", "first"), ("three", "third")
    )
    assert shown(found) == expected(
        """
        error[LIP201] plain-dense: a message
         --> c.yaml:1:8
          |
        1 | a: one two three
          |    --- ^^^ ----- third
          |    |   |
          |    |   here
          |    first
        """
    )


def test_other_lines_stand_in_their_order_with_dots_for_what_is_between() -> None:
    text = "a: one\nb: two\nc: 3\nd: 4\ne: three\n"
    found = related(diagnostic(text, "two", label="here"), ("three", "below"), ("one", "above"))
    assert shown(found) == expected(
        """
        error[LIP201] plain-dense: a message
         --> c.yaml:2:4
          |
        1 | a: one
          |    --- above
        2 | b: two
          |    ^^^ here
        ...
        5 | e: three
          |    ----- below
        """
    )


def test_another_file_has_a_place_of_its_own() -> None:
    base = SourceText("base.yaml", "\n" * 11 + "x: one\n")
    found = related(diagnostic("a: two\n", "two"), ("one", "there"), other=base)
    assert shown(found) == expected(
        """
        error[LIP201] plain-dense: a message
          --> c.yaml:1:4
           |
         1 | a: two
           |    ^^^
          ::: base.yaml:12:4
           |
        12 | x: one
           |    --- there
        """
    )


def test_a_place_that_a_cut_line_does_not_show_is_named_in_a_note() -> None:
    text = "one " + "x" * 300 + " two\n"
    found = related(diagnostic(text, "two", label="here"), ("one", "first"))
    said = shown(found, width=60)
    assert "= note: first (line 1, column 1)\n" in said
    assert next(line for line in said.splitlines() if line.startswith("1 |")).startswith("1 | …")


def test_a_place_within_another_is_drawn_over_it() -> None:
    found = related(diagnostic("a: one two three\n", "two"), ("one two three", "all of it"))
    assert "  |    ----^^^------\n  |    |\n  |    all of it\n" in shown(found)


def test_a_long_message_goes_on_in_the_next_line() -> None:
    found = diagnostic("wrong\n", "wrong")
    found = Diagnostic(**{**vars(found), "message": "word " * 20 + "end"})
    lines = shown(found, width=60).strip("\n").splitlines()
    assert lines[0].startswith("error[LIP201] plain-dense: word")
    assert lines[1].startswith("    word")
    assert all(len(line) <= 60 for line in lines)


def test_a_fix_of_a_long_line_is_cut_around_what_changes() -> None:
    text = "a: [" + ", ".join(["x"] * 60) + ", wrong, " + ", ".join(["y"] * 60) + "]\n"
    found = diagnostic(text, "wrong")
    found = Diagnostic(**{**vars(found), "fix": Fix("right it", (Edit(found.span, "right"),))})
    removed, added = (line for line in shown(found, width=70).splitlines() if line[:3] in ("1 -", "1 +"))
    assert "wrong" in removed
    assert "right" in added
    assert len(removed) <= 70


def test_a_fix_of_several_lines_shows_those_that_change() -> None:
    text = "- a:\n    b: 1\n    c: 2\n- d\n"
    found = diagnostic(text, "b: 1")
    edits = (Edit(found.span, "x: 1"), Edit(Span(found.span.source, len(text) - 1, len(text) - 1), "\n- e"))
    found = Diagnostic(**{**vars(found), "fix": Fix("mend", edits)})
    assert shown(found).endswith("  |\n2 -     b: 1\n2 +     x: 1\n5 + - e\n")
