"""A plain convolution is used.

## What it does
Reports the convolutions of Keras: one-, two- and three-dimensional, depthwise, separable and transposed.

## Why is this bad?
The Lipschitz constant of a convolution is the norm of its operator, which training makes as large as it
likes; even a kernel of norm 1 has an operator of norm up to √(kh·kw).

## Example
```yaml
- Conv2D: {filters: 16, kernel_size: 3}
```

## Use instead
```yaml
- SpectralConv2D: {filters: 16, kernel_size: 3}
```

## References
- Li et al.: Preventing gradient attenuation in Lipschitz constrained convolutional networks, 2019
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.fixes import add_argument, rename
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule
from lipbuild.source.fix import Fix
from lipbuild.spec.stack import LayerUse


def _constrained(use: LayerUse, name: str = "SpectralConv2D") -> Fix | None:
    """The constrained convolution with the padding that the plain one has where it is left out."""
    renamed = rename(use, name)
    if renamed is None or "padding" in use.fields:
        return renamed
    padding = add_argument(use, "padding: valid")
    if padding is None:
        return None
    return Fix(f"replace `{use.kind}` by `{name}`", (*renamed.edits, padding))


def _sequence(use: LayerUse) -> Fix | None:
    return _constrained(use, "SpectralConv1D")


_LAYERS = {
    "Conv2D": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `SpectralConv2D`, which takes the same arguments (its `padding` is `same` where left out)",
        _constrained,
    ),
    "Convolution2D": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `SpectralConv2D`",
        _constrained,
    ),
    "DepthwiseConv2D": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `SpectralConv2D`",
    ),
    "SeparableConv2D": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `SpectralConv2D`",
    ),
    "SeparableConvolution2D": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `SpectralConv2D`",
    ),
    "Conv1D": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `SpectralConv1D`, which takes the same arguments (its `padding` is `same` where left out)",
        _sequence,
    ),
    "Convolution1D": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `SpectralConv1D`, which takes the same arguments (its `padding` is `same` where left out)",
        _sequence,
    ),
    "DepthwiseConv1D": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `Reshape` to an image of height 1 and `SpectralConv2D` with `kernel_size: [1, k]`",
    ),
    "SeparableConv1D": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `Reshape` to an image of height 1 and `SpectralConv2D` with `kernel_size: [1, k]`",
    ),
    "Conv3D": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `Reshape` to join two of its dimensions and `SpectralConv2D`",
    ),
    "Conv2DTranspose": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `Reshape` and `SpectralDense`",
    ),
    "Conv1DTranspose": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `Reshape` and `SpectralDense`",
    ),
    "Conv3DTranspose": Instead(
        "has an unbounded Lipschitz constant: the norm of its operator is whatever training makes it",
        "use `Reshape` and `SpectralDense`",
    ),
}

RULE = Rule(
    "LIP202",
    "plain-convolutions",
    Severity.ERROR,
    __doc__,
    refuse("plain-convolutions", _LAYERS),
    frozenset(_LAYERS),
)
