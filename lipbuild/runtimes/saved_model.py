"""SavedModels in TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.reading.json_file import read_json
from lipbuild.runtimes.runtime import Outputs, Predict

# The folder that TensorFlow keeps for what others add.
ENTRY = Path("assets.extra") / "lipbuild.json"
SIGNATURE = "serving_default"


def metadata(path: Path) -> dict[str, Any]:
    """The file `assets.extra/lipbuild.json`."""
    if not (path / ENTRY).exists():
        raise ValueError("it has no metadata of lipbuild")
    return read_json(path / ENTRY, "export it again")


def load(path: Path) -> Predict:
    """Its signature `serving_default`, through TensorFlow alone."""
    import tensorflow as tf

    from lipbuild.runtimes.compiled import compiled

    model = tf.saved_model.load(str(path))
    signature = model.signatures[SIGNATURE]
    [(name, spec)] = signature.structured_input_signature[1].items()
    predict = compiled(lambda inputs: signature(**{name: inputs}), spec.shape[1:])

    def run(inputs: NDArray[np.float32]) -> Outputs:
        # Its variables live as long as it does.
        assert model is not None
        return predict(inputs)

    return run
