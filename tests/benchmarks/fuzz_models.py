"""Fuzz the certificates of random Keras models: what is stated must be no less than what is measured.

    python -m tests.benchmarks.fuzz_models --count 2000 --seed 0

Each model is saved and certified from its file. Either it is refused with a line, or: its stated constant is at least
the gain of Keras's own model in float64, in the steepest directions of its Jacobian at several points and between far
points; its outputs are those that the prover computes; and, for a share, the verifier accepts the certificate, and no
label that is served in float32 changes within its radii. Prints what was refused for which reason, and how loose the
constant of each kind of layer is. The exit status is 1 where something is wrong.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import os
import re
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from lipbuild.certifying.bounds.frobenius import norms_up
from lipbuild.certifying.bounds.inference_error import UNIT_ROUNDOFF_32, UNIT_ROUNDOFF_64
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.inference import forward
from lipbuild.certifying.network import Network
from lipbuild.errors import LipbuildError
from lipbuild.saved.archive import read_archive
from lipbuild.saved.certify import certify
from lipbuild.saved.keras_config import network_of
from lipbuild.utils.in_float64 import in_float64
from lipbuild.verifier import verify
from tests.certifying.random_models import RandomModel, random_model

# The share of models whose certificates are verified.
VERIFIED = 0.4


@dataclass
class Findings:
    """What came of the models."""

    certified: int = 0
    verified: int = 0
    served: int = 0
    not_built: int = 0
    refused: collections.Counter[str] = field(default_factory=collections.Counter)
    looseness: dict[str, list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    wrong: list[str] = field(default_factory=list)


def judge(rng: np.random.Generator, random: RandomModel, path: Path, findings: Findings) -> None:
    """Hold what is stated of a model against what is measured of it.

    Args:
        rng: Where points and directions come from.
        random: The model.
        path: Where it is saved.
        findings: Where it is noted.
    """
    model = random.model
    model.save(path)
    try:
        config, weights = read_archive(path)
        statement = certify(config, weights)
    except LipbuildError as error:
        findings.refused[_reason(str(error))] += 1
        return
    if random.refused:
        findings.wrong.append("it has several inputs or outputs, and is certified")
        return
    findings.certified += 1
    predicate = statement["predicate"]
    stated = float.fromhex(predicate["lipschitz"])
    network = network_of(config, weights)
    rows = {row["name"]: row for row in predicate["nodes"]}
    gains = {name: float.fromhex(row["upper"]) for name, row in rows.items() if "upper" in row}
    constants = {name: float.fromhex(row["constant"]) for name, row in rows.items()}
    certified = CertifiedNetwork(network, gains, constants)
    twin = Twin.of(model, certified)
    gain, proved_gain = measured_gain(rng, twin)
    if proved_gain > stated:
        findings.wrong.append(f"the constant {stated:.12g} is stated, and {proved_gain:.12g} measured")
    _compare_outputs(rng, twin, network, findings)
    if random.label and gain > 0.0 and stated > 0.0:
        findings.looseness[random.label].append(stated / gain)
    if rng.random() < VERIFIED:
        findings.verified += 1
        if len(model.output_shape) == 2:
            _judge_radii(rng, model, path, findings)
        else:
            verdict = verify(path, statement)
            findings.wrong += [
                f"the verifier: {failure.where} {failure.message}" for failure in verdict.failures
            ]


@dataclass(frozen=True)
class Twin:
    """Keras's model in float64, or in float32 where TensorFlow has no other, or no right one, without a compilation.

    Attributes:
        model: The model.
        certified: The network with the constants that are stated.
        unit: The unit roundoff of the model.
    """

    model: Any
    certified: CertifiedNetwork
    unit: float

    @classmethod
    def of(cls, model: Any, certified: CertifiedNetwork) -> Twin:
        """The twin of a model."""
        kinds = {type(layer).__name__ for layer in model._flatten_layers(include_self=False)}
        if kinds & {"AveragePooling3D", "Conv3D", "Conv3DTranspose"}:
            return cls(model, certified, UNIT_ROUNDOFF_32)
        return cls(in_float64(model), certified, UNIT_ROUNDOFF_64)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of an input."""
        return tuple(self.model.input_shape[1:])

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """The outputs of points, which are rows."""
        return np.asarray(self.model(points.reshape(-1, *self.shape), training=False), np.float64)

    def errors(self, points: np.ndarray) -> np.ndarray:
        """How far the outputs of rows may be from the exact ones."""
        with np.errstate(invalid="ignore", over="ignore"):
            errors = self.certified.error_within(norms_up(points), self.unit)
        return np.where(np.isnan(errors), np.inf, errors)


