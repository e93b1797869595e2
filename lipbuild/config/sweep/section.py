from typing import Annotated, Any

from pydantic import Field

from lipbuild.config.choices import OBJECTIVES, PRUNERS, SAMPLERS, ObjectiveSpec, PrunerSpec, SamplerSpec
from lipbuild.fields.choice import Choice
from lipbuild.fields.strict import Strict


def _tpe() -> SamplerSpec:
    return SAMPLERS["TPE"]()


class SweepSection(Strict):
    """What `lipbuild sweep` tries, and what it looks for."""

    space: Any = Field(
        description="For each key that is varied, by its path as `--set` has it (`train.batch_size`), a range "
        "`{low: …, high: …}` or a list of choices."
    )
    objectives: Annotated[list[ObjectiveSpec], Choice("objective", OBJECTIVES, many=True)] = Field(
        min_length=1,
        description="What is best, measured on the validation part after the training. With several objectives, the "
        "trials "
        "are kept for which no other is better in all of them.",
    )
    trials: int = Field(
        20, ge=1, le=1_000_000, description="How many trials there are, of all workers together."
    )
    timeout: float | None = Field(None, gt=0, description="The seconds after which no new trial starts.")
    sampler: Annotated[SamplerSpec, Choice("sampler", SAMPLERS)] = Field(
        default_factory=_tpe, description="How the next trial is chosen."
    )
    pruner: Annotated[PrunerSpec | None, Choice("pruner", PRUNERS)] = Field(
        None,
        description="When a trial is ended early, by the objective's metric after each epoch. Default: never.",
    )
