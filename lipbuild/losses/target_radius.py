"""A loss's margin, given as such or by the radius that is to be certified."""

from __future__ import annotations

import math
from typing import Any

from lipbuild.losses.loss_parameters import config_value, non_negative_variable, positive_variable

PER_RADIUS = math.sqrt(2.0)
"""Margin `f_y - f_i` that certifies a radius of 1 on a 1-Lipschitz network: two outputs move apart by √2 at most."""

PER_RADIUS_BINARY = 2.0
"""Margin between the classes of a single output, half of it on each side of 0, that certifies a radius of 1."""


def margin_variable(
    margin: Any,
    name: str,
    *,
    default: float,
    target_radius: Any,
    lip_const: Any,
    per_radius: float,
) -> Any:
    """A variable of the margin: given, `per_radius · lip_const · target_radius`, or the default.

    Raises:
        ValueError: a number is out of its range, or both ways are used.
    """
    if target_radius is None:
        return non_negative_variable(default if margin is None else margin, name)
    if margin is not None:
        raise ValueError(
            f"Give {name} or target_radius, not both. "
            f"Received: {name}={margin!r}, target_radius={target_radius!r}"
        )
    radius = non_negative_variable(target_radius, "target_radius")
    constant = positive_variable(lip_const, "lip_const")
    return non_negative_variable(per_radius * config_value(constant) * config_value(radius), name)
