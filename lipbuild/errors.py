"""The two ways in which lipbuild fails on purpose. Both end in one message and never in a traceback."""

from __future__ import annotations


class LipbuildError(Exception):
    """Something that the user can mend.

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
