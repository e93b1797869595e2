"""What people write who come from elsewhere, and what it is called here."""

from __future__ import annotations

from collections.abc import Collection

# The words of PyTorch, of other libraries and of papers.
_SYNONYMS = {
    "activation_function": ("activation",),
    "arch": ("layers",),
    "architecture": ("layers", "model"),
    "bias": ("use_bias",),
    "bs": ("batch_size",),
    "channels": ("filters",),
    "coefficient": ("k_coef_lip", "lipschitz"),
    "criterion": ("loss",),
    "dataset": ("source", "data"),
    "dims": ("units",),
    "eps": ("radii", "epsilon"),
    "epsilon": ("radii",),
    "epsilons": ("radii",),
    "factor": ("scale",),
    "file": ("path",),
    "filename": ("path",),
    "hidden": ("units",),
    "in_shape": ("input",),
    "input_dim": ("input",),
    "k": ("k_coef_lip", "n"),
    "kernel": ("kernel_size",),
    "label": ("name",),
    "lip": ("lipschitz", "k_coef_lip"),
    "lip_const": ("lipschitz", "k_coef_lip"),
    "lr": ("learning_rate",),
    "margin": ("min_margin",),
    "max_epochs": ("epochs",),
    "minibatch": ("batch_size",),
    "modules": ("layers",),
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
    "pool": ("pool_size",),
    "radius": ("radii",),
    "rate": ("learning_rate",),
    "ratio": ("scale",),
    "repeat": ("times",),
    "shape": ("input", "target_shape"),
    "size": ("units", "pool_size", "kernel_size"),
    "slope": ("negative_slope",),
    "stride": ("strides",),
    "temperature": ("tau",),
    "val": ("validation",),
    "val_split": ("validation",),
    "validation_split": ("validation",),
    "test_size": ("test",),
    "test_split": ("test",),
    "width": ("units",),
    "window": ("pool_size", "kernel_size"),
}


def synonym(name: str, known: Collection[str]) -> str | None:
    """The key that another library's word stands for, where it is among those that are known here."""
    return next((key for key in _SYNONYMS.get(name.lower(), ()) if key in known), None)


def elsewhere(name: str) -> str | None:
    """Where a key belongs that stands where it does not: "`layers` is a key of `model`"; None of a key of nothing."""
    from lipbuild.spec.optimizers import OPTIMIZERS
    from lipbuild.spec.sections import SECTIONS

    keys = (name, *_SYNONYMS.get(name.lower(), ()))
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
