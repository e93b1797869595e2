from __future__ import annotations

from decimal import Decimal

from pydantic import Field, model_validator

from lipbuild.fields.misfit import misfit, redundant
from lipbuild.fields.strict import Strict

Number = int | float


class Range(Strict):
    """The numbers between two: whole ones where `low`, `high` and `step` are written as whole numbers."""

    low: Number = Field(description="The least number.")
    high: Number = Field(description="The greatest number, which belongs to the range.")
    step: Number | None = Field(
        None, gt=0, description="The distance between two numbers. Default: any distance."
    )
    log: bool = Field(
        False,
        description="Whether numbers are drawn evenly by their logarithms: from 1 to 10 as from 10 to 100.",
    )

    @model_validator(mode="after")
    def _is_a_range(self) -> Range:
        if self.low >= self.high:
            message = f"`low` must be less than `high`, and these are {self.low:g} and {self.high:g}"
            raise misfit(message, "low", "high")
        if self.log and self.low <= 0:
            message = f"`low` must be greater than 0 where `log` is true, and this is {self.low:g}"
            raise misfit(message, "low", "log")
        if self.log and self.step is not None:
            raise redundant(
                "`log` and `step` do not go together", "log", "step", help="leave one of them out"
            )
        if self.step is not None and (_exact(self.high) - _exact(self.low)) % _exact(self.step):
            raise misfit(
                f"`high` is not a whole number of steps of {self.step:g} away from `low`, so it is never reached",
                "high",
                "low",
                "step",
            )
        return self

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are whole numbers."""
        return all(isinstance(value, int) for value in (self.low, self.high, self.step or 0))

    @property
    def spacing(self) -> Number | None:
        """The distance of one number from the next; None where they lie densely."""
        return 1 if self.step is None and self.is_whole else self.step

    @property
    def count(self) -> int | None:
        """How many numbers it has; None where they lie densely."""
        if self.spacing is None:
            return None
        return int((_exact(self.high) - _exact(self.low)) / _exact(self.spacing)) + 1

    def number(self, index: int) -> Number:
        """The number after so many steps from the lowest, without an error of rounding."""
        assert self.spacing is not None
        exact = _exact(self.low) + index * _exact(self.spacing)
        return int(exact) if self.is_whole else float(exact)

    def nearest(self, value: float) -> Number:
        """The number of the range that is nearest to a value."""
        if self.count is None or self.spacing is None:
            return min(max(float(value), float(self.low)), float(self.high))
        index = round((value - self.low) / self.spacing)
        return self.number(min(max(index, 0), self.count - 1))

    def describe(self) -> str:
        """The range as a config has it."""
        parts = [f"low: {self.low!r}", f"high: {self.high!r}"]
        parts += [f"step: {self.step!r}"] if self.step is not None else []
        parts += ["log: true"] if self.log else []
        return f"{{{', '.join(parts)}}}"


def _exact(value: Number) -> Decimal:
    return Decimal(repr(value))
