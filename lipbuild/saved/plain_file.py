"""The plain file of a model: the network of Keras's layers alone that a certificate is of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.errors import RefusedError
from lipbuild.saved.plain_form import needs_plain_form, plain_form, plain_form_of
from lipbuild.saved.read_saved import read_saved

if TYPE_CHECKING:
    import keras


def is_plain(path: Path) -> bool:
    """Whether a `.keras` file is of Keras's classes alone. It is not loaded.

    Raises:
        UnusableError: It cannot be read.
        RefusedError: It is not what Keras would write.
    """
    return not needs_plain_form(read_saved(path))


def plain_file_of(path: Path) -> str:
    """What the plain file of a model is called: `net.plain.keras` for `net.keras`."""
    return f"{path.stem}.plain.keras"


def write_plain(path: Path, plain: Path) -> None:
    """Load a model through Keras, in safe mode, and save its plain form.

    Args:
        path: A `.keras` file with layers of lipbuild.
        plain: Where the plain form goes.

    Raises:
        UnusableError: Keras cannot load it.
        RefusedError: It has no plain form.
    """
    try:
        plain_form(path, read_saved(path)).save(plain)
    except RefusedError as error:
        raise RefusedError(f"{path}: {error.message}", error.help) from None
    _check(plain, str(path))


def save_plain(model: keras.Model, plain: Path, name: str) -> None:
    """Save the plain form of a model, with copies of its weights.

    Args:
        model: A built model of Keras's and lipbuild's layers.
        plain: Where it goes.
        name: What the model is called in a message.

    Raises:
        RefusedError: It has none.
    """
    try:
        plain_form_of(model).save(plain)
    except RefusedError as error:
        raise RefusedError(f"{name}: {error.message}", error.help) from None
    _check(plain, name)


def _check(plain: Path, name: str) -> None:
    if not is_plain(plain):
        raise RefusedError(
            f"{name}: it has no plain form: a layer of lipbuild inside another layer has none",
            "let it stand by itself",
        )
