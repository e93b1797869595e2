"""What a program must pass before it is written: what it answers, from every compiler that is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounded_logits import BoundedLogits
from lipbuild.certifying.inference import forward
from lipbuild.certifying.sample_radii import sample_radii
from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.call import Values
from lipbuild.exporting.c_code.compilers import Answered, Build, Compiled
from lipbuild.exporting.c_code.subject import Subject

# Fused products may change an output by so many times what float32 usually changes it by.
_USUAL = 16.0
# How many products are computed for the inputs of one kind, and by each compiled program.
_PRODUCTS = 2e8
_FEWEST = 8
# What float64 may be off by where a difference of logits is nearly what it may move.
_SPARE = 1e-9


def affordable(count: int, products: float) -> NDArray[np.int64]:
    """Which of so many inputs a program of so many products is run on: all, or some that are evenly spaced."""
    most = max(_FEWEST, int(_PRODUCTS / max(products, 1.0)))
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def hostile(shape: tuple[int, ...], dtype: Any, limit: float) -> Values:
    """Inputs of which nothing may be certified, or that are at the edge of what may be.

    NaN, infinities, the largest and the least numbers, and norms just below and above the limit.

    Args:
        shape: The shape of one sample.
        dtype: The type of its numbers.
        limit: The norm up to which something is certified.
    """
    limits, size = np.finfo(dtype), int(np.prod(shape))
    rows = []
    sizes = (limits.max, -limits.max, limits.tiny, limits.smallest_subnormal, 1e-40, -0.0)
    for value in (np.nan, np.inf, -np.inf, *sizes):
        alone = np.full(size, 0.25)
        alone[size // 2] = value
        rows += [alone, np.full(size, value)]
    for share in (0.5, 1.0 - 1e-5, 1.0 + 1e-5, 2.0):
        with np.errstate(over="ignore"):
            rows += [
                np.full(size, share * limit / np.sqrt(size)),
                np.eye(1, size, size - 1)[0] * share * limit,
            ]
    with np.errstate(over="ignore"):
        return np.array(rows).astype(dtype).reshape(-1, *shape)


def check_emulated(subject: Subject, inputs: Values) -> None:
    """Let a program through whose outputs are within the proved error of float64, and whose radii are proved.

    Raises:
        RefusedError: They are not.
    """
    found = subject.emulate(inputs)
    _check_proved(subject, "the emulated program", found, inputs)


def check_compiled(subject: Subject, compiled: Compiled, inputs: Values) -> None:
    """Let a compiled program through: the bits of the emulation, or what fused products may make of them.

    Args:
        subject: What it was made of.
        compiled: The program.
        inputs: Inputs, hostile ones too.

    Raises:
        RefusedError: It answers something else.
    """
    answered, expected = compiled(inputs), subject.emulate(inputs)
    name = f"the program of `{compiled.build.described}`"
    if compiled.build.is_emulated:
        for output, values in expected.items():
            if not same_bits(answered.outputs[output], values):
                raise RefusedError(
                    f"{name} has other bits in `{output}` than the emulation: nothing was exported"
                )
    _check_selftest(name, answered, compiled.build)
    _check_fused(subject, name, answered.outputs, expected, inputs)
    _check_proved(subject, name, answered.outputs, inputs)


def same_bits(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two arrays are the same to the bit; where both are NaN it may be any."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    same = one.view(f"u{one.dtype.itemsize}") == other.view(f"u{other.dtype.itemsize}")
    if one.dtype.kind == "f":
        same |= np.isnan(one) & np.isnan(other)
    return bool(same.all())


def _check_selftest(name: str, answered: Answered, build: Build) -> None:
    if answered.selftest > (0 if build.is_emulated else 1):
        raise RefusedError(f"{name} fails its self-test with {answered.selftest}: nothing was exported")


def _check_fused(
    subject: Subject, name: str, found: Mapping[str, Any], expected: Mapping[str, Any], inputs: Values
) -> None:
    """Fused products move an output by no more than 16 times what the arithmetic usually does."""
    output = subject.output
    exact = _exact(subject, inputs)
    finite = np.isfinite(exact).all(axis=1) & np.isfinite(expected[output]).all(axis=1)
    norms = _norms(subject, inputs)
    rows = finite & (norms <= subject.error.limit)
    if not rows.any():
        return
    scale = np.maximum(norms[rows], 1.0)
    usual = np.abs(expected[output][rows] - exact[rows]).max(axis=1) / scale
    moved = np.abs(found[output][rows].astype(np.float64) - expected[output][rows]).max(axis=1) / scale
    allowed = _USUAL * max(float(usual.max()), subject.arithmetic.unit)
    if not (moved <= allowed).all():
        raise RefusedError(
            f"{name} differs from the emulation by {moved.max():.3g}, and at most {allowed:.3g} is usual: nothing was "
            "exported"
        )


def _check_proved(subject: Subject, name: str, found: Mapping[str, Any], inputs: Values) -> None:
    """What is computed is within the proved error of the exact function, and no radius is above the proved one."""
    exact, norms = _exact(subject, inputs), _norms(subject, inputs)
    output = subject.output
    within = norms <= subject.error.limit
    with np.errstate(all="ignore"):
        off = np.linalg.norm(found[output].astype(np.float64) - exact, axis=1)
    # What float64 itself is off by is far below the error of float32; of double it is as much.
    allowed = subject.error.at(norms) * (2.0 if subject.arithmetic.type == "double" else 1.0)
    if not (off[within] <= allowed[within]).all():
        raise RefusedError(f"{name} is further from the exact function than is proved: nothing was exported")
    if subject.intervals is not None:
        spare = subject.error.at(norms) if subject.arithmetic.type == "double" else np.zeros(len(norms))
        _check_intervals(subject, name, found, exact, np.where(within, spare, np.nan))
    if subject.radius is None:
        return
    radii = found["radius"].astype(np.float64)
    labels, proved = _labelled(subject, exact)
    proved = np.where(within, proved, 0.0)
    label = np.where(within & np.isfinite(exact).all(axis=1), labels, -1)
    certified = found["certified"] != 0
    wrong = ~(radii <= proved) | (certified != (radii > 0)) | (certified & (found["label"] != label))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise RefusedError(
            f"{name} gives the label {found['label'][i]} and the radius {radii[i]:.9g} where {label[i]} and "
            f"{proved[i]:.9g} are proved: nothing was exported"
        )
    if subject.radius.kept is not None:
        assert subject.moves is not None
        pairs = subject.moves.pairs(subject.certified.network)
        gaps = np.abs(exact) if len(pairs) == 1 else exact[np.arange(len(exact)), labels][:, None] - exact
        bounds = pairs[np.zeros_like(labels) if len(pairs) == 1 else labels]
        stays = (gaps * (1.0 + _SPARE) > bounds) | (gaps == 0.0 if len(pairs) > 1 else False)
        if ((found["within_tolerance"] != 0) & ~(within & stays.all(axis=1))).any():
            raise RefusedError(
                f"{name} says of a class that it stays within the tolerances, which is not proved: nothing was exported"
            )


def _check_intervals(
    subject: Subject,
    name: str,
    found: Mapping[str, Any],
    exact: NDArray[np.float64],
    spare: NDArray[np.float64],
) -> None:
    """Each interval holds what is proved of the exact value, or is none.

    Args:
        subject: The program, and what is proved of it.
        name: The program, for the message.
        found: What it answers.
        exact: The values in float64.
        spare: What these may be off by; NaN where nothing may be said.
    """
    assert subject.moves is not None
    nothing, certified = float(np.finfo(subject.arithmetic.dtype).max), found["certified"] != 0
    for ends, (_, most) in subject.moves.intervals.items():
        low, high = (found[f"{end}{ends}"].astype(np.float64) for end in ("low", "high"))
        moved = np.asarray(most) - spare[:, None]
        with np.errstate(all="ignore"):
            holds = ((low <= exact - moved) & (high >= exact + moved)).all(axis=1)
        none = ((low == -nothing) & (high == nothing)).all(axis=1)
        if not np.where(certified, holds, none).all():
            raise RefusedError(
                f"{name} gives an interval that is narrower than what is proved: nothing was exported"
            )


def lost(subject: Subject, inputs: Values) -> float:
    """By which share a program's radii are on average below those in exact arithmetic, where these are above 0."""
    _, proved = _labelled(subject, _exact(subject, inputs))
    kept = subject.emulate(inputs)["radius"].astype(np.float64)[proved > 0.0] / proved[proved > 0.0]
    return float(1.0 - kept.mean()) if len(kept) else 0.0


def _labelled(subject: Subject, exact: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The labels of logits, and the radii that are proved where nothing is rounded."""
    values, zeros = np.where(np.isfinite(exact), exact, 0.0), np.zeros(len(exact))
    logits = BoundedLogits(values, zeros, zeros, 0.0, zeros)
    return logits.labels, sample_radii(logits, subject.certified.head)


def _exact(subject: Subject, inputs: Values) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        return forward(subject.certified.network, inputs).reshape(len(inputs), -1)


def _norms(subject: Subject, inputs: Values) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        norms = np.linalg.norm(subject.measured(inputs), axis=1)
    return np.where(np.isnan(norms), np.inf, norms)
