"""One place knows what a layer of a config says: its fields, its shape, its Lipschitz constant."""

from __future__ import annotations

from lipbuild.spec.layers.activation import Activation
from lipbuild.spec.layers.add import Add
from lipbuild.spec.layers.aol_conv2d import AOLConv2D
from lipbuild.spec.layers.aol_dense import AOLDense
from lipbuild.spec.layers.average import Average
from lipbuild.spec.layers.batch_centering import BatchCentering
from lipbuild.spec.layers.concatenate import Concatenate
from lipbuild.spec.layers.cropping1d import Cropping1D
from lipbuild.spec.layers.cropping2d import Cropping2D
from lipbuild.spec.layers.elu import ELU
from lipbuild.spec.layers.flatten import Flatten
from lipbuild.spec.layers.frobenius_conv2d import FrobeniusConv2D
from lipbuild.spec.layers.frobenius_dense import FrobeniusDense
from lipbuild.spec.layers.full_sort import FullSort
from lipbuild.spec.layers.global_max_pooling1d import GlobalMaxPooling1D
from lipbuild.spec.layers.global_max_pooling2d import GlobalMaxPooling2D
from lipbuild.spec.layers.group_sort import GroupSort
from lipbuild.spec.layers.group_sort2 import GroupSort2
from lipbuild.spec.layers.householder import Householder
from lipbuild.spec.layers.identity import Identity
from lipbuild.spec.layers.input import Input
from lipbuild.spec.layers.invertible_down_sampling import InvertibleDownSampling
from lipbuild.spec.layers.invertible_up_sampling import InvertibleUpSampling
from lipbuild.spec.layers.last_layer_normalized import LastLayerNormalized
from lipbuild.spec.layers.layer import LayerSpec
from lipbuild.spec.layers.layer_centering import LayerCentering
from lipbuild.spec.layers.leaky_relu import LeakyReLU
from lipbuild.spec.layers.lip_residual import LipResidual
from lipbuild.spec.layers.max_min import MaxMin
from lipbuild.spec.layers.max_pooling1d import MaxPooling1D
from lipbuild.spec.layers.max_pooling2d import MaxPooling2D
from lipbuild.spec.layers.maximum import Maximum
from lipbuild.spec.layers.minimum import Minimum
from lipbuild.spec.layers.ortho_conv2d import OrthoConv2D
from lipbuild.spec.layers.ortho_conv2d_transpose import OrthoConv2DTranspose
from lipbuild.spec.layers.ortho_dense import OrthoDense
from lipbuild.spec.layers.p_relu_lip import PReLUlip
from lipbuild.spec.layers.permute import Permute
from lipbuild.spec.layers.relu import ReLU
from lipbuild.spec.layers.rescaling import Rescaling
from lipbuild.spec.layers.reshape import Reshape
from lipbuild.spec.layers.scaled_average_pooling2d import ScaledAveragePooling2D
from lipbuild.spec.layers.scaled_global_average_pooling2d import ScaledGlobalAveragePooling2D
from lipbuild.spec.layers.scaled_global_l2_norm_pooling2d import ScaledGlobalL2NormPooling2D
from lipbuild.spec.layers.scaled_l2_norm_pooling2d import ScaledL2NormPooling2D
from lipbuild.spec.layers.sll_conv2d import SLLConv2D
from lipbuild.spec.layers.sll_dense import SLLDense
from lipbuild.spec.layers.softmax import Softmax
from lipbuild.spec.layers.spectral_conv1d import SpectralConv1D
from lipbuild.spec.layers.spectral_conv2d import SpectralConv2D
from lipbuild.spec.layers.spectral_conv2d_transpose import SpectralConv2DTranspose
from lipbuild.spec.layers.spectral_dense import SpectralDense
from lipbuild.spec.layers.subtract import Subtract
from lipbuild.spec.layers.zero_padding1d import ZeroPadding1D
from lipbuild.spec.layers.zero_padding2d import ZeroPadding2D

__all__ = ["LAYERS", "LayerSpec"]

LAYERS: dict[str, type[LayerSpec]] = {
    cls.__name__: cls
    for cls in (
        Input,
        SpectralDense,
        FrobeniusDense,
        SpectralConv1D,
        SpectralConv2D,
        SpectralConv2DTranspose,
        FrobeniusConv2D,
        OrthoDense,
        OrthoConv2D,
        OrthoConv2DTranspose,
        AOLDense,
        AOLConv2D,
        SLLDense,
        SLLConv2D,
        LastLayerNormalized,
        ScaledAveragePooling2D,
        ScaledGlobalAveragePooling2D,
        ScaledL2NormPooling2D,
        ScaledGlobalL2NormPooling2D,
        InvertibleDownSampling,
        InvertibleUpSampling,
        BatchCentering,
        LayerCentering,
        GroupSort2,
        GroupSort,
        FullSort,
        MaxMin,
        Householder,
        PReLUlip,
        ReLU,
        LeakyReLU,
        ELU,
        Softmax,
        Activation,
        MaxPooling1D,
        MaxPooling2D,
        GlobalMaxPooling1D,
        GlobalMaxPooling2D,
        Flatten,
        Reshape,
        Permute,
        Cropping1D,
        Cropping2D,
        ZeroPadding1D,
        ZeroPadding2D,
        Identity,
        Rescaling,
        LipResidual,
        Add,
        Subtract,
        Average,
        Maximum,
        Minimum,
        Concatenate,
    )
}
