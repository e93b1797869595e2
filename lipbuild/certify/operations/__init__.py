"""The operations that a certificate may speak of. What is not here is refused."""

from lipbuild.certify.operations.linear import AveragePooling, Convolution, Dense, GlobalAveragePooling, Scale
from lipbuild.certify.operations.merging import Add, Average, Concatenate, Maximum, Minimum, Subtract
from lipbuild.certify.operations.moving import Identity, Input, Permute, Reshape, Slice, ZeroPadding
from lipbuild.certify.operations.operation import Operation
from lipbuild.certify.operations.pointwise import Activation, GlobalMaxPooling, GroupSort, MaxPooling

OPERATIONS: dict[str, Operation] = {
    "input": Input(),
    "identity": Identity(),
    "dense": Dense(),
    "convolution": Convolution(),
    "average_pooling": AveragePooling(),
    "global_average_pooling": GlobalAveragePooling(),
    "scale": Scale(),
    "activation": Activation(),
    "group_sort": GroupSort(),
    "max_pooling": MaxPooling(),
    "global_max_pooling": GlobalMaxPooling(),
    "reshape": Reshape(),
    "permute": Permute(),
    "slice": Slice(),
    "zero_padding": ZeroPadding(),
    "add": Add(),
    "subtract": Subtract(),
    "average": Average(),
    "maximum": Maximum(),
    "minimum": Minimum(),
    "concatenate": Concatenate(),
}

__all__ = ["OPERATIONS", "Operation"]
