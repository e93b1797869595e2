"""The plain file of a model: the network of Keras's layers alone that a certificate is of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipbuild.certify.saved.keras_zip import read_keras_zip
from lipbuild.errors import RefusedError

if TYPE_CHECKING:
    import keras


def is_plain(path: Path) -> bool:
    """Whether a `.keras` file is of Keras's classes alone. It is not loaded.

    Raises:
        UnusableError: It cannot be read.
        RefusedError: It is not what Keras would write.
    """
    return _own_class(path) is None


def _own_class(path: Path) -> str | None:
    left: list[Any] = [read_keras_zip(path).config]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            if str(part.get("registered_name")).startswith("lipbuild>"):
                return str(part["class_name"])
            left += part.values()
        elif isinstance(part, list):
            left += part
    return None


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
    from lipbuild.model.load_model import load_model

    save_plain(load_model(path), plain, str(path))


def save_plain(model: keras.Model, plain: Path, name: str) -> None:
    """Save the plain form of a model, with copies of its weights.

    Args:
        model: A built model of Keras's and lipbuild's layers.
        plain: Where it goes.
        name: What the model is called in a message.

    Raises:
        RefusedError: It has none.
    """
    from lipbuild.model.vanilla_model import vanillaModel

    try:
        vanillaModel(model).save(plain)
    except OSError:
        # A disk that is full.
        raise
    # A layer of one's own raises what it likes.
    except Exception as error:
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise RefusedError(f"{name}: it has no plain form: {reason.strip():.200}") from None
    own = _own_class(plain)
    if own is not None:
        raise RefusedError(
            f"{name}: it has no plain form: a `{own}` stands inside another layer, where it has none",
            "give it as a layer of its own",
        )
