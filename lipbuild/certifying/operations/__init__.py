"""The operations that a certificate may speak of. What is not here is refused."""

from lipbuild.certifying.operations.affine import Centering, Convolution, Dense, Scale, TransposedConvolution
from lipbuild.certifying.operations.functions import Activation, GroupSort, MaxMin, PReLU, Softmax, Sort
from lipbuild.certifying.operations.merging import Add, Average, Concatenate, Maximum, Minimum, Subtract
from lipbuild.certifying.operations.moving import (
    Identity,
    Input,
    Intermediate,
    Permute,
    Repeat,
    Reshape,
    Slice,
    ZeroPadding,
)
from lipbuild.certifying.operations.operation import Operation
from lipbuild.certifying.operations.pooling import (
    AveragePooling,
    GlobalAveragePooling,
    GlobalMaxPooling,
    GlobalNormPooling,
    MaxPooling,
    NormPooling,
)

OPERATIONS: dict[str, Operation] = {
    "input": Input(),
    "identity": Identity(),
    # Affine maps.
    "dense": Dense(),
    "convolution": Convolution(),
    "transposed_convolution": TransposedConvolution(),
    "average_pooling": AveragePooling(),
    "global_average_pooling": GlobalAveragePooling(),
    "scale": Scale(),
    "centering": Centering(),
    "repeat": Repeat(),
    "reshape": Reshape(),
    "permute": Permute(),
    "slice": Slice(),
    "zero_padding": ZeroPadding(),
    # Functions of values, of groups of channels and of windows.
    "activation": Activation(),
    "p_relu": PReLU(),
    "softmax": Softmax(),
    "group_sort": GroupSort(),
    "sort": Sort(),
    "max_min": MaxMin(),
    "max_pooling": MaxPooling(),
    "global_max_pooling": GlobalMaxPooling(),
    "norm_pooling": NormPooling(),
    "global_norm_pooling": GlobalNormPooling(),
    "intermediate": Intermediate(),
    # Of several inputs.
    "add": Add(),
    "subtract": Subtract(),
    "average": Average(),
    "maximum": Maximum(),
    "minimum": Minimum(),
    "concatenate": Concatenate(),
}

__all__ = ["OPERATIONS", "Operation"]
