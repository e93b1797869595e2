from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lipbuild.building.absolute.sign_bit import SignBitAbsolute
from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.exporting.format import Format
from lipbuild.exporting.served import Served
from lipbuild.runtimes import saved_model
from lipbuild.runtimes.runtime import Predict


class SavedModelFormat(Format):
    """A TensorFlow SavedModel of any batch size.

    Its signature `serving_default` takes `input` and gives the outputs by their names; `serve` gives a single
    output as it is. Metadata are in `assets.extra/lipbuild.json`.
    """

    name = "saved_model"
    suffix = ""
    runtime = "TensorFlow"
    absolute = SignBitAbsolute

    def write(self, served: Served, path: Path) -> None:
        """Write both endpoints."""
        import tensorflow as tf

        model = served.model
        signature = [tf.TensorSpec(served.input_shape, tf.float32, name=served.input)]
        archive = keras.export.ExportArchive()
        archive.track(model)

        def named(input: Any) -> dict[str, Any]:
            return served.named(model(input, training=False))

        def serve(input: Any) -> Any:
            return model(input, training=False)

        archive.add_endpoint(saved_model.SIGNATURE, named, input_signature=signature)
        archive.add_endpoint("serve", serve, input_signature=signature)
        archive.write_out(path, verbose=False)

    def stamp(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """Write the file beside the model's own."""
        target = path / saved_model.ENTRY
        target.parent.mkdir(exist_ok=True)
        target.write_text(dump_json(metadata), encoding="utf-8")

    def is_at(self, path: Path) -> bool:
        """Whether its main file is there."""
        return (path / "saved_model.pb").exists()

    def metadata(self, path: Path) -> dict[str, Any]:
        """The file."""
        return saved_model.metadata(path)

    def load(self, path: Path) -> Predict:
        """Its signature, through TensorFlow alone."""
        return saved_model.load(path)

    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """The variables of its checkpoint."""
        import tensorflow as tf

        reader = tf.train.load_checkpoint(str(path / "variables" / "variables"))
        names = [name for name in reader.get_variable_to_shape_map() if name.endswith("VARIABLE_VALUE")]
        return [np.asarray(reader.get_tensor(name)) for name in sorted(names)]
