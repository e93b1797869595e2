from __future__ import annotations

import numpy as np

from lipbuild.certify.bounds.arrays import exact_float64
from lipbuild.certify.bounds.balls import Balls, frobenius_up
from lipbuild.certify.bounds.rounding import div_up, gamma, mul_up
from lipbuild.certify.computed.computed_kernel import ComputedKernel
from lipbuild.certify.computed.safety import SAFETY

_RIDGE = 1e-6


def orthogonal_dense_kernel(vectors: np.ndarray, inputs: int, units: int, factor: float) -> ComputedKernel:
    """The kernel of `OrthoDense`: a block of s (I − 2 s² V (VᵀV + ρI)⁻¹ Vᵀ), s the safety factor.

    ρ is 1e-6 of the mean of the squared singular values of V. The system is solved in floating point; with
    the solution X̃ and the residual R = (VᵀV + ρI)X̃ − Vᵀ, enclosed in balls, V(X̃ − X) = XᵀR = X̃ᵀR + (X − X̃)ᵀR,
    where |X̃ᵀR| <= |X̃|ᵀ|R| and the rest has at most the norm ‖R‖²/ρ, as X̃ − X = (VᵀV + ρI)⁻¹R.

    Args:
        vectors: V, (max(inputs, units), n).
        inputs: rows of the block.
        units: columns of the block.
        factor: what the kernel is multiplied by.

    Returns:
        (inputs, units).

    Raises:
        ValueError: if V is zero, or its numbers are too small or not finite.
    """
    values = exact_float64(vectors, ndim=2)
    # The kernel does not change where V is multiplied by a power of two.
    peak = float(np.max(np.abs(values), initial=0.0))
    # Below it the layer's own floor of the mean would count.
    if not peak > 2.0**-40:
        raise ValueError("the vectors of the reflection are zero, or near it")
    values = np.ldexp(values, -int(np.frexp(peak)[1]))
    v = Balls.exact(values)
    gram = v.transposed @ v
    order = values.shape[1]
    trace = Balls(np.diag(gram.middle), np.diag(gram.radius)).summed(0)
    ridge = trace * Balls.exact(np.asarray(_RIDGE)) * Balls.exact(np.asarray(float(order))).inverse()
    shifted = gram + Balls.exact(np.eye(order)) * ridge
    try:
        solution = np.linalg.solve(shifted.middle, values.T)
    except np.linalg.LinAlgError as error:
        raise ValueError(f"the reflection cannot be computed: {error}") from error
    residual = shifted @ Balls.exact(solution) - v.transposed
    nearly = v @ Balls.exact(solution)
    # |X̃ᵀR|, a product of matrices that are not negative.
    off = (np.abs(solution).T @ residual.largest) * (1.0 + 2.0 * gamma(order + 16))
    projection = Balls(nearly.middle, (nearly.radius + off) * (1.0 + 2.0**-50))
    twice = projection * Balls.exact(np.asarray(2.0)) * SAFETY * SAFETY
    reflection = (Balls.exact(np.eye(len(values))) - twice) * SAFETY * Balls.exact(np.asarray(factor))
    least = (float(ridge.middle) - float(ridge.radius)) * (1.0 - 2.0**-50)
    size = mul_up(frobenius_up(residual.largest), 1.0 + 2.0**-50)
    # The factors other than 2 and `factor` are below 1.
    extra = mul_up(mul_up(2.0, abs(factor)), div_up(mul_up(size, size), least))
    return ComputedKernel.of(reflection[:inputs, :units], extra)
