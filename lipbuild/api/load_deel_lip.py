from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.errors import RefusedError, UnusableError

if TYPE_CHECKING:
    import keras


def load_deel_lip(path: str | Path) -> keras.Model:
    """A model saved by deel-lip 2 (its Keras 3 branch) as a Keras model, without deel-lip.

    Constrained layers become Keras's plain ones with the kernels that deel-lip applies at inference, the others
    lipbuild's. The predictions are the same, and so is what the kernels really are: `lipbuild.audit` says how
    far that is from what was promised.

    Args:
        path: The `.keras` file.

    Returns:
        A functional `keras.Model`.

    Raises:
        lipbuild.errors.RefusedError: It holds no model of deel-lip's, or a layer that is not known.
        lipbuild.errors.UnusableError: The file is missing or cannot be read.
    """
    import keras

    from lipbuild import layers as _registers_the_layers  # noqa: F401
    from lipbuild.certify.saved.deel_lip import PACKAGE, from_deel_lip, is_deel_lip
    from lipbuild.certify.saved.functional import as_functional
    from lipbuild.certify.saved.keras_file import read_keras_file

    path = Path(path)
    if not path.is_file():
        raise UnusableError(f"{path}: there is no such model")
    saved = read_keras_file(path)
    if not is_deel_lip(saved):
        raise RefusedError(f"{path}: it holds no layer of deel-lip's", "`keras.saving.load_model` loads it")
    model = as_functional(from_deel_lip(saved))
    left = [layer for layer in model.layers if str(layer.get("registered_name")).startswith(PACKAGE)]
    if left:
        raise RefusedError(f"`{left[0]['name']}` is a `{left[0]['registered_name']}`, which is not known")
    try:
        loaded: keras.Model = keras.saving.deserialize_keras_object(dict(model.config))
        for name, arrays in model.ordered_weights.items():
            loaded.get_layer(name).set_weights(arrays)
    except (TypeError, ValueError, KeyError) as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise RefusedError(
            f"{path}: it cannot be built from Keras's and lipbuild's layers: {reason}"
        ) from None
    return loaded
