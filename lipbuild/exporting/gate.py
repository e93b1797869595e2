"""What an export must pass before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import RefusedError
from lipbuild.guard.promises import KernelNorm
from lipbuild.runtimes.runtime import Outputs, Predict

# The greatest difference of any output, and the relative excess of the constant, that are let through.
OUTPUT_TOLERANCE = 1e-5
# Two float32 runtimes add products in orders of their own: this many units in the last place of the outputs' size.
_ULPS = 16
RESOLUTION = f"{_ULPS} units in the last place of the largest output, up to twice the proved error of float32"
_EPSILON = float(np.finfo(np.float32).eps)
# How far a kernel that is computed in float64 may be from what the layer computes in float32, relative to its norm: the
# factors of an orthogonal convolution are up to 4e-6 off their manifold while they are trained.
_RECOMPUTED = 2e-5
NORM_TOLERANCE = 1e-6

Samples = NDArray[np.float32]
Array = NDArray[np.float64]
# For each kind of inputs what is allowed for each of its samples.
Limits = Mapping[str, Array]


@dataclass(frozen=True)
class Difference:
    """How an export's outputs compare with those of the run's plain network on one kind of inputs.

    Attributes:
        inputs: The kind of inputs: `real`, `one`, `random`, `extreme`.
        samples: How many there were.
        greatest: The greatest difference of any output, over the tolerance's scale of its sample.
    """

    inputs: str
    samples: int
    greatest: float


def absolute_limits(probes: Mapping[str, Samples], tolerance: float = OUTPUT_TOLERANCE) -> Limits:
    """For each sample the greatest difference of an output: s times a tolerance.

    Outputs grow with the input, and float32 with them: s is the sample's norm over that of the largest real one, and
    1 at least.

    Args:
        probes: The inputs.
        tolerance: What is allowed on the data.
    """
    return {kind: tolerance * _scales(inputs, probes) for kind, inputs in probes.items()}


def float32_limits(
    probes: Mapping[str, Samples], source: Mapping[str, Outputs], error: Callable[[Array], Array] | None
) -> Limits:
    """For each sample the greatest difference of an output: max(1e-5 s, min(16 · 2⁻²³ · S, 2e)).

    Below the resolution of float32 no two runtimes agree. Above twice the proved error of float32 something else is
    computed.

    Args:
        probes: The inputs.
        source: For each kind of inputs the outputs of the run's plain network; S is the largest of that kind.
        error: e, the proved bound of the error of float32 for inputs of some norms; None where nothing is proved.
    """
    limits = dict(absolute_limits(probes))
    if error is None:
        return limits
    for kind, inputs in probes.items():
        size = max(float(np.max(np.abs(np.asarray(values, np.float64)))) for values in source[kind].values())
        proved = 2.0 * error(_norms(inputs))
        resolution = np.where(np.isfinite(proved), np.minimum(_ULPS * _EPSILON * size, proved), 0.0)
        limits[kind] = np.maximum(limits[kind], resolution)
    return limits


def check_norms(norms: Iterable[KernelNorm]) -> None:
    """Let kernels through whose norm is what was promised.

    Raises:
        RefusedError: One is not; nothing may be written.
    """
    for kernel in norms:
        if not kernel.passes:
            raise RefusedError(
                f"the kernel of `{kernel.layer}` has the spectral norm {kernel.norm:.9g}, and at most "
                f"{kernel.allowed:.9g} is allowed: nothing was exported",
                "its weights were changed after the training; train again",
            )


def check_bound(name: str, bound: float, certified: float, *, same: bool) -> None:
    """Let an export through whose own weights have at most the certified constant.

    Weights that the converter multiplied by a factor of the network are rounded once more than the trained ones;
    they may exceed it by 1e-6 of it, and what is stated of the file is their own constant.

    Args:
        name: The format, for the message.
        bound: What is proved of the file's weights.
        certified: What is certified.
        same: Whether the file holds the trained weights bit for bit.

    Raises:
        RefusedError: They have a greater one.
    """
    if not bound <= certified * (1.0 if same else 1.0 + NORM_TOLERANCE):
        raise RefusedError(
            f"the weights of the {name} export have a Lipschitz constant of up to {bound:.12g}, and "
            f"{certified:.12g} is certified: nothing was exported"
        )


def check_outputs(
    name: str,
    exported: Predict,
    source: Mapping[str, Outputs],
    probes: Mapping[str, Samples],
    limits: Limits | None = None,
) -> list[Difference]:
    """Let an export through whose outputs are those of the run's plain network, of which the certificate is.

    Args:
        name: The format, for the message.
        exported: Runs the exported file.
        source: For each kind of inputs that network's outputs.
        probes: The inputs.
        limits: The greatest difference for each sample; 1e-5 on the data where left out.

    Raises:
        RefusedError: An output differs by more, is missing, or is not a number.
    """
    limits = absolute_limits(probes) if limits is None else limits
    result = []
    for kind, inputs in probes.items():
        found, scale = exported(inputs), _scales(inputs, probes)
        greatest = 0.0
        for output, values in source[kind].items():
            if output not in found or found[output].shape != values.shape:
                raise RefusedError(
                    f"the {name} export has no output `{output}` of the shape {values.shape[1:]}"
                )
            difference = _differences(found[output], values)
            excess = difference / limits[kind]
            if not (excess <= 1.0).all():
                worst = int(np.argmax(np.where(np.isnan(excess), np.inf, excess)))
                raise RefusedError(
                    f"the {name} export differs from the plain network by {difference[worst] / scale[worst]:.3g} on "
                    f"{kind} inputs, and at most {limits[kind][worst] / scale[worst]:.3g} is allowed: nothing was "
                    "exported"
                )
            greatest = max(greatest, float(np.max(difference / scale)))
        result.append(Difference(kind, len(inputs), greatest))
    return result


def check_plain(
    plain: Mapping[str, Outputs],
    trained: Mapping[str, Outputs],
    probes: Mapping[str, Samples],
    lipschitz: float,
    kernels: int,
) -> None:
    """Let a plain network through that computes what was trained.

    Its kernels are computed anew, in float64. For each of them an output may be 2e-5 of the largest that the promised
    constant allows from what the trained model computes.

    Args:
        plain: For each kind of inputs the plain network's outputs.
        trained: The trained model's.
        probes: The inputs.
        lipschitz: The constant that is promised of both.
        kernels: How many layers have a kernel.

    Raises:
        RefusedError: An output differs by more; nothing may be written.
    """
    reach = lipschitz * float(np.max(_norms(probes["real"])))
    tolerance = OUTPUT_TOLERANCE + _RECOMPUTED * kernels * reach
    for kind, inputs in probes.items():
        for output, values in trained[kind].items():
            worst = _worst(plain[kind][output], values, _scales(inputs, probes))
            if not worst <= tolerance:
                raise RefusedError(
                    f"the plain network differs from the trained model by {worst:.3g} on {kind} inputs, and at most "
                    f"{tolerance:.3g} is allowed: nothing was exported"
                )


def _worst(found: NDArray[np.generic], values: NDArray[np.generic], scale: NDArray[np.float64]) -> float:
    """The greatest difference of an output, over the scale of its sample."""
    return float(np.max(_differences(found, values) / scale))


def _differences(found: NDArray[np.generic], values: NDArray[np.generic]) -> Array:
    """The greatest difference of an output, for each sample."""
    difference = np.abs(np.asarray(found, np.float64) - np.asarray(values, np.float64))
    return np.asarray(difference.reshape(len(difference), -1).max(axis=1))


def _scales(inputs: Samples, probes: Mapping[str, Samples]) -> NDArray[np.float64]:
    """For each sample its norm over that of the largest real one; 1 at least."""
    largest = float(np.max(_norms(probes["real"])))
    return np.maximum(1.0, _norms(inputs) / largest) if largest > 0.0 else np.ones(len(inputs))


def _norms(inputs: Samples) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(inputs.reshape(len(inputs), -1).astype(np.float64), axis=1))
