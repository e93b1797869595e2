"""Keras's global settings, as lipbuild needs them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lipbuild.errors import UnusableError
from lipbuild.missing import missing_package

DEFAULTS = {
    "image_data_format": "channels_last",
    "floatx": "float32",
    "epsilon": 1e-7,
    "dtype_policy": "float32",
}
"""What they are while lipbuild builds, trains or proves."""

_LOCK = threading.Lock()
# How many are within, and what the first of them found.
_within = 0
_before: dict[str, Any] = {}


@contextmanager
def keras_settings() -> Iterator[None]:
    """While it is entered, Keras has its own defaults: float32, channels last, and its epsilon.

    What a program has set for its own models, or `keras.json` for all programs, neither changes what is trained and
    certified nor is it changed for good. It may be entered by several threads: the last to leave puts the settings
    back. A function that has it as a decorator has Keras's defaults too.

    Raises:
        UnusableError: If Keras runs on another backend than TensorFlow.
    """
    global _within
    config = _config()
    with _LOCK:
        if _within == 0:
            _before.update(
                image_data_format=config.image_data_format(),
                floatx=config.floatx(),
                epsilon=config.epsilon(),
                dtype_policy=config.dtype_policy(),
            )
            _set(config, **DEFAULTS)
        _within += 1
    try:
        yield
    finally:
        with _LOCK:
            _within -= 1
            if _within == 0:
                _set(config, **_before)


def _set(config: Any, **settings: Any) -> None:
    for name, value in settings.items():
        getattr(config, f"set_{name}")(value)


def _config() -> Any:
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if backend == "tensorflow":
        try:
            import keras
        except ModuleNotFoundError as error:
            raise missing_package(error) or error from None
        backend = keras.config.backend()
        if backend == "tensorflow":
            return keras.config
    raise UnusableError(
        f"Keras is set to the backend {backend!r}, and lipbuild needs TensorFlow",
        "set KERAS_BACKEND=tensorflow before Keras is imported",
    )
