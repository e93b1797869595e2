"""How `--help` looks: commands under headings, whole sentences, and an example of each command."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from typer.core import TyperCommand, TyperGroup

# The last section of a command's docstring.
EXAMPLE = "Example:"


def sections(text: str) -> tuple[str, str]:
    """What a command's docstring explains, and its example: the lines of a shell."""
    explained, _, example = inspect.cleandoc(text).partition(f"\n{EXAMPLE}\n")
    return explained.strip(), inspect.cleandoc(f"\n{example}").strip()


class CommandHelp(TyperCommand):
    """A command whose help shows its arguments as its usage line does, and its example as it stands."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`[OPTIONS]` and the arguments."""
        return ["[OPTIONS]", *(p.metavar or p.name.upper() for p in _arguments(self, ctx))]

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """What the command does, then how it is called."""
        explained, example = sections(self.help or "")
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(explained)
        if example:
            with formatter.section(EXAMPLE.rstrip(":")):
                for line in example.splitlines():
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The arguments, the options of this command, and those that every command takes."""
        arguments = [(p.metavar or p.name.upper(), p.help or "") for p in _arguments(self, ctx)]
        options = [_plain(p.get_help_record(ctx)) for p in _options(self, ctx)]
        shared = [p for p in _options(ctx.parent.command, ctx.parent) if p.name in ("allow_code", "debug")]
        everywhere = [*(_plain(p.get_help_record(ctx)) for p in shared), options.pop()]
        for title, rows in (
            ("Arguments", arguments),
            ("Options", options),
            ("Options of every command", everywhere),
        ):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


class GroupHelp(TyperGroup):
    """The list of commands: each under the heading that `rich_help_panel` names, with its whole first sentence."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """A list for each heading, all of one width."""
        groups: dict[str, list[tuple[str, str]]] = {}
        width = max(map(len, self.commands))
        for name, command in self.commands.items():
            heading = str(getattr(command, "rich_help_panel", None) or "Commands")
            groups.setdefault(heading, []).append((name.ljust(width), summary(command.help or "")))
        for heading, rows in groups.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


def summary(text: str) -> str:
    """The first paragraph of a docstring."""
    return " ".join(inspect.cleandoc(text).partition("\n\n")[0].split())


def _arguments(command: Any, ctx: Any) -> Iterator[Any]:
    return (p for p in command.get_params(ctx) if p.param_type_name == "argument")


def _options(command: Any, ctx: Any) -> Iterator[Any]:
    """The options; `--help` is the last one."""
    return (p for p in command.get_params(ctx) if p.param_type_name == "option" and not p.hidden)


def _plain(record: tuple[str, str]) -> tuple[str, str]:
    """A choice as `text|json`, without what typer puts around it."""
    names, help = record
    return re.sub(r"<(?:list\[)?([^<>\]]*)\]?>", r"\1", names), help
