"""Power iteration: an estimate of a norm, from below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops


def normalized(x: Any) -> Any:
    """A tensor over its L2 norm."""
    return x / ops.sqrt(ops.maximum(ops.sum(ops.square(x)), 1e-12))


def power_iteration(
    operator: Callable[[Any], Any], adjoint: Callable[[Any], Any], u: Any, eps: float, maxiter: int
) -> Any:
    """An approximate first singular vector of an operator, without gradient.

    Args:
        operator: The operator.
        adjoint: Its adjoint.
        u: The vector to start from.
        eps: The steps end when one moves the unit vector by less than this.
        maxiter: Most steps.

    Returns:
        A unit vector of the shape of u. `‖operator(u)‖` is a **lower** bound of the norm.
    """

    def goes_on(_: Any, moved: Any) -> Any:
        return moved >= eps

    def body(u: Any, _: Any) -> tuple[Any, Any]:
        new = normalized(adjoint(operator(u)))
        return new, ops.sqrt(ops.sum(ops.square(new - u)))

    u = normalized(u)
    far = ops.cast(float("inf"), u.dtype)
    return ops.stop_gradient(ops.while_loop(goes_on, body, (u, far), maximum_iterations=maxiter)[0])
