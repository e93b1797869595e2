"""The operations that a certificate may speak of. What is not here is refused."""

from lipbuild.certify.operations.activation import Activation
from lipbuild.certify.operations.add import Add
from lipbuild.certify.operations.average import Average
from lipbuild.certify.operations.average_pooling import AveragePooling
from lipbuild.certify.operations.centering import Centering
from lipbuild.certify.operations.concatenate import Concatenate
from lipbuild.certify.operations.convolution import Convolution
from lipbuild.certify.operations.dense import Dense
from lipbuild.certify.operations.global_average_pooling import GlobalAveragePooling
from lipbuild.certify.operations.global_max_pooling import GlobalMaxPooling
from lipbuild.certify.operations.global_norm_pooling import GlobalNormPooling
from lipbuild.certify.operations.group_sort import GroupSort
from lipbuild.certify.operations.identity import Identity
from lipbuild.certify.operations.input import Input
from lipbuild.certify.operations.intermediate import Intermediate
from lipbuild.certify.operations.max_min import MaxMin
from lipbuild.certify.operations.max_pooling import MaxPooling
from lipbuild.certify.operations.maximum import Maximum
from lipbuild.certify.operations.minimum import Minimum
from lipbuild.certify.operations.norm_pooling import NormPooling
from lipbuild.certify.operations.operation import Operation
from lipbuild.certify.operations.p_relu import PReLU
from lipbuild.certify.operations.permute import Permute
from lipbuild.certify.operations.repeat import Repeat
from lipbuild.certify.operations.reshape import Reshape
from lipbuild.certify.operations.scale import Scale
from lipbuild.certify.operations.slice import Slice
from lipbuild.certify.operations.softmax import Softmax
from lipbuild.certify.operations.sort import Sort
from lipbuild.certify.operations.subtract import Subtract
from lipbuild.certify.operations.transposed_convolution import TransposedConvolution
from lipbuild.certify.operations.zero_padding import ZeroPadding

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
