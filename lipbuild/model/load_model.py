"""A saved model, loaded without running what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from lipbuild import layers as _registers_the_layers  # noqa: F401
from lipbuild import model as _registers_the_models  # noqa: F401
from lipbuild.errors import UnusableError


def load_model(path: Path) -> Any:
    """Load a `.keras` file in safe mode, with lipbuild's classes known.

    Raises:
        UnusableError: Keras cannot load it, whatever it says of that; one line.
    """
    if not path.is_file():
        raise UnusableError(f"{path}: there is no such model")
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    # A file from elsewhere raises whatever its content makes of Keras.
    except Exception as error:
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise UnusableError(f"{path}: Keras cannot load it: {reason.strip():.200}") from None
