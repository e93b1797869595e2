from __future__ import annotations

import tempfile
from pathlib import Path

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.guard.agreement import check_agreement
from lipbuild.guard.answers import Answers, bounded, guarded_answers
from lipbuild.guard.float32_products import check_float32_products
from lipbuild.saved.archive import read_archive
from lipbuild.saved.keras_config import network_of
from lipbuild.saved.load_model import load_model
from lipbuild.saved.plain_file import is_plain, save_plain

Array = NDArray[np.float64]

_ROWS = 1024


class Guard:
    """A classifier that serves float32 and is never wrong about the function in exact arithmetic.

    Logits are served in float32 by TensorFlow. Where the margin is at most twice the proved bound of their
    error, float64 is asked; where it is at most twice that of float64, the guard abstains. So every label is
    that of the function which the weights define in exact arithmetic, and its `real` radius holds for what is
    served.

    Float32 is served on the CPU: the bounds do not hold for TF32, nor for the convolutions of cuDNN.

    Args:
        model: A Keras model from (samples, *shape) to logits, in float32.
        certified: The same network with its proved constants.
    """

    def __init__(self, model: keras.Model, certified: CertifiedNetwork) -> None:
        import tensorflow as tf

        check_float32_products()
        self.certified = certified
        # That the output is a vector of logits is known before the first request.
        self.outputs = len(certified.head.distances)
        shape = tuple(certified.network.nodes[0].parameters["shape"])
        self._serve = tf.function(
            lambda x: model(x, training=False),
            input_signature=[tf.TensorSpec((None, *shape), tf.float32)],
        )

    def __call__(self, inputs: ArrayLike, *, full_radii: bool = False) -> Answers:
        """Answer.

        Args:
            inputs: (samples, *shape). What is not float32 is rounded to it, and the distance to that is taken
                off the radius.
            full_radii: Whether float64 is asked for every input, which makes radii a little larger.

        Raises:
            RefusedError: The inputs have another shape, or are not finite.
        """
        return guarded_answers(self.certified, self.float32_logits, inputs, full_radii=full_radii)

    def float32_logits(self, x: NDArray[np.float32]) -> BoundedLogits:
        """What TensorFlow serves, with the bounds of its error that follow from the norms of the inputs alone."""
        import tensorflow as tf

        with tf.device("/CPU:0"):
            parts = [np.asarray(self._serve(x[i : i + _ROWS])) for i in range(0, max(len(x), 1), _ROWS)]
        return bounded(self.certified, x, np.concatenate(parts))


def guarded(model: keras.Model | str | Path) -> Guard:
    """Serve a model behind a guard.

    Args:
        model: A Keras model or a `.keras` file, of layers that have a proved constant. Where it has layers of
            lipbuild, its plain form is proved and served.

    Returns:
        A function from inputs to `Answers`.

    Raises:
        RefusedError: A layer has no proved constant; the message names it.
        UnusableError: The file cannot be read.
    """
    if not isinstance(model, keras.Model):
        path = Path(model)
        if path.is_file() and is_plain(path):
            return _guarded_file(path)
        model = load_model(path)
    with tempfile.TemporaryDirectory() as folder:
        # What is certified is served, whatever becomes of the model.
        copy, plain = Path(folder) / "model.keras", Path(folder) / "plain.keras"
        model.save(copy)
        if not is_plain(copy):
            save_plain(model, plain, f"the model {model.name!r}")
            copy = plain
        return _guarded_file(copy)


def _guarded_file(path: Path) -> Guard:
    network, model = network_of(*read_archive(path)), load_model(path)
    check_agreement(model, network)
    return Guard(model, CertifiedNetwork.of(network))
