from __future__ import annotations

import tempfile
from pathlib import Path

import keras

from lipbuild.certifying.network import Network
from lipbuild.saved.archive import read_archive
from lipbuild.saved.keras_config import network_of


def keras_network(model: keras.Model) -> Network:
    """A Keras model as certificates see it: what `lipbuild certify` would read of it once it is saved.

    Raises:
        RefusedError: It has a layer, an option or a structure without a known constant; the message names it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return network_of(*read_archive(path))
