from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from lipbuild.cli.lasting_output import lasting_output, open_closed_streams
from lipbuild.cli.optional_values import with_optional_values
from lipbuild.cli.shown_output import shown_output
from lipbuild.errors import LipbuildError


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status.

    0 done; 1 the config or the model was found wanting; 2 it could not run; 130 interrupted. A traceback is
    shown only with `--debug` (or `LIPBUILD_DEBUG=1`), and code that a config names is run only with `--allow-code`.
    """
    # Looking for garbage while modules are imported is of no use to a command, and takes a part of a checker's time.
    gc.set_threshold(1_000_000, *gc.get_threshold()[1:])

    # The process is ours, and so is Keras's backend in it.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    open_closed_streams()
    debug = "--debug" in arguments or os.environ.get("LIPBUILD_DEBUG", "") not in ("", "0")
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks √ or ≤ shows a question mark, which is no reason to fail.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if "--allow-code" in arguments:
        from lipbuild.data.permission import allow_code_always

        allow_code_always()
    # These two may stand anywhere.
    everywhere = ("--debug", "--allow-code")
    arguments = with_optional_values([a for a in arguments if a not in everywhere])
    if arguments[:1] in (["export"], ["train"], ["compare"]):
        from lipbuild.cli.former_options import with_present_options

        arguments = with_present_options(arguments)
    with shown_output():
        if arguments[:1] != ["train"]:
            return _run(arguments, debug=debug)
        from lipbuild.training.interrupts import ended_at_once

        # A training of days does not end with its terminal.
        with lasting_output(), ended_at_once():
            return _run(arguments, debug=debug)


def _run(arguments: Sequence[str], *, debug: bool) -> int:
    try:
        return _check(arguments[1:]) if is_plain_check(arguments) else _run_parsed(arguments)
    except LipbuildError as error:
        if debug:
            raise
        return _fail(error.message, error.help, error.exit_status, arguments)
    except ModuleNotFoundError as error:
        from lipbuild.missing import missing_package

        missing = missing_package(error)
        if debug or missing is None:
            return _say_fault(error, arguments, debug=debug)
        return _fail(missing.message, missing.help, missing.exit_status, arguments)
    except KeyboardInterrupt:
        return _fail("interrupted", "", 130, arguments)
    except BrokenPipeError:
        # The reader of our output has gone (`lipbuild check … | head`); there is nobody left to tell.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 141
    except MemoryError:
        help = "take less data or a smaller network at a time"
        return _fail("there is not enough memory for this", help, 2, arguments)
    except OSError as error:
        if debug or error.filename is None:
            return _say_fault(error, arguments, debug=debug)
        # An error of a file system or a network is not a fault in lipbuild.
        return _fail(f"{error.filename}: {error.strerror}", "fix that, or name another place", 2, arguments)
    except Exception as error:
        # A usage error of the option parser, which knows how to show itself.
        show = getattr(error, "show", None)
        if callable(show):
            status = int(getattr(error, "exit_code", 2))
            show()
            describe = getattr(error, "format_message", None)
            _print_error(describe() if callable(describe) else str(error), "", status, arguments)
            return status
        return _say_fault(error, arguments, debug=debug)


def _say_fault(error: Exception, arguments: Sequence[str], *, debug: bool) -> int:
    if debug:
        raise error
    said = f"this is a fault in lipbuild: {type(error).__name__}: {error}"
    return _fail(said, "run it again with `--debug` and report what it shows", 2, arguments)


def _fail(message: str, help: str, status: int, arguments: Sequence[str]) -> int:
    """Say what is wrong on standard error, and to a program on standard output too."""
    _say(message, help)
    _print_error(message, help, status, arguments)
    return status


def _print_error(message: str, help: str, status: int, arguments: Sequence[str]) -> None:
    if "json" not in " ".join(arguments):
        return
    from lipbuild.cli.result import is_json_wanted, print_json

    if is_json_wanted(arguments):
        print_json("error", {"message": message, "help": help, "status": status})


def is_plain_check(arguments: Sequence[str]) -> bool:
    """Whether it is `check CONFIG…` without options, as editors and hooks call it."""
    command, configs = arguments[:1], arguments[1:]
    return command == ["check"] and bool(configs) and all(c == "-" or not c.startswith("-") for c in configs)


def _check(configs: Sequence[str]) -> int:
    """Check configs without the option parser, whose import takes as long as checking one."""
    # Of pydantic's plug-ins a check has no use. To look for them takes a tenth of its time: importlib.metadata is
    # imported for it, with email, socket and zipfile, and the metadata of every installed package is read.
    loader = ModuleType("pydantic.plugin._loader")
    loader.get_plugins = list  # type: ignore[attr-defined]
    sys.modules.setdefault(loader.__name__, loader)
    from lipbuild.cli.check_run import CheckRun

    return CheckRun()([Path(path) for path in configs])


def _run_parsed(arguments: Sequence[str]) -> int:
    import typer

    from lipbuild.cli.app import app

    try:
        status = typer.main.get_command(app).main(
            args=list(arguments), prog_name="lipbuild", standalone_mode=False
        )
    except typer.Abort:
        raise KeyboardInterrupt from None
    return status if isinstance(status, int) else 0


def _say(message: str, help: str = "") -> None:
    from lipbuild.diagnostics.palette import Palette
    from lipbuild.diagnostics.printable import printable

    palette = Palette.for_stream(sys.stderr)
    # A name of several lines would look like another message; findings stand below an empty line.
    said, *findings = message.split("\n\n", 1)
    message = "\n\n".join([printable(said), *findings])
    print(f"{palette.paint('error', 'red', bold=True)}: {message}", file=sys.stderr)
    if help:
        print(f"  {palette.paint('help', bold=True)}: {help}", file=sys.stderr)
