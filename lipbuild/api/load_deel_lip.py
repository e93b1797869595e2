from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.building.keras_settings import keras_settings
from lipbuild.errors import RefusedError

if TYPE_CHECKING:
    import keras


@keras_settings()
def load_deel_lip(path: str | Path) -> keras.Model:
    """A model saved by deel-lip 2 (its Keras 3 branch) as a Keras model, without deel-lip.

    Constrained layers become Keras's plain ones with the kernels that deel-lip applies at inference, the others
    lipbuild's. The predictions are the same, and so is what the kernels really are: `lipbuild.audit` says how
    far that is from what was promised.

    Args:
        path: The `.keras` file.

    Returns:
        A `keras.Model`, sequential or functional as the saved one.

    Raises:
        lipbuild.errors.RefusedError: It holds no model of deel-lip's, or a layer that is not known.
        lipbuild.errors.UnusableError: The file is missing or cannot be read.
    """
    from lipbuild.saved.deel_lip import is_deel_lip
    from lipbuild.saved.plain_form import built_from_deel_lip
    from lipbuild.saved.read_saved import read_saved

    path = Path(path)
    saved = read_saved(path)
    if not is_deel_lip(saved):
        raise RefusedError(f"{path}: it contains no layer of deel-lip", "`keras.saving.load_model` loads it")
    return built_from_deel_lip(saved)
