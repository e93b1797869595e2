"""Rigorous Lipschitz bounds of trained layers, in numpy alone.

Each function takes the weights of one layer and returns a `Bound`. The argument and its error terms stand
beside the code that they belong to.
"""

from lipbuild.certifying.bounds.average_pooling import average_pooling
from lipbuild.certifying.bounds.batch_normalization import batch_normalization
from lipbuild.certifying.bounds.bound import Bound
from lipbuild.certifying.bounds.convolution import convolution
from lipbuild.certifying.bounds.dense import dense
from lipbuild.certifying.bounds.depthwise import depthwise
from lipbuild.certifying.bounds.global_average_pooling import global_average_pooling
from lipbuild.certifying.bounds.max_pooling import max_pooling
from lipbuild.certifying.bounds.normalization import normalization
from lipbuild.certifying.bounds.scale import scale
from lipbuild.certifying.bounds.transposed import transposed

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
