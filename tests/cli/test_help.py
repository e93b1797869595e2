"""`lipbuild --help` and the help of each command, at a width of 80 columns."""

from __future__ import annotations

import shlex

import pytest
import typer
from typer.testing import CliRunner

from lipbuild.cli.app import app
from lipbuild.cli.help_page import sections, summary
from lipbuild.cli.optional_values import with_optional_values

GROUP = typer.main.get_command(app)
COMMANDS = GROUP.commands  # type: ignore[attr-defined]


def help_of(*arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    assert done.exit_code == 0
    assert all(len(line) <= 80 for line in done.output.splitlines())
    return done.output


def test_the_list_shows_the_whole_first_sentence_of_each_command_in_one_line() -> None:
    lines = help_of().splitlines()
    for name, command in COMMANDS.items():
        said = summary(command.help)
        assert said.endswith(".")
        assert f"  {name:<8}  {said}" in lines


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_names_its_values_and_has_an_example_that_it_accepts(name: str) -> None:
    shown = help_of(name)
    assert "<" not in shown.replace("<=", "")
    assert "list[" not in shown
    assert "--allow-code" in shown
    assert "--debug" in shown
    _, example = sections(COMMANDS[name].help)
    assert example
    for line in example.splitlines():
        assert f"  {line}" in shown.splitlines()
        program, *arguments = with_optional_values(shlex.split(line.partition(" > ")[0]))
        assert (program, arguments[0]) == ("lipbuild", name)
        COMMANDS[name].make_context(name, arguments[1:], parent=GROUP.make_context("lipbuild", [name]))
