from __future__ import annotations

from typing import Literal

from pydantic import Field

from lipbuild.outputs.value import Output, Value


class TimesValue(Value):
    """Times in seconds."""

    median: float = Field(description="The median.")
    first: float = Field(description="The first call, compilation included.")


class RatioOfTimes(Value):
    """lipbuild's time over plain Keras's, of rounds that took turns."""

    median: float = Field(description="The median.")
    lower_quartile: float = Field(description="A quarter are below.")
    upper_quartile: float = Field(description="A quarter are above.")


class Pair(Value):
    """The two networks."""

    lipbuild: TimesValue = Field(description="The config's network.")
    plain: TimesValue = Field(description="The same in plain Keras.")
    ratio: RatioOfTimes = Field(description="The ratio.")


class PeakMemory(Value):
    """Memory in bytes."""

    peak: int = Field(description="The largest memory of the process.")
    beyond_imports: int = Field(description="Of it beyond what importing left.")


class MemoryValue(Value):
    """The memory of a training."""

    lipbuild: PeakMemory = Field(description="The config's network.")
    plain: PeakMemory = Field(description="The same in plain Keras.")


class LayerTimes(Value):
    """A layer alone."""

    name: str = Field(description="The node.")
    training: Pair = Field(description="A training step.")


class BenchmarkOutput(Output):
    """Printed by `lipbuild bench`."""

    format: Literal["lipbuild.benchmark"]
    version: Literal[1]
    batch_size: int = Field(description="Samples of a step.")
    device: str = Field(description="What it ran on.")
    training: Pair = Field(description="A training step.")
    inference: Pair = Field(description="Inference of the exported network.")
    memory: MemoryValue | None = Field(description="Null with `--no-memory`.")
    layers: list[LayerTimes] | None = Field(description="With `--layers`.")
