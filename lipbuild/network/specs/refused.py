"""Keras's layers that no network of a known constant has: what is wrong with each, and what to use instead."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Substitute(NamedTuple):
    """A layer that may take the place of one that is refused, with arguments of the same names.

    Attributes:
        kind: Its name.
        help: What is said of it, after "use".
        defaults: What its arguments are where the refused layer leaves them out.
        only: The arguments that it takes over; all where empty.
        largest: The most values that its windows may have.
    """

    kind: str
    help: str = ""
    defaults: tuple[tuple[str, str | int], ...] = ()
    only: tuple[str, ...] = ()
    largest: int = 0


class Refused(NamedTuple):
    """What is said of a layer that is refused.

    Attributes:
        rule: The rule that reports it.
        why: Why it is refused, after its name: "has …".
        help: What to do.
        note: The reason behind the reason: the formula or the number.
        instead: The layers that may take its place, the one that certifies most first. The last keeps the shape of
            what it makes and of its weights.
        remedy: How a config is mended: it is `rename`d to one of `instead`, or it is `remove`d.
        is_passed_over: Whether a trained network is judged as it would be without it.
        function: The activation that it is.
    """

    rule: str
    why: str
    help: str = ""
    note: str = ""
    instead: tuple[Substitute, ...] = ()
    remedy: Literal["", "rename", "remove"] = ""
    is_passed_over: bool = False
    function: str = ""


_UNBOUNDED = "has an unbounded Lipschitz constant"

_KERNEL = "it is the spectral norm of its kernel, which training can make arbitrarily large"
_DENSE = {
    "Dense": Refused(
        "plain-dense",
        _UNBOUNDED,
        "use `SpectralDense`, whose arguments have the same names",
        _KERNEL,
        instead=(Substitute("SpectralDense"),),
        remedy="rename",
    ),
    "EinsumDense": Refused(
        "plain-dense",
        _UNBOUNDED,
        "use `SpectralDense`, with `Reshape` around it for several dimensions",
        _KERNEL,
    ),
    **dict.fromkeys(
        ("Embedding", "ReversibleEmbedding"),
        Refused(
            "plain-dense",
            _UNBOUNDED,
            "encode the categories one-hot and use `SpectralDense`",
            "its input is not a vector",
        ),
    ),
}


def _convolution(
    help: str, instead: tuple[Substitute, ...] = (), remedy: Literal["", "rename"] = ""
) -> Refused:
    note = "it is the norm of the convolution's operator, which training can make arbitrarily large"
    return Refused("plain-convolutions", _UNBOUNDED, help, note, instead, remedy)


_NAMES = "whose arguments have the same names"
_PADS = "its default `padding` is `same`, and that of Keras is `valid`"
_VALID = ("padding", "valid")
_OPERATOR = ("norm", "operator")
_CONVOLUTIONS = {
    **dict.fromkeys(
        ("Conv1D", "Convolution1D"),
        _convolution(
            "",
            (
                Substitute(
                    "SpectralConv1D",
                    f"`SpectralConv1D` with `norm: operator`, {_NAMES} ({_PADS})",
                    (_VALID, _OPERATOR),
                ),
            ),
            "rename",
        ),
    ),
    **dict.fromkeys(
        ("Conv2D", "Convolution2D"),
        _convolution(
            "",
            (
                Substitute("OrthoConv2D", f"`OrthoConv2D`, {_NAMES} ({_PADS})", (_VALID,)),
                Substitute(
                    "SpectralConv2D",
                    f"`SpectralConv2D` with `norm: operator`, {_NAMES} ({_PADS})",
                    (_VALID, _OPERATOR),
                ),
            ),
            "rename",
        ),
    ),
    "PadConv2D": _convolution("use `OrthoConv2D`, whose `padding` is `same` or `valid`"),
    **dict.fromkeys(
        ("Conv3D", "Convolution3D"),
        _convolution("use `Reshape` to join two of its dimensions, and `OrthoConv2D`"),
    ),
    **dict.fromkeys(
        ("DepthwiseConv2D", "SeparableConv2D", "SeparableConvolution2D"),
        _convolution(
            "use `OrthoConv2D`: a kernel for each channel and one for each pixel are one kernel of its own"
        ),
    ),
    **dict.fromkeys(
        ("DepthwiseConv1D", "SeparableConv1D", "SeparableConvolution1D"), _convolution("use `SpectralConv1D`")
    ),
    **dict.fromkeys(
        ("Conv2DTranspose", "Convolution2DTranspose"),
        _convolution(
            "use `OrthoConv2DTranspose`, whose `padding` is `same`",
            (Substitute("OrthoConv2DTranspose"), Substitute("SpectralConv2DTranspose")),
        ),
    ),
    **dict.fromkeys(
        ("Conv1DTranspose", "Convolution1DTranspose", "Conv3DTranspose", "Convolution3DTranspose"),
        _convolution("use `Reshape` and `SpectralDense`"),
    ),
}

_SCALE_IS_KEPT = "remove it: orthogonal layers keep the scale of what passes through them"
_DEVIATION = Refused(
    "layer-normalization",
    "divides by the deviation of its input, which may be next to nothing",
    _SCALE_IS_KEPT,
    "its constant is up to max|γ|/√ε: 31.6 at Keras's ε = 1e-3",
    remedy="remove",
)
_BATCH = Refused(
    "batch-normalization",
    _UNBOUNDED,
    _SCALE_IS_KEPT,
    "it multiplies by γ/√(var + ε), and training can make γ and var anything",
    remedy="remove",
)
_NORMALIZATIONS = {
    "BatchNormalization": _BATCH._replace(is_passed_over=True),
    "SyncBatchNormalization": _BATCH,
    "LayerNormalization": _DEVIATION,
    "GroupNormalization": _DEVIATION,
    "RMSNormalization": Refused(
        "layer-normalization",
        "divides by the norm of its input, which may be next to nothing",
        _SCALE_IS_KEPT,
        "its constant is up to max|γ|/√ε: 1,000 at Keras's ε = 1e-6",
        remedy="remove",
    ),
    "UnitNormalization": Refused(
        "layer-normalization",
        "has no finite Lipschitz constant near 0",
        "remove it, or scale by a constant with `Rescaling`",
        remedy="remove",
    ),
    "SpectralNormalization": Refused(
        "layer-normalization",
        "proves nothing of the norm",
        "use `SpectralDense` or `OrthoConv2D`",
        "it divides by the estimate of a power iteration, which is below the true norm",
    ),
    "Normalization": Refused(
        "standardized-inputs",
        "multiplies by 1/√var of the data, which is not known here",
        "scale by constants with `Rescaling`, whose factor counts, or write it into `data.preprocess`",
    ),
}

_REGULARISES = "remove it: the Lipschitz constraint regularises by itself"
_DROPS = Refused(
    "dropout",
    "is random, and the constraint does not hold in training",
    _REGULARISES,
    "it scales the values that it keeps by 1/(1 − rate), and so the margins in the loss",
    remedy="remove",
    is_passed_over=True,
)
_REGULARISERS = {
    **dict.fromkeys(
        ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "GaussianDropout", "AlphaDropout"), _DROPS
    ),
    # An audit does not look past this one.
    "SpatialDropout3D": _DROPS._replace(is_passed_over=False),
    "GaussianNoise": Refused(
        "dropout",
        "is random, and the margins that the loss sees are not those that are certified",
        _REGULARISES,
        remedy="remove",
        is_passed_over=True,
    ),
    "ActivityRegularization": Refused(
        "dropout",
        "adds a term to the loss that the certificate knows nothing of",
        "remove it",
        remedy="remove",
        is_passed_over=True,
    ),
}

_OF_N = "the average of n values has the constant 1/√n"
_POOLINGS = {
    **dict.fromkeys(
        ("AveragePooling2D", "AvgPool2D"),
        Refused(
            "unscaled-average-pooling",
            "shrinks every gradient by √(ph·pw)",
            "",
            "the average of n disjoint values has the constant 1/√n",
            instead=(
                Substitute(
                    "InvertibleDownSampling",
                    "`InvertibleDownSampling`, which makes channels of the pixels of a window and keeps everything",
                    (("pool_size", 2),),
                    ("pool_size", "name", "inputs"),
                    largest=4,
                ),
                Substitute("ScaledAveragePooling2D", "`ScaledAveragePooling2D`, whose constant is exactly 1"),
            ),
            remedy="rename",
        ),
    ),
    **dict.fromkeys(
        ("GlobalAveragePooling2D", "GlobalAvgPool2D"),
        Refused(
            "unscaled-average-pooling",
            "shrinks every gradient by √(h·w)",
            "use `ScaledGlobalAveragePooling2D`, whose constant is exactly 1",
            _OF_N,
            instead=(Substitute("ScaledGlobalAveragePooling2D"),),
            remedy="rename",
        ),
    ),
    **dict.fromkeys(
        (
            *("AveragePooling1D", "AvgPool1D", "AveragePooling3D", "AvgPool3D"),
            *("GlobalAveragePooling1D", "GlobalAvgPool1D", "GlobalAveragePooling3D", "GlobalAvgPool3D"),
            *("AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D"),
        ),
        Refused(
            "unscaled-average-pooling",
            "shrinks every gradient by the root of its window",
            "use `Reshape` to an image and `InvertibleDownSampling` or `ScaledAveragePooling2D`",
            _OF_N,
        ),
    ),
    **dict.fromkeys(
        ("UpSampling1D", "UpSampling3D", "RepeatVector"),
        Refused(
            "upsampling",
            "writes every value several times, which multiplies the constant",
            "use `SpectralDense` and `Reshape`",
            "a value that is written n times has the constant √n",
        ),
    ),
    "UpSampling2D": Refused(
        "upsampling",
        "writes every value several times, which multiplies the constant",
        "use `OrthoConv2DTranspose` or `InvertibleUpSampling`",
        "a value that is written n times has the constant √n: 2 for a size of 2",
    ),
}

# The rule names the constant of the function.
_ACTIVATIONS = {
    **{
        name: Refused("expansive-activations", "", function=function)
        for name, function in (
            ("GELU", "gelu"),
            ("SELU", "selu"),
            ("SiLU", "silu"),
            ("Swish", "silu"),
            ("Mish", "mish"),
        )
    },
    "PReLU": Refused(
        "expansive-activations",
        _UNBOUNDED,
        "use `PReLUlip`, whose slopes are held in [−1, 1]",
        "it is the greatest of its slopes, which training can make arbitrarily large",
        instead=(Substitute("PReLUlip"),),
    ),
}

_GROWS = "has a Lipschitz constant that grows with every step"
_STATE = "its state is multiplied at each step by a matrix that nothing bounds: ‖W‖ⁿ after n steps"
_GATES = f"{_STATE}, and by gates as well"
_RECURRENCE = "use `OrthoRNN`, whose recurrent matrix is orthogonal"
_RECURRENT = {
    **dict.fromkeys(
        ("LSTM", "LSTMCell", "GRU", "GRUCell"),
        Refused("recurrent-layers", _GROWS, f"{_RECURRENCE}; it has no gates", _GATES),
    ),
    **dict.fromkeys(
        ("SimpleRNN", "SimpleRNNCell", "RNN", "StackedRNNCells"),
        Refused("recurrent-layers", _GROWS, _RECURRENCE, _STATE),
    ),
    **dict.fromkeys(
        ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"),
        Refused(
            "recurrent-layers",
            _GROWS,
            "use `OrthoConv2D` on the steps as channels, or `Reshape` and `OrthoRNN`",
            _GATES,
        ),
    ),
    "Bidirectional": Refused(
        "recurrent-layers",
        "wraps a recurrent layer",
        "use two `OrthoRNN`, one with `go_backwards: true`, as the branches of a `Parallel`",
    ),
    "TimeDistributed": Refused(
        "recurrent-layers",
        "wraps another layer",
        "leave it out: `SpectralDense` applies to the last dimension, at every step",
    ),
}

_PRODUCTS = {
    **dict.fromkeys(
        (
            "Attention",
            "AdditiveAttention",
            "MultiHeadAttention",
            "GroupedQueryAttention",
            "GroupQueryAttention",
        ),
        Refused(
            "attention",
            "has no finite Lipschitz constant",
            "use `OrthoConv2D` or `SpectralConv1D` to mix neighbours, or `Flatten` and `SpectralDense` to mix "
            "everything",
            "it multiplies its inputs with each other, so its slope grows with them",
        ),
    ),
    **dict.fromkeys(
        ("Multiply", "Dot"),
        Refused(
            "multiplicative-merges",
            "has no finite Lipschitz constant",
            "use `Average`, or `Concatenate` with smaller coefficients",
            "the slope of a product f·g is |f|·L(g) + |g|·L(f), which grows with its inputs",
        ),
    ),
}

_OTHERS = {
    **dict.fromkeys(
        (
            *("CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "Masking"),
            *("StringLookup", "TextVectorization"),
        ),
        Refused(
            "discrete-inputs",
            "is a step function and has no Lipschitz constant",
            "encode categories one-hot in the data itself",
        ),
    ),
    **dict.fromkeys(
        ("Lambda", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "TFSMLayer"),
        Refused(
            "lambda-layers",
            "has no Lipschitz constant that could be known",
            "use layers that lipbuild knows",
            "it runs code, and a config is data",
        ),
    ),
    **dict.fromkeys(
        (
            *("AugMix", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "CutMix"),
            *("Equalization", "MixUp", "RandAugment", "RandomBrightness", "RandomColorDegeneration"),
            *("RandomColorJitter", "RandomContrast", "RandomCrop", "RandomElasticTransform"),
            *("RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale", "RandomHue"),
            *("RandomInvert", "RandomPerspective", "RandomPosterization", "RandomRotation"),
            *("RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation", "RandomZoom"),
            "Solarization",
        ),
        Refused(
            "unsafe-data-augmentation",
            "changes its input in a way that no certificate can speak of",
            "remove it, and augment the data before the network is given it, with `data.augment`",
            remedy="remove",
        ),
    ),
}

REFUSED: dict[str, Refused] = {
    **_DENSE,
    **_CONVOLUTIONS,
    **_NORMALIZATIONS,
    **_REGULARISERS,
    **_POOLINGS,
    **_ACTIVATIONS,
    **_RECURRENT,
    **_PRODUCTS,
    **_OTHERS,
}
"""Each layer that is refused by its name."""
