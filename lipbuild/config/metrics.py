"""Metrics in addition to those that lipbuild always shows."""

from pydantic import Field

from lipbuild.config.choices import MetricSpec


class TopKCategoricalAccuracy(MetricSpec):
    """How often the label is among the k greatest logits."""

    tasks = ("multiclass",)

    k: int = Field(5, ge=1, description="How many logits count.")

    @property
    def column(self) -> str:
        """Keras's name."""
        return "top_k_categorical_accuracy"


class MeanAbsoluteError(MetricSpec):
    """E |y − f|."""

    tasks = ("regression",)

    @property
    def column(self) -> str:
        """Keras's name."""
        return "mean_absolute_error"


class MeanSquaredError(MetricSpec):
    """E (y − f)²."""

    tasks = ("regression",)

    @property
    def column(self) -> str:
        """Keras's name."""
        return "mean_squared_error"


class RootMeanSquaredError(MetricSpec):
    """√E (y − f)²."""

    tasks = ("regression",)

    @property
    def column(self) -> str:
        """Keras's name."""
        return "root_mean_squared_error"


class CategoricalProvableAvgRobustness(MetricSpec):
    """The mean certified radius, margin/(√2·L): 0 where the prediction is wrong."""

    tasks = ("multiclass",)
    takes_constant = True

    negative_robustness: bool = Field(
        False, description="Whether wrong predictions count with their negative margin instead of 0."
    )


class BinaryProvableAvgRobustness(MetricSpec):
    """The mean certified radius, |f|/L: 0 where the sign is wrong."""

    tasks = ("binary",)
    takes_constant = True

    negative_robustness: bool = Field(
        False, description="Whether wrong signs count with −|f|/L instead of 0."
    )


class KR(MetricSpec):
    """E₊ f − E₋ f: the Wasserstein distance of the two classes as the network sees it, to be large."""

    tasks = ("binary",)


class MulticlassKR(MetricSpec):
    """`KR` of each class against the rest, the mean over the classes."""

    tasks = ("multiclass",)
