"""The operations that a certificate may speak of. What is not here is refused."""

from lipbuild.certifying.operations.activation import Activation
from lipbuild.certifying.operations.add import Add
from lipbuild.certifying.operations.average import Average
from lipbuild.certifying.operations.average_pooling import AveragePooling
from lipbuild.certifying.operations.centering import Centering
from lipbuild.certifying.operations.concatenate import Concatenate
from lipbuild.certifying.operations.convolution import Convolution
from lipbuild.certifying.operations.dense import Dense
from lipbuild.certifying.operations.global_average_pooling import GlobalAveragePooling
from lipbuild.certifying.operations.global_max_pooling import GlobalMaxPooling
from lipbuild.certifying.operations.global_norm_pooling import GlobalNormPooling
from lipbuild.certifying.operations.group_sort import GroupSort
from lipbuild.certifying.operations.identity import Identity
from lipbuild.certifying.operations.input import Input
from lipbuild.certifying.operations.intermediate import Intermediate
from lipbuild.certifying.operations.max_min import MaxMin
from lipbuild.certifying.operations.max_pooling import MaxPooling
from lipbuild.certifying.operations.maximum import Maximum
from lipbuild.certifying.operations.minimum import Minimum
from lipbuild.certifying.operations.norm_pooling import NormPooling
from lipbuild.certifying.operations.operation import Operation
from lipbuild.certifying.operations.p_relu import PReLU
from lipbuild.certifying.operations.permute import Permute
from lipbuild.certifying.operations.repeat import Repeat
from lipbuild.certifying.operations.reshape import Reshape
from lipbuild.certifying.operations.scale import Scale
from lipbuild.certifying.operations.slice import Slice
from lipbuild.certifying.operations.softmax import Softmax
from lipbuild.certifying.operations.sort import Sort
from lipbuild.certifying.operations.subtract import Subtract
from lipbuild.certifying.operations.transposed_convolution import TransposedConvolution
from lipbuild.certifying.operations.zero_padding import ZeroPadding

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
