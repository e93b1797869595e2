"""Rigorous Lipschitz bounds of trained layers, in numpy alone.

Each function takes the weights of one layer and returns a `Bound`. The argument and its error terms stand
beside the code that they belong to.
"""

from lipbuild.certify.bounds.average_pooling import average_pooling
from lipbuild.certify.bounds.batch_normalization import batch_normalization
from lipbuild.certify.bounds.bound import Bound
from lipbuild.certify.bounds.convolution import convolution
from lipbuild.certify.bounds.dense import dense
from lipbuild.certify.bounds.depthwise import depthwise
from lipbuild.certify.bounds.global_average_pooling import global_average_pooling
from lipbuild.certify.bounds.max_pooling import max_pooling
from lipbuild.certify.bounds.normalization import normalization
from lipbuild.certify.bounds.scale import scale
from lipbuild.certify.bounds.transposed import transposed

__all__ = [
    "Bound",
    "average_pooling",
    "batch_normalization",
    "convolution",
    "dense",
    "depthwise",
    "global_average_pooling",
    "max_pooling",
    "normalization",
    "scale",
    "transposed",
]
