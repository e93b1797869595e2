"""Texts of 200,000 characters, all wrong: the check says so, and comes to its end."""

from __future__ import annotations

import sys

import pytest

from lipbuild.cli.show import show_diagnostics
from lipbuild.config.config import MAX_PROBLEMS
from lipbuild.text.suggest import nearest
from tests.benchmarks.linear_check import checked, texts

LONG = texts(200_000)


@pytest.mark.parametrize("name", LONG)
def test_a_long_text_is_checked(name: str) -> None:
    found = checked(LONG[name])
    assert not found.ok
    assert found.diagnostics


def test_after_many_mistakes_the_check_says_what_it_has() -> None:
    found = checked("train:\n" + "".join(f"  key{i}: 1\n" for i in range(2 * MAX_PROBLEMS)))
    assert len(found.diagnostics) == MAX_PROBLEMS
    [last] = [one for one in found.diagnostics if one.notes]
    assert last.notes == (
        "the check ends with it: 1,000 mistakes have been found, and the rest is not looked at",
    )


def test_a_thousand_findings_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    found = checked(LONG["many layers"]).diagnostics
    show_diagnostics(found, sys.stdout)
    out = capsys.readouterr().out
    assert out.count("\n --> ") == 1000
    assert f"\n{len(found) - 1000:,} more are not shown\nfound {len(found)} errors\n" in out


def test_long_names_are_like_none() -> None:
    assert nearest("a" * 100, ["a" * 99 + "b"]) is not None
    assert nearest("a" * 200_000, ["a" * 199_999 + "b"]) is None
