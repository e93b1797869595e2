"""What people write who come from elsewhere, and what it is called here."""

from __future__ import annotations

import re
from collections.abc import Collection

# The words of PyTorch, of other libraries and of papers.
_SYNONYMS = {
    "activation_function": ("activation",),
    "alpha": ("negative_slope",),
    "arch": ("layers",),
    "architecture": ("layers", "model"),
    "bias": ("use_bias",),
    "bs": ("batch_size",),
    "channels": ("filters",),
    "coefficient": ("k_coef_lip", "lipschitz"),
    "count": ("times",),
    "criterion": ("loss",),
    "dataset": ("source", "data"),
    "dims": ("units",),
    "eps": ("radii", "epsilon"),
    "epsilon": ("radii",),
    "epsilons": ("radii",),
    "factor": ("scale",),
    "file": ("path",),
    "filename": ("path",),
    "fillna": ("fill",),
    "hidden": ("units",),
    "impute": ("fill",),
    "imputer": ("fill",),
    "in_shape": ("input",),
    "input_dim": ("input",),
    "k": ("k_coef_lip", "n"),
    "kernel": ("kernel_size",),
    "kernel_size": ("pool_size",),
    "label": ("name",),
    "lip": ("lipschitz", "k_coef_lip"),
    "lip_const": ("lipschitz", "k_coef_lip"),
    "lr": ("learning_rate",),
    "margin": ("min_margin",),
    "max_epochs": ("epochs",),
    "minibatch": ("batch_size",),
    "modules": ("layers",),
    "n": ("times",),
    "na_values": ("missing",),
    "n_epochs": ("epochs",),
    "neurons": ("units",),
    "num_epochs": ("epochs",),
    "num_filters": ("filters",),
    "num_units": ("units",),
    "opt": ("optimizer",),
    "optim": ("optimizer",),
    "out_channels": ("filters",),
    "out_features": ("units",),
    "output_dim": ("units",),
    "parameters": ("space",),
    "params": ("space",),
    "pool": ("pool_size",),
    "radius": ("radii",),
    "rate": ("learning_rate",),
    "ratio": ("scale",),
    "repeat": ("times",),
    "search_space": ("space",),
    "shape": ("input", "target_shape"),
    "downscale_factor": ("pool_size",),
    "size": ("units", "pool_size", "kernel_size"),
    "slope": ("negative_slope",),
    "stride": ("strides",),
    "temperature": ("tau",),
    "unflattened_size": ("target_shape",),
    "upscale_factor": ("pool_size",),
    "val": ("validation",),
    "val_split": ("validation",),
    "validation_split": ("validation",),
    "test_size": ("test",),
    "test_split": ("test",),
    "width": ("units",),
    "window": ("pool_size", "kernel_size"),
}


# The names of PyTorch's classes, and what Keras calls them; short names, and names of former times.
_NAMES = {
    "adaptiveavgpool1d": "GlobalAveragePooling1D",
    "adaptiveavgpool2d": "GlobalAveragePooling2D",
    "adaptivemaxpool1d": "GlobalMaxPooling1D",
    "adaptivemaxpool2d": "GlobalMaxPooling2D",
    "avgpool1d": "AveragePooling1D",
    "avgpool2d": "AveragePooling2D",
    "batchnorm": "BatchNormalization",
    "batchnorm1d": "BatchNormalization",
    "batchnorm2d": "BatchNormalization",
    "batchnorm3d": "BatchNormalization",
    "bce": "BinaryCrossentropy",
    "convtranspose1d": "Conv1DTranspose",
    "convtranspose2d": "Conv2DTranspose",
    "convtranspose3d": "Conv3DTranspose",
    "cosineannealing": "CosineDecay",
    "cosineannealingwarmrestarts": "CosineDecayRestarts",
    "crossentropy": "CategoricalCrossentropy",
    "dropout1d": "SpatialDropout1D",
    "dropout2d": "SpatialDropout2D",
    "dropout3d": "SpatialDropout3D",
    "exponential": "ExponentialDecay",
    "fc": "Dense",
    "fullyconnected": "Dense",
    "featurealphadropout": "AlphaDropout",
    "globalavgpool2d": "GlobalAveragePooling2D",
    "globalmaxpool2d": "GlobalMaxPooling2D",
    "groupnorm": "GroupNormalization",
    "h5": "keras",
    "hdf5": "keras",
    "instancenorm1d": "GroupNormalization",
    "instancenorm2d": "GroupNormalization",
    "layernorm": "LayerNormalization",
    "linear": "Dense",
    "logsoftmax": "Softmax",
    "mae": "MeanAbsoluteError",
    "maxpool": "MaxPooling2D",
    "maxpool1d": "MaxPooling1D",
    "maxpool2d": "MaxPooling2D",
    "mse": "MeanSquaredError",
    "multistep": "PiecewiseConstantDecay",
    "normalise": "Normalization",
    "normalize": "Normalization",
    "nllloss": "CategoricalCrossentropy",
    "pixelshuffle": "InvertibleUpSampling",
    "pixelunshuffle": "InvertibleDownSampling",
    "rmse": "RootMeanSquaredError",
    "rmsnorm": "RMSNormalization",
    "savedmodel": "saved_model",
    "standardization": "Normalization",
    "standardize": "Normalization",
    "step": "StepDecay",
    "tf": "saved_model",
    "tflite": "litert",
    "unflatten": "Reshape",
    "upsample": "UpSampling2D",
    "zeropad2d": "ZeroPadding2D",
}


