from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Without what converters and runtimes say to their own developers, from Python or from C++."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    silent, stderr = os.open(os.devnull, os.O_WRONLY), os.dup(2)
    try:
        os.dup2(silent, 2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(silent)
        logging.disable(before)
