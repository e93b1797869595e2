"""The operations that a certificate may speak of. What is not here is refused."""

from __future__ import annotations

from lipbuild.verifier import affine_kinds as affine
from lipbuild.verifier import function_kinds as function
from lipbuild.verifier import merging_kinds as merging
from lipbuild.verifier import moving_kinds as moving
from lipbuild.verifier import pooling_kinds as pooling
from lipbuild.verifier.nodes import Kind

KINDS: dict[str, Kind] = {
    "input": moving.Input(),
    "identity": moving.Identity(),
    "reshape": moving.Reshape(),
    "permute": moving.Permute(),
    "slice": moving.Slice(),
    "zero_padding": moving.ZeroPadding(),
    "dense": affine.Dense(),
    "convolution": affine.Convolution(),
    "transposed_convolution": affine.TransposedConvolution(),
    "average_pooling": affine.AveragePooling(),
    "global_average_pooling": affine.GlobalAveragePooling(),
    "scale": affine.Scale(),
    "centering": affine.Centering(),
    "repeat": affine.Repeat(),
    "activation": function.Activation(),
    "p_relu": function.PReLU(),
    "softmax": function.Softmax(),
    "group_sort": function.GroupSort(),
    "sort": function.Sort(),
    "max_min": function.MaxMin(),
    "max_pooling": pooling.MaxPooling(),
    "global_max_pooling": pooling.GlobalMaxPooling(),
    "norm_pooling": pooling.NormPooling(),
    "global_norm_pooling": pooling.GlobalNormPooling(),
    "add": merging.Add(),
    "subtract": merging.Subtract(),
    "average": merging.Average(),
    "maximum": merging.Maximum(),
    "minimum": merging.Minimum(),
    "concatenate": merging.Concatenate(),
}
