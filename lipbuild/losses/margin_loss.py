"""What the losses share that ask for a margin."""

from __future__ import annotations

from typing import Any

import keras

from lipbuild.losses.loss_parameters import config_value, non_negative_variable, positive_variable
from lipbuild.margin import OF_CLASSES, Margin


class MarginLoss(keras.losses.Loss):
    """The base of the losses that ask for a margin m, given as such or by the radius ε that is to be certified.

    `m = √2 L ε` for one output a class, `m = 2 L ε` for a single output whose sign tells two classes.

    Args:
        min_margin: The margin m, at least 0; 1 where neither it nor `target_radius` is given.
        reduction: As in `keras.losses.Loss`.
        name: As in `keras.losses.Loss`; the name of the class where left out.
        target_radius: The radius ε, in the units of the network's input.
        lip_const: The network's Lipschitz constant L, for `target_radius`.
        **kwargs: `dtype`.

    Raises:
        ValueError: A number is out of its range, or a margin is given beside `target_radius`.
    """

    # What it is called among the arguments, and how it follows from them.
    _argument = "min_margin"
    _asked: Margin = OF_CLASSES

    def __init__(
        self,
        min_margin: float | None = None,
        reduction: str = "sum_over_batch_size",
        name: str | None = "",
        target_radius: float | None = None,
        lip_const: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=type(self).__name__ if name == "" else name, **kwargs)
        radius = None
        if target_radius is not None:
            if min_margin is not None:
                raise ValueError(
                    f"Give {self._argument} or target_radius, not both. Received: "
                    f"{self._argument}={min_margin!r}, target_radius={target_radius!r}"
                )
            radius = config_value(non_negative_variable(target_radius, "target_radius"))
            lip_const = config_value(positive_variable(lip_const, "lip_const"))
        margin = self._asked.of(min_margin, radius, lip_const)
        setattr(self, self._argument, non_negative_variable(margin, self._argument))

    def _temperature(self, given: float | None, target_radius: float | None, lip_const: float) -> Any:
        """The variable of the temperature: in its proportion to the margin of a radius where it is left out."""
        radius = None if target_radius is None else float(target_radius)
        return positive_variable(self._asked.temperature_of(given, radius, float(lip_const)), "temperature")

    def get_config(self) -> dict[str, Any]:
        """The arguments; a target radius as the margin that came of it."""
        return {**super().get_config(), self._argument: config_value(getattr(self, self._argument))}
