"""A plain convolution is used.

## What it does
Reports the convolutions of Keras: one-, two- and three-dimensional, depthwise, separable and transposed; and
deel-lip's `PadConv2D`, which is one of them with other paddings.

## Why is this bad?
The Lipschitz constant of a convolution is the norm of its operator, the greatest singular value of its symbol
Σ_k K_k·e^(i⟨k, ω⟩) over all frequencies ω, and training makes it as large as it likes; even a kernel that reshaped to a
matrix has the norm 1 has an operator of norm up to √(kh·kw).

## Example
```yaml
- Conv2D: {filters: 16, kernel_size: 3}
```

## Use instead
```yaml
- SpectralConv2D: {filters: 16, kernel_size: 3}
```

## References
- Sedghi, Gupta, Long: The singular values of convolutional layers, 2019
- Li et al.: Preventing gradient attenuation in Lipschitz constrained convolutional networks, 2019
"""

from __future__ import annotations

from lipbuild.config.stack import LayerUse
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.fixes import rename
from lipbuild.rules.refused import Instead, refuse
from lipbuild.rules.rule import Rule
from lipbuild.text.fix import Fix

_WHY = "has an unbounded Lipschitz constant"
_NOTE = "it is the norm of the convolution's operator, which training makes as large as it likes"


def _renamed(name: str, padding: str | None) -> Instead:
    """The same layer with its norm held; a padding that Keras has where it is left out is written out."""
    defaults = {"padding": padding} if padding else None

    def fix(use: LayerUse) -> Fix | None:
        return rename(use, name, defaults=defaults)

    same = f" (its `padding` is `same` where left out, and Keras's `{padding}`)" if padding else ""
    return Instead(_WHY, f"use `{name}`, whose arguments have the same names{same}", fix, _NOTE)


def _other(help: str) -> Instead:
    return Instead(_WHY, help, note=_NOTE)


_JOINED = _other("use `Reshape` to join two of its dimensions, and `SpectralConv2D`")
_WHOLE = _other(
    "use `SpectralConv2D`: a kernel for each channel and one for each pixel are one kernel of its own"
)
_ENLARGED = _other("use `Reshape` and `SpectralDense`")
_LAYERS = {
    **dict.fromkeys(("Conv1D", "Convolution1D"), _renamed("SpectralConv1D", "valid")),
    **dict.fromkeys(("Conv2D", "Convolution2D"), _renamed("SpectralConv2D", "valid")),
    "PadConv2D": _other("use `SpectralConv2D`, whose `padding` is `same` or `valid`"),
    **dict.fromkeys(("Conv3D", "Convolution3D"), _JOINED),
    **dict.fromkeys(
        ("DepthwiseConv2D", "SeparableConv2D", "SeparableConvolution2D"),
        _WHOLE,
    ),
    **dict.fromkeys(
        ("DepthwiseConv1D", "SeparableConv1D", "SeparableConvolution1D"),
        _other("use `SpectralConv1D`"),
    ),
    **dict.fromkeys(
        ("Conv2DTranspose", "Convolution2DTranspose"),
        _other("use `SpectralConv2DTranspose`, whose `padding` is `same`"),
    ),
    **dict.fromkeys(
        ("Conv1DTranspose", "Convolution1DTranspose", "Conv3DTranspose", "Convolution3DTranspose"), _ENLARGED
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
