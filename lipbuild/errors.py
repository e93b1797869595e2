"""The ways in which lipbuild ends on purpose. All of them end in one message and never in a traceback."""

from __future__ import annotations


class LipbuildError(Exception):
    """A problem that the user can fix.

    Attributes:
        message: What is wrong and where: lower case, no full stop.
        help: What to do.
    """

    exit_status = 2

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class UnusableError(LipbuildError):
    """It could not run: a missing file, a bad option, a folder that cannot be written. Exit status 2."""

    exit_status = 2


class RefusedError(LipbuildError):
    """It ran, and the config, the data or the model was found wanting. Exit status 1."""

    exit_status = 1


class StoppedError(LipbuildError):
    """It was asked to stop by a signal. Exit status 128 and the signal's number, as shells have it."""

    def __init__(self, message: str, help: str = "", *, signal: int) -> None:
        super().__init__(message, help)
        self.exit_status = 128 + signal


class InterruptedByOthersError(LipbuildError):
    """Another process of the same training was lost or stopped; starting all of them again resumes it. Exit status 75.

    75 is what sendmail and its kin call a temporary failure: the same command is worth another try.
    """

    exit_status = 75


class HeldError(LipbuildError):
    """The run folder belongs to another training. Exit status 75: once that has ended, the same command is right."""

    exit_status = 75
