from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lipbuild.errors import RefusedError

# What was raised by Python code inside a pipeline, before its traceback.
_RAISED = re.compile(r"^(?:lipbuild\.\S+\.)?\w*Error: ")
# TensorFlow puts the names of its operations around what happened.
_PIPELINE = re.compile(r"Error in user-defined function passed to .* with iterator: \S+: ")
_NODE = re.compile(r"\{\{[^{}]*\}\}|\[\[[^\[\]]*\]\]|\[Op:[^\]]*\]( name:.*)?")


def reason_of(error: Any) -> str:
    """What happened, from an error of TensorFlow's: its first line without the names of operations."""
    message = _PIPELINE.sub("", str(error.message))
    lines = [line for line in message.splitlines() if line.strip()]
    return _RAISED.sub("", _NODE.sub("", lines[0] if lines else type(error).__name__).strip()).rstrip(":")


@contextmanager
def read_errors() -> Iterator[None]:
    """Give what goes wrong in reading samples, inside a pipeline of TensorFlow's, as one message.

    Batches are read while they are used: whoever goes through them does it inside this.

    Raises:
        RefusedError: A sample could not be read.
    """
    import tensorflow as tf

    try:
        yield
    except (tf.errors.InvalidArgumentError, tf.errors.NotFoundError, tf.errors.DataLossError) as error:
        if "Iterator" not in str(error.message):
            raise
        raise RefusedError(
            f"a sample of the data cannot be read: {reason_of(error)}", "`lipbuild data CONFIG` names it"
        ) from None
