from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lipbuild.errors import RefusedError

# What lipbuild's own messages stand between, in what TensorFlow makes of them.
_BEGIN, _END = "lipbuild: ", " :lipbuild"
_OWN = re.compile(re.escape(_BEGIN) + "(.*?)" + re.escape(_END), re.DOTALL)
_PIPELINE = re.compile(r"Error in user-defined function passed to .* with iterator: \S+: ")
# TensorFlow puts the names of its operations around what happened.
_NODE = re.compile(r"\{\{[^{}]*\}\}|\[\[[^\[\]]*\]\]|\[Op:[^\]]*\]( name:.*)?")


def marked(message: str) -> str:
    """A message that `reason_of` finds again in what TensorFlow makes of it."""
    return f"{_BEGIN}{message}{_END}"


def reason_of(error: Any) -> str:
    """What happened, from an error of TensorFlow's: its first line, or lipbuild's own message in it."""
    message = str(error.message)
    own = _OWN.search(message)
    if own is not None:
        return own[1]
    lines = [line for line in _PIPELINE.sub("", message).splitlines() if line.strip()]
    return _NODE.sub("", lines[0] if lines else type(error).__name__).strip().rstrip(":")


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
        message = str(error.message)
        if _OWN.search(message) is None and not re.search(r"[Dd]ecode|IteratorGetNext|Iterator", message):
            raise
        raise RefusedError(
            f"a sample of the data cannot be read: {reason_of(error)}", "`lipbuild data CONFIG` names it"
        ) from None
