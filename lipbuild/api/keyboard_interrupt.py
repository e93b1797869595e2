from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from lipbuild.errors import StoppedError


@contextmanager
def keyboard_interrupt() -> Iterator[None]:
    """While it is entered, what Ctrl-C ended is a KeyboardInterrupt, which no `except Exception` swallows."""
    try:
        yield
    except StoppedError as error:
        if error.exit_status != 128 + signal.SIGINT:
            raise
        raise KeyboardInterrupt("; ".join(filter(None, (error.message, error.help)))) from None
