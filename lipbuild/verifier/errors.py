from __future__ import annotations


class UnreadableError(Exception):
    """A file is missing, or not what it should be as a file."""


class OwnLayersError(UnreadableError):
    """A model with layers of lipbuild, which no certificate is of."""


class RefusedError(Exception):
    """A model or a certificate is not accepted.

    Args:
        where: The node, or the part of the file.
        message: What was found.
    """

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where
        self.message = message
