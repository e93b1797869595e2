"""What a config says of each: fields, and what the layer stands for. A check imports this, and no Keras."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from lipbuild.config.choices import LossSpec, MetricSpec
from lipbuild.config.sources import SourceSpec
from lipbuild.network import operations as ops
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.layer import Facts, LayerSpec, UnprovedLayerSpec


class Mirror(LayerSpec):
    """y = −f·x: constant f."""

    keras_class = "acme_lipbuild.classes:Mirror"
    facts = Facts(constant="f", exact=True, gradient="scaled by f")

    factor: float = Field(1.0, gt=0, description="f.")

    def lower(self, *shapes: Shape) -> Sequence[ops.Operation]:
        """A factor."""
        return [ops.Scale(self.factor)]


class Sine(UnprovedLayerSpec):
    """y = sin(x). Its constant is 1, but this package does not say what it stands for, so that nothing is certified."""

    keras_class = "acme_lipbuild.classes:Sine"
    facts = Facts(constant="not stated", exact=False, gradient="any")

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the input."""
        return shape


class AcmeHinge(LossSpec):
    """The mean over the wrong classes of max(0, m − f_y + f_i)²."""

    task = "multiclass"
    labels = "onehot"
    keras_class = "acme_lipbuild.classes:AcmeHinge"

    margin: float = Field(1.0, gt=0, description="m.")


class MeanMargin(MetricSpec):
    """The mean of f_y − max f_i."""

    tasks = ("multiclass",)
    keras_class = "acme_lipbuild.classes:MeanMargin"


class Rings(SourceSpec):
    """Points on rings, a class each."""

    source_name = "acme_rings"
    targets = "classes"
    loader = "acme_lipbuild.classes:load_rings"

    samples: int = Field(200, ge=2, description="How many points.")

    def input_shape(self, folder: Path) -> Shape:
        """Two coordinates."""
        return (2,)

    def class_count(self) -> int:
        """Two rings."""
        return 2