def measured_gain(rng: np.random.Generator, twin: Twin) -> tuple[float, float]:
    """The largest gain that was found, and what is left of it when the errors of arithmetic are taken off.

    Args:
        rng: Where the points come from.
        twin: Keras's model.
    """
    size = int(np.prod(twin.shape))
    scales = 10.0 ** np.array([0.0, 1.0, *rng.uniform(-3.0, 3.0, 2)])
    points = rng.standard_normal((len(scales), size)) * scales[:, None]
    step = scales[:, None] * (1e-4 if twin.unit == UNIT_ROUNDOFF_64 else 1e-2)
    with np.errstate(invalid="ignore", over="ignore"):
        ends = twin(points[:, None] + step[:, None] * np.eye(size)).reshape(len(scales), size, -1)
        jacobians = ends - twin(points).reshape(len(scales), 1, -1)
    directions = rng.standard_normal((len(scales), size)) / np.sqrt(size)
    for i, jacobian in enumerate(jacobians):
        largest = np.abs(jacobian).max(initial=0.0)
        if np.isfinite(largest) and largest > 0.0:
            directions[i] = np.linalg.svd(jacobian / largest, full_matrices=False)[0][:, 0]
    far = rng.standard_normal((8, size)) * 10.0 ** rng.uniform(-3.0, 3.0, (8, 1))
    starts = np.concatenate([points - step * directions, points, far])
    further = points + 3.0 * scales[:, None] * directions
    targets = np.concatenate([points + step * directions, further, -0.3 * far[::-1]])
    errors = twin.errors(starts) + twin.errors(targets)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        moved = np.linalg.norm((twin(targets) - twin(starts)).reshape(len(starts), -1), axis=1)
        gains = moved / np.linalg.norm(targets - starts, axis=1)
        left = np.where(moved > 0.0, gains * (1.0 - 2.0 * errors / moved) * (1.0 - 1e-9), 0.0)
    largest = [float(np.max(values, initial=0.0, where=np.isfinite(values))) for values in (gains, left)]
    return largest[0], largest[1]


def _compare_outputs(rng: np.random.Generator, twin: Twin, network: Network, findings: Findings) -> None:
    """Keras's outputs are the prover's, where they are finite."""
    x = rng.standard_normal((6, int(np.prod(twin.shape)))) * 10.0 ** rng.uniform(-3.0, 3.0, (6, 1))
    if twin.unit == UNIT_ROUNDOFF_32:
        x = x.astype(np.float32).astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        ours, theirs = forward(network, x.reshape(-1, *twin.shape)), twin(x)
    if ours.shape != theirs.shape:
        findings.wrong.append(f"the outputs have the shape {theirs.shape}, and {ours.shape} is certified")
        return
    finite = np.isfinite(theirs) & np.isfinite(ours)
    off, sizes = np.abs(np.where(finite, ours - theirs, 0.0)), np.abs(np.where(finite, theirs, 0.0))
    rows = tuple(range(1, off.ndim))
    allowed = 1e-9 * sizes.max(axis=rows) + 8.0 * twin.errors(x)
    if not (off.max(axis=rows) <= allowed).all():
        i = int(np.argmax(off.max(axis=rows) - allowed))
        findings.wrong.append(f"an output is {theirs[i].ravel()[:4]}, and {ours[i].ravel()[:4]} is certified")


