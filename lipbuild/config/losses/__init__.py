"""What a config may say of its loss."""

from __future__ import annotations

from lipbuild.config.losses.loss import LossSpec
from lipbuild.fields.registry import Registry

__all__ = ["LOSSES", "LossSpec"]

# KR and MulticlassKR are not among them: they are to be large, and minimised they would train the opposite. They
# are metrics; what is minimised is `HKR`, with `alpha: 0` the opposite of KR alone.
LOSSES: Registry[LossSpec] = Registry(
    __name__,
    {
        "TauCategoricalCrossentropy": "tau_categorical_crossentropy",
        "TauSparseCategoricalCrossentropy": "tau_sparse_categorical_crossentropy",
        "TauBinaryCrossentropy": "tau_binary_crossentropy",
        "OffsetCrossentropy": "offset_crossentropy",
        "LogitAnnealing": "logit_annealing",
        "EMMA": "emma",
        "TRADES": "trades",
        "HKR": "hkr",
        "MulticlassHKR": "multiclass_hkr",
        "HingeMargin": "hinge_margin",
        "MulticlassHinge": "multiclass_hinge",
        "MulticlassSoftHKR": "multiclass_soft_hkr",
        "LseHKR": "lse_hkr",
        "MultiMargin": "multi_margin",
        "CategoricalHinge": "categorical_hinge",
        "CategoricalCrossentropy": "categorical_crossentropy",
        "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
        "BinaryCrossentropy": "binary_crossentropy",
        "Hinge": "hinge",
        "SquaredHinge": "squared_hinge",
        "MeanSquaredError": "mean_squared_error",
        "MeanAbsoluteError": "mean_absolute_error",
        "Huber": "huber",
        "LogCosh": "log_cosh",
    },
)
