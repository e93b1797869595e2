"""The operations that can be written in C. What is not here is refused by its name."""

from __future__ import annotations

from lipbuild.exporting.c_code.steps.functions import Activation, PReLU
from lipbuild.exporting.c_code.steps.linear import Convolution, Dense, TransposedConvolution
from lipbuild.exporting.c_code.steps.merging import Concatenate, Extreme, Sum
from lipbuild.exporting.c_code.steps.moving import Permute, Repeat, Same, Slice, ZeroPadding
from lipbuild.exporting.c_code.steps.pooling import (
    AveragePooling,
    GlobalAveragePooling,
    GlobalMaxPooling,
    GlobalNormPooling,
    MaxPooling,
    NormPooling,
)
from lipbuild.exporting.c_code.steps.scaling import Centering, Scale
from lipbuild.exporting.c_code.steps.sorting import GroupSort, MaxMin, Sort
from lipbuild.exporting.c_code.steps.step import Step

STEPS: dict[str, Step] = {
    "identity": Same(),
    "reshape": Same(),
    "dense": Dense(),
    "convolution": Convolution(),
    "transposed_convolution": TransposedConvolution(),
    "average_pooling": AveragePooling(),
    "global_average_pooling": GlobalAveragePooling(),
    "scale": Scale(),
    "centering": Centering(),
    "repeat": Repeat(),
    "permute": Permute(),
    "slice": Slice(),
    "zero_padding": ZeroPadding(),
    "activation": Activation(),
    "p_relu": PReLU(),
    "group_sort": GroupSort(),
    "sort": Sort(),
    "max_min": MaxMin(),
    "max_pooling": MaxPooling(),
    "global_max_pooling": GlobalMaxPooling(),
    "norm_pooling": NormPooling(),
    "global_norm_pooling": GlobalNormPooling(),
    "add": Sum(),
    "subtract": Sum("-"),
    "average": Sum(mean=True),
    "maximum": Extreme(">"),
    "minimum": Extreme("<"),
    "concatenate": Concatenate(),
}

__all__ = ["STEPS", "Step"]