def _judge_radii(rng: np.random.Generator, model: Any, path: Path, findings: Findings) -> None:
    """The verifier accepts stated radii, and inside those of float32 no served label changes."""
    shape = tuple(model.input_shape[1:])
    x = (rng.standard_normal((4, *shape)) * 10.0 ** rng.uniform(-3.0, 3.0, (4, *(1 for _ in shape)))).astype(
        "float32"
    )
    if rng.random() < 0.1:
        x[0] *= np.float32(1e35)
    semantics: Any = rng.choice(["real", "float32"])
    try:
        statement = certify(*read_archive(path), inputs=x, semantics=semantics)
    except LipbuildError as error:
        findings.refused[_reason(str(error))] += 1
        return
    verdict = verify(path, statement, inputs=x)
    findings.wrong += [f"the verifier: {failure.where} {failure.message}" for failure in verdict.failures]
    radii = np.array([float.fromhex(r) for r in statement["predicate"]["samples"]["radii"]])
    if semantics != "float32" or not (radii > 0.0).any():
        return
    findings.served += 1
    moved = np.repeat(x.astype(np.float64), 8, axis=0)
    directions = rng.standard_normal(moved.shape)
    lengths = np.sqrt((directions**2).reshape(len(moved), -1).sum(axis=1)).reshape(-1, *(1 for _ in shape))
    reach = np.minimum(np.repeat(radii, 8), 1e30).reshape(-1, *(1 for _ in shape))
    moved = moved + directions / lengths * reach * (1.0 - 1e-6)
    before, after = (np.asarray(model(points.astype("float32"), training=False)) for points in (x, moved))
    labels = [(z[:, 0] > 0) if z.shape[1] == 1 else np.argmax(z, axis=1) for z in (before, after)]
    same = (np.repeat(labels[0], 8) == labels[1]) & np.isfinite(after).all(axis=1)
    if not same[np.repeat(radii, 8) > 0.0].all():
        findings.wrong.append("a label that is served in float32 changes within its radius")


def _reason(message: str) -> str:
    """A refusal without its names and numbers."""
    line = message.split("\n", 1)[0]
    line = re.sub(r"^`[^`]*`", "`…`", line)
    return re.sub(r"[\[(][^)\]]*[\])]|-?\d[\d.e+-]*", "…", line)[:110]


def main() -> int:
    """Run the fuzzing; the exit status is 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--first", type=int, default=0, help="the number of the first model, to see one again"
    )
    arguments = parser.parse_args()
    # In float64 too the number that it is in float32.
    keras.config.set_epsilon(float(np.float32(keras.config.epsilon())))
    # Of a softmax along an axis of length 1, which is random too.
    warnings.filterwarnings("ignore", category=UserWarning)
    findings, start, wrong = Findings(), time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KeyboardInterrupt):
        for number in range(arguments.first, arguments.first + arguments.count):
            rng = np.random.default_rng([arguments.seed, number])
            if number % 100 == 0:
                keras.utils.clear_session()
            try:
                random = random_model(rng)
            except Exception:  # whatever Keras says of options that do not fit
                findings.not_built += 1
                continue
            findings.wrong.clear()
            judge(rng, random, Path(folder) / "model.keras", findings)
            wrong += bool(findings.wrong)
            kinds = [type(layer).__name__ for layer in random.model._flatten_layers(include_self=False)]
            for line in findings.wrong:
                print(f"{number}: {random.label} {' '.join(kinds)}: {line}", flush=True)
    print(f"{findings.not_built} choices of options that Keras does not build\n")
    for reason, count in findings.refused.most_common():
        print(f"{count:5d} refused: {reason}")
    print("\nstated over measured constant of models of one layer: median, largest, models")
    for kind, values in sorted(findings.looseness.items(), key=lambda item: -float(np.median(item[1]))):
        print(f"{kind:24s} {np.median(values):12.6g} {max(values):12.6g} {len(values):5d}")
    print(
        f"\n{findings.certified} models certified, {sum(findings.refused.values())} refusals, {findings.verified} "
        f"verified, {findings.served} served in float32, {wrong} wrong, {time.perf_counter() - start:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
