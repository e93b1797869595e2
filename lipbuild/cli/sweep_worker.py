"""One of several workers of a sweep, as a process: `python -m lipbuild.cli.sweep_worker`."""

from __future__ import annotations

import sys

from lipbuild.cli.shown_output import shown_output
from lipbuild.cli.tensorflow import load_tensorflow
from lipbuild.errors import LipbuildError, StoppedError


def main() -> int:
    """Work for the setting on standard input; the exit status is that of a command."""
    from lipbuild.data.permission import allow_code_always
    from lipbuild.sweeping.setting import Setting

    setting = Setting.from_json(sys.stdin.read())
    if setting.allow_code:
        allow_code_always()
    load_tensorflow()
    from lipbuild.sweeping.run_sweep import printer, show_nothing
    from lipbuild.sweeping.worker import work

    try:
        work(setting, show_nothing if setting.quiet else printer(setting.labels()))
    except LipbuildError as error:
        # That it was interrupted the sweep itself says, once.
        if not isinstance(error, StoppedError):
            print(f"error: {error.message}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        print(f"error: this is a fault in lipbuild: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    with shown_output():
        status = main()
    sys.exit(status)
