from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from lipbuild.config.losses.loss import Task
from lipbuild.fields.strict import Strict

Semantics = Literal["real", "float32"]


class ObjectiveSpec(Strict):
    """What a sweep looks for: a figure of a trained network, and whether more of it is better.

    Attributes:
        kind: The name in a config.
        maximized: Whether more is better.
        tasks: The tasks for which it can be measured.
        certified: Whether it rests on a certificate.
    """

    kind: ClassVar[str]
    maximized: ClassVar[bool] = True
    tasks: ClassVar[tuple[Task, ...]] = ("multiclass", "binary")
    certified: ClassVar[bool] = False

    @property
    def label(self) -> str:
        """What it is called in tables, and by `--pick`."""
        return self.kind

    @property
    def column(self) -> str | None:
        """The column of `metrics.csv` that shows it as the training goes; None where none does."""
        return None

    @property
    def radii(self) -> tuple[float, ...]:
        """The radii at which it is measured."""
        return ()

    def value(self, figures: Mapping[str, Any]) -> float | None:
        """Its value, None where it is not stated.

        Args:
            figures: An evaluation as it is written to `evaluation.json`, and `parameters`.
        """
        found = figures[self.kind]
        return None if found is None else float(found)
