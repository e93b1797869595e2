from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Void


class PredictionsOutput(Output):
    """Printed by `lipbuild predict`."""

    format: Literal["lipbuild.predictions"]
    version: Literal[1]
    task: str = Field(description="`binary`, `multiclass` or `regression`.")
    semantics: Literal["guarded"] = Field(description="What the radii are.")
    lipschitz: float | None = Field(description="The proved constant, L2; null where nothing is proved.")
    radius_unit: str = Field(description="What one unit of a radius is.")
    radius: float | None = Field(None, description="For numbers: how far the input may move.")
    tolerance: dict[str, float] | None = Field(
        None, description="By how much columns may be off, if the config says it."
    )
    void: Void | None = Field(None, description="If the config silences a soundness rule.")
    predictions: list[dict[str, Any]] = Field(
        description="One row per input, with `input`. For classes `class`, `number`, `margin`, `radius`, `abstained` "
        "and "
        "`recomputed`, the class null if the guard abstains. For numbers the value of each output and its "
        "interval. With a tolerance also `within_tolerance`, or `low_in_tolerance` and `high_in_tolerance`."
    )
