from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.bounds.frobenius import norms_up
from lipbuild.certifying.bounds.rounding import down
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.sample_radii import sample_radii
from lipbuild.errors import RefusedError
from lipbuild.guard.agreement import check_agreement
from lipbuild.guard.float32_products import check_float32_products
from lipbuild.saved.archive import read_archive
from lipbuild.saved.keras_config import network_of
from lipbuild.saved.load_model import load_model
from lipbuild.saved.plain_file import is_plain, save_plain

Array = NDArray[np.float64]

_ROWS = 1024


@dataclass(frozen=True)
class Answers:
    """What a guard says of each input. Nothing of it is contradicted by the function in exact arithmetic.

    Attributes:
        labels: (samples,), the class; −1 where it abstains.
        margins: (samples,), the largest logit less the second, or |f| for a single logit.
        radii: (samples,), within which the class cannot change; 0 where it abstains.
        recomputed: (samples,), where float32 could not decide, and float64 was asked.
        logits: (samples, outputs), in float64 where it was asked.
    """

    labels: NDArray[np.int64]
    margins: Array
    radii: Array
    recomputed: NDArray[np.bool_]
    logits: Array

    @property
    def abstained(self) -> NDArray[np.bool_]:
        """Where no class is given: float64 cannot decide either, or the input was rounded across a boundary."""
        return np.asarray(self.labels < 0, np.bool_)


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
        self._shape = tuple(certified.network.nodes[0].parameters["shape"])
        self._serve = tf.function(
            lambda x: model(x, training=False),
            input_signature=[tf.TensorSpec((None, *self._shape), tf.float32)],
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
        given = self._checked(inputs)
        x = given.astype(np.float32)
        moved = norms_up(given - x)
        served = self.float32_logits(x)
        undecided = np.ones(len(x), np.bool_) if full_radii else ~served.decided
        values, labels = served.values.copy(), served.labels.copy()
        margins, radii = served.margins.copy(), sample_radii(served, self.certified.head)
        rows = np.flatnonzero(undecided)
        if len(rows):
            again = self.certified.logits(x[rows])
            values[rows], margins[rows] = again.values, again.margins
            labels[rows] = np.where(again.decided, again.labels, -1)
            radii[rows] = sample_radii(again, self.certified.head)
        # Where the input itself had to move further than the class is certain, nothing is.
        radii = np.where(moved > 0.0, np.maximum(down(radii - moved), 0.0), radii)
        labels = np.where((moved > 0.0) & (radii == 0.0), -1, labels)
        return Answers(labels, margins, np.where(labels < 0, 0.0, radii), ~served.decided, values)

    def float32_logits(self, x: NDArray[np.float32]) -> BoundedLogits:
        """What TensorFlow serves, with the bounds of its error that follow from the norms of the inputs alone."""
        import tensorflow as tf

        with tf.device("/CPU:0"):
            parts = [np.asarray(self._serve(x[i : i + _ROWS])) for i in range(0, max(len(x), 1), _ROWS)]
        values = np.concatenate(parts).astype(np.float64)
        # Beyond float32 the error is infinite anyway, and what is served says nothing.
        values = np.where(np.isfinite(values).all(axis=1, keepdims=True), values, 0.0)
        norms = norms_up(x.astype(np.float64))
        error = self.certified.error32_within(norms)
        return BoundedLogits(values, error, error, self.certified.slope32, self.certified.room32(norms))

    def _checked(self, inputs: ArrayLike) -> Array:
        given = np.asarray(inputs)
        if given.dtype.kind not in "fiub" or given.dtype.itemsize > 8:
            raise RefusedError(f"inputs of type {given.dtype.name}, and numbers are needed")
        if given.shape[1:] != self._shape:
            raise RefusedError(
                f"an input has the shape {given.shape[1:]}, and the network takes {self._shape}"
            )
        given = given.astype(np.float64)
        finite = (
            np.isfinite(given.reshape(len(given), -1)).all(axis=1) if len(given) else np.ones(0, np.bool_)
        )
        if not finite.all():
            raise RefusedError(f"input {int(np.argmin(finite))} holds a value that is NaN or infinite")
        return given


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
