"""Cross-entropies with a temperature."""

from pydantic import Field

from lipbuild.config.choices import LossSpec
from lipbuild.config.parameters import Positive


class TauCategoricalCrossentropy(LossSpec):
    """CE(τ·f, y)/τ: a temperature, since the logits of a Lipschitz network cannot grow."""

    task = "multiclass"
    labels = "onehot"

    tau: Positive = Field(description="The temperature: small for robustness, large for accuracy.")


class TauSparseCategoricalCrossentropy(LossSpec):
    """CE(τ·f, y)/τ, from class numbers."""

    task = "multiclass"
    labels = "index"

    tau: Positive = Field(description="The temperature: small for robustness, large for accuracy.")


class TauBinaryCrossentropy(LossSpec):
    """BCE(τ·f, y)/τ of one logit."""

    task = "binary"
    labels = "zero_one"

    tau: Positive = Field(description="The temperature: small for robustness, large for accuracy.")
