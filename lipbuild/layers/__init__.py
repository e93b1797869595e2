"""Lipschitz-constrained Keras layers, with deel-lip's names and arguments."""

from lipbuild.layers import unconstrained
from lipbuild.layers.aol_conv2d import AOLConv2D
from lipbuild.layers.aol_dense import AOLDense
from lipbuild.layers.batch_centering import BatchCentering
from lipbuild.layers.beta_abs import BetaAbs
from lipbuild.layers.cpl_conv2d import CPLConv2D
from lipbuild.layers.cpl_dense import CPLDense
from lipbuild.layers.frobenius_conv2d import FrobeniusConv2D
from lipbuild.layers.frobenius_dense import FrobeniusDense
from lipbuild.layers.full_sort import FullSort
from lipbuild.layers.group_sort import GroupSort
from lipbuild.layers.group_sort2 import GroupSort2
from lipbuild.layers.householder import Householder
from lipbuild.layers.invertible_down_sampling import InvertibleDownSampling
from lipbuild.layers.invertible_up_sampling import InvertibleUpSampling
from lipbuild.layers.last_layer_normalized import LastLayerNormalized
from lipbuild.layers.layer_centering import LayerCentering
from lipbuild.layers.linf_dense import LInfDense
from lipbuild.layers.lip_residual import LipResidual
from lipbuild.layers.lipschitz_layer import Condensable, LipschitzLayer
from lipbuild.layers.max_min import MaxMin
from lipbuild.layers.ortho_conv2d import OrthoConv2D
from lipbuild.layers.ortho_conv2d_transpose import OrthoConv2DTranspose
from lipbuild.layers.ortho_dense import OrthoDense
from lipbuild.layers.ortho_rnn import OrthoRNN
from lipbuild.layers.ortho_rnn_cell import OrthoRNNCell
from lipbuild.layers.p_relu_lip import PReLUlip
from lipbuild.layers.pad_conv2d import PadConv2D
from lipbuild.layers.positional_bias import PositionalBias
from lipbuild.layers.scaled_average_pooling2d import ScaledAveragePooling2D
from lipbuild.layers.scaled_global_average_pooling2d import ScaledGlobalAveragePooling2D
from lipbuild.layers.scaled_global_l2_norm_pooling2d import ScaledGlobalL2NormPooling2D
from lipbuild.layers.scaled_l2_norm_pooling2d import ScaledL2NormPooling2D
from lipbuild.layers.sll_conv2d import SLLConv2D
from lipbuild.layers.sll_dense import SLLDense
from lipbuild.layers.spatial_shift import SpatialShift
from lipbuild.layers.spectral_conv1d import SpectralConv1D
from lipbuild.layers.spectral_conv2d import SpectralConv2D
from lipbuild.layers.spectral_conv2d_transpose import SpectralConv2DTranspose
from lipbuild.layers.spectral_dense import SpectralDense

__all__ = [
    "AOLConv2D",
    "AOLDense",
    "BatchCentering",
    "BetaAbs",
    "CPLConv2D",
    "CPLDense",
    "Condensable",
    "FrobeniusConv2D",
    "FrobeniusDense",
    "FullSort",
    "GroupSort",
    "GroupSort2",
    "Householder",
    "InvertibleDownSampling",
    "InvertibleUpSampling",
    "LInfDense",
    "LastLayerNormalized",
    "LayerCentering",
    "LipResidual",
    "LipschitzLayer",
    "MaxMin",
    "OrthoConv2D",
    "OrthoConv2DTranspose",
    "OrthoDense",
    "OrthoRNN",
    "OrthoRNNCell",
    "PReLUlip",
    "PadConv2D",
    "PositionalBias",
    "SLLConv2D",
    "SLLDense",
    "ScaledAveragePooling2D",
    "ScaledGlobalAveragePooling2D",
    "ScaledGlobalL2NormPooling2D",
    "ScaledL2NormPooling2D",
    "SpatialShift",
    "SpectralConv1D",
    "SpectralConv2D",
    "SpectralConv2DTranspose",
    "SpectralDense",
    "unconstrained",
]
