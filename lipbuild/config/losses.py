"""Cross-entropies with a temperature."""

from pydantic import Field

from lipbuild.config.choices import LossSpec


class TauCategoricalCrossentropy(LossSpec):
    """CE(τ·f, y)/τ: a temperature, since the logits of a Lipschitz network cannot grow."""

    task = "multiclass"
    labels = "onehot"

    tau: float = Field(gt=0, description="The temperature: small for robustness, large for accuracy.")


class TauSparseCategoricalCrossentropy(LossSpec):
    """CE(τ·f, y)/τ, from class numbers."""

    task = "multiclass"
    labels = "index"

    tau: float = Field(gt=0, description="The temperature: small for robustness, large for accuracy.")


class TauBinaryCrossentropy(LossSpec):
    """BCE(τ·f, y)/τ of one logit."""

    task = "binary"
    labels = "zero_one"

    tau: float = Field(gt=0, description="The temperature: small for robustness, large for accuracy.")
