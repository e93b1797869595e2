"""Write the generated pages of this folder anew: `make docs`. A test fails when one of them is stale."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))


def pages() -> dict[str, str]:
    """The generated pages by their names."""
    from lipbuild.rules.pages import pages as rule_pages

    rules = {f"rules/{name}": text for name, text in rule_pages().items()}
    return {"config-reference.md": config_reference(), "cli.md": cli_reference(), **rules}


def config_reference() -> str:
    """Every key of a config with its type, default and meaning, from the classes that read it."""
    from lipbuild.spec.averages import AVERAGES
    from lipbuild.spec.layers import LAYERS
    from lipbuild.spec.losses import LOSSES
    from lipbuild.spec.metrics import METRICS
    from lipbuild.spec.optimizers import OPTIMIZERS
    from lipbuild.spec.schedules import SCHEDULES
    from lipbuild.spec.sections import (
        CertifySection,
        CheckpointSection,
        ConfigSection,
        DataSection,
        EarlyStoppingSection,
        ExportSection,
        ModelSection,
        TrainSection,
    )
    from lipbuild.spec.sources import SOURCES
    from lipbuild.spec.stack import BLOCKS

    parts = [
        "# Config reference",
        "",
        "Every key of a config. Generated from the classes that read it by `make docs`; `lipbuild schema` prints "
        "the same for editors. Names and arguments are those of Keras and deel-lip.",
    ]
    sections = {
        "The config": ConfigSection,
        "model": ModelSection,
        "data": DataSection,
        "train": TrainSection,
        "train.early_stopping": EarlyStoppingSection,
        "train.checkpoint": CheckpointSection,
        "certify": CertifySection,
        "export": ExportSection,
    }
    for title, cls in sections.items():
        parts += ["", f"## {title if ' ' in title else f'`{title}`'}", "", *table(cls)]
    groups: dict[str, tuple[str, dict[str, Any]]] = {
        "Layers": ("Every layer also takes `name` and `inputs`.", LAYERS),
        "Blocks": ("Layers that hold layers.", BLOCKS),
        "Data sources": ("Paths start from the folder of the config.", SOURCES),
        "Losses": ("", LOSSES),
        "Optimisers": ("", OPTIMIZERS),
        "Schedules": ("In place of a `learning_rate`.", SCHEDULES),
        "Averages": ("For `train.average`.", AVERAGES),
        "Metrics": ("", METRICS),
    }
    for title, (note, classes) in groups.items():
        parts += ["", f"## {title}"]
        if note:
            parts += ["", note]
        for name, cls in classes.items():
            shared = {"name", "inputs"} if title == "Layers" else set()
            parts += ["", f"### `{name}`", "", doc(cls), *table(cls, shared, blank_first=True)]
    return "\n".join(parts) + "\n"


def doc(cls: type) -> str:
    return " ".join((cls.__doc__ or "").strip().split("\n\n", 1)[0].split())


def table(cls: Any, without: Iterable[str] = (), *, blank_first: bool = False) -> list[str]:
    """The keys of a section as a Markdown table; nothing where it has none."""
    fields = {name: field for name, field in cls.model_fields.items() if name not in set(without)}
    if not fields:
        return []
    lines = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for name, field in fields.items():
        lines.append(f"| `{name}` | {kind(field)} | {default(field)} | {field.description} |")
    return ["", *lines] if blank_first else lines


def default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ({}, []):
        return ""
    if hasattr(type(value), "model_fields"):
        return "" if type(value).__name__.endswith("Section") else f"`{type(value).__name__}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        value = list(value)
    return f"`{value}`"


def kind(field: Any) -> str:
    """The type of a key in words."""
    from lipbuild.spec.choice import Choice

    choice = next((m for m in field.metadata if isinstance(m, Choice)), None)
    if choice is None:
        choice = next(
            (m for m in getattr(field.annotation, "__metadata__", ()) if isinstance(m, Choice)), None
        )
        if choice is not None:
            return f"number, or a {choice.what}"
    if choice is not None:
        return f"list of {choice.what}s" if choice.many else choice.what
    return in_words(field.annotation)


def in_words(annotation: Any) -> str:
    from lipbuild.spec.strict import Strict

    names = {int: "whole number", float: "number", str: "text", bool: "truth value", Any: "see below"}
    if annotation in names:
        return names[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return "section"
    origin = getattr(annotation, "__origin__", None)
    arguments = [a for a in get_args(annotation) if a is not type(None)]
    if hasattr(annotation, "__metadata__"):
        return in_words(arguments[0])
    if origin is list:
        return f"list of {plural(in_words(arguments[0]))}"
    if origin is tuple:
        return "one whole number, or two"
    if origin is dict:
        return "mapping"
    if arguments and all(isinstance(a, str) for a in arguments):
        return ", ".join(f"`{a}`" for a in arguments)
    return " or ".join(dict.fromkeys(in_words(a) for a in arguments))


def plural(words: str) -> str:
    return words if words.startswith("`") or words == "text" else f"{words}s"


def cli_reference() -> str:
    """Every command with its arguments and options, from the functions that they are."""
    from lipbuild.cli.app import app

    parts = [
        "# Command line",
        "",
        "Generated from the commands by `make docs`.",
        "",
        "Exit status: 0 done; 1 the config, the data or the model was found wanting; 2 it could not run; 75 "
        "another process of the training was lost; 130 interrupted, 143 terminated. `lipbuild --debug COMMAND` "
        "shows a traceback where something fails, and `lipbuild --version` the version.",
    ]
    for command in app.registered_commands:
        function = command.callback
        assert function is not None
        name = command.name or function.__name__
        parameters = list(command_parameters(function))
        arguments = [p.metavar for p in parameters if not p.options]
        usage = " ".join(
            ["lipbuild", name, "[OPTIONS]" if len(arguments) < len(parameters) else "", *arguments]
        )
        parts += ["", f"## `lipbuild {name}`", "", *text_of(function), "", f"    {' '.join(usage.split())}"]
        if parameters:
            parts += ["", "| argument or option | meaning |", "|---|---|"]
            parts += [f"| {p.signature} | {p.meaning} |" for p in parameters]
    return "\n".join(parts) + "\n"


@dataclass(frozen=True)
class Parameter:
    """One argument or option of a command."""

    options: tuple[str, ...]
    metavar: str
    meaning: str

    @property
    def signature(self) -> str:
        if not self.options:
            return f"`{self.metavar}`"
        return f"{', '.join(f'`{option}`' for option in self.options)} {self.metavar}".strip()


def command_parameters(function: Any) -> Iterable[Parameter]:
    """The parameters of a command, from its annotations."""
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        kind, info = get_args(hints[name])[:2]
        meaning = " ".join((info.help or "").split()).replace("|", "\\|")
        if type(info).__name__ == "ArgumentInfo":
            yield Parameter((), info.metavar or name.upper(), meaning)
            continue
        # Inside `Annotated`, typer takes the first declaration for the default.
        given = (info.default, *(info.param_decls or ()))
        options = tuple(o for o in given if isinstance(o, str) and o.startswith("-"))
        options = options or (f"--{name.rstrip('_').replace('_', '-')}",)
        members = next((c for c in (kind, *get_args(kind), *inner(kind)) if is_enum(c)), None)
        metavar = info.metavar or (" \\| ".join(str(m.value) for m in members) if members is not None else "")
        value = parameter.default
        if value not in (None, False, inspect.Parameter.empty):
            meaning += f" Default: `{getattr(value, 'value', value)}`."
        yield Parameter(tuple(options), metavar if "\\" in metavar else metavar.replace("|", "\\|"), meaning)


def inner(annotation: Any) -> list[Any]:
    return [argument for part in get_args(annotation) for argument in get_args(part)]


def is_enum(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Enum)


def text_of(function: Any) -> list[str]:
    """The docstring of a command, a line a paragraph, blank lines between."""
    paragraphs = [" ".join(part.split()) for part in (function.__doc__ or "").strip().split("\n\n")]
    return "\n\n".join(paragraphs).split("\n")


def root_help() -> str:
    """The help of `lipbuild` itself, as the option parser writes it at 80 columns."""
    from contextlib import redirect_stdout
    from io import StringIO

    from lipbuild.cli.run import run_parsed

    out = StringIO()
    os.environ["COLUMNS"] = "80"
    with redirect_stdout(out):
        run_parsed(["--help"])
    return out.getvalue()


def main() -> None:
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"wrote docs/{name}")
    help_file = DOCS.parent / "lipbuild" / "cli" / "help.txt"
    help_file.write_text(root_help(), encoding="utf-8")
    print("wrote lipbuild/cli/help.txt")


if __name__ == "__main__":
    main()
