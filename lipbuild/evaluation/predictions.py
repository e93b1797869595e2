from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lipbuild.config.choices import Task
from lipbuild.diagnostics.dump_csv import dump_csv
from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.outputs.shown import Shown

Row = dict[str, Any]


@dataclass(frozen=True)
class Predictions(Shown):
    """What a network says of inputs, a row each.

    For classes a row has `input`, `class` and `number` (None where the guard abstains), `margin`, `radius`
    (None where nothing is certified), `abstained` and `recomputed`. For a regression it has `input`, and for
    each output its `value`, and `low` and `high`: where it stays while the input moves by the radius asked for.

    Attributes:
        task: What the network was trained for.
        rows: The rows.
        lipschitz: The proved constant.
        unit: What one unit of a radius is.
        radius: How far the input may move for `low` and `high`; None for classes.
        voided_by: The soundness rules that the config silences; where there is one nothing is certified.
        tolerance: By how much columns may be off, by their names, where the config says it. A row of classes then has
            `within_tolerance`: whether its class cannot change; one of a regression, for each output,
            `low_in_tolerance` and `high_in_tolerance`.
    """

    task: Task
    rows: tuple[Row, ...]
    lipschitz: float
    unit: str
    radius: float | None = None
    voided_by: tuple[str, ...] = ()
    tolerance: Mapping[str, float] = field(default_factory=dict)

    @property
    def columns(self) -> Sequence[str]:
        """The keys of a row."""
        return list(self.rows[0]) if self.rows else []

    def as_json(self) -> dict[str, Any]:
        """As one JSON object."""
        value: dict[str, Any] = {
            "format": "lipbuild.predictions",
            "version": 1,
            "task": self.task,
            "semantics": "guarded",
            "lipschitz": self.lipschitz,
            "radius_unit": self.unit,
        }
        if self.radius is not None:
            value["radius"] = self.radius
        if self.tolerance:
            value["tolerance"] = dict(self.tolerance)
        if self.voided_by:
            value["void"] = {"silenced_rules": list(self.voided_by)}
        return {**value, "predictions": list(self.rows)}

    def as_json_lines(self) -> str:
        """A JSON object a row."""
        return "".join(f"{dump_json(row, indent=None)}\n" for row in self.rows)

    def as_csv(self) -> str:
        """A table with a header; a cell is empty where there is nothing to say."""
        cells = (
            [str(v).lower() if isinstance(v, bool) else v for v in map(row.get, self.columns)]
            for row in self.rows
        )
        return dump_csv(self.columns, cells)