# Keys that have no counterpart, and why.
_NOT_HERE = {
    **dict.fromkeys(("data_format",), "images are height × width × channels here: leave it out"),
    **dict.fromkeys(
        ("kernel_constraint", "kernel_regularizer", "activity_regularizer", "kernel_norm", "weight_norm"),
        "the kernel is held at its norm already: leave it out",
    ),
    **dict.fromkeys(("bias_constraint", "bias_regularizer"), "a bias moves no distances: leave it out"),
    **dict.fromkeys(
        ("input_shape", "batch_input_shape", "batch_shape", "in_features", "in_channels"),
        "it follows from the layer before, and at the start from `model.input`: leave it out",
    ),
    **dict.fromkeys(("dtype", "device"), "it is not a layer's own: leave it out"),
    **dict.fromkeys(("dropout", "rate"), "the Lipschitz constraint regularises by itself: leave it out"),
    "shuffle": "the training data is always shuffled: leave it out",
}


def not_here(name: str) -> str | None:
    """Why there is no such key, where people look for one."""
    return _NOT_HERE.get(name.lower())


def synonyms(name: str) -> tuple[str, ...]:
    """The keys that another library's word stands for, here or elsewhere."""
    return _SYNONYMS.get(name.lower(), ())


def synonym(name: str, known: Collection[str]) -> str | None:
    """The key that another library's word stands for, where it is among those that are known here."""
    return next((key for key in synonyms(name) if key in known), None)


def other_name(name: str, known: Collection[str]) -> str | None:
    """What another library's name stands for, where it is among those that are known here: `nn.Linear`, `mse`."""
    last = name.rpartition(".")[2]
    if last != name and last in known:
        return last
    short = last.lower().replace("_", "").replace("standardise", "standardize")
    # Optuna's `TPESampler`, PyTorch's `MSELoss` and `StepLR`, the `HKR_loss` of old.
    bare = re.sub(r"(?<=..)(sampler|pruner|loss|(?<=step|tial|ling)lr)$", "", short)
    found = _NAMES.get(short, _NAMES.get(bare))
    if found is None and (bare != short or last != name):
        found = next((other for other in known if other.lower() == bare), None)
    return found if found in known else None


def elsewhere(name: str) -> str | None:
    """Where a key belongs that stands where it does not: "`layers` is a key of `model`"; None of a key of nothing."""
    from lipbuild.config.choices import OPTIMIZERS
    from lipbuild.config.sections import SECTIONS

    keys = (name, *synonyms(name))
    for key in keys:
        for section, cls in SECTIONS.items():
            if key in cls.model_fields:
                return (
                    f"`{key}` is a key of `{section}`"
                    if section
                    else f"`{key}` stands at the top of a config"
                )
    for key in keys:
        if key in OPTIMIZERS["Adam"].model_fields:
            return f"`{key}` is an argument of the optimizer: `optimizer: {{Adam: {{{key}: …}}}}`"
    return None
