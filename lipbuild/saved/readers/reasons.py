from __future__ import annotations

_STATISTICS = "which divides by a deviation of its own input: its constant grows as that falls"
_RECURRENT = "whose constant grows with each step of a sequence, and is not bounded for its weights"
_ATTENTION = "which multiplies functions of its input: it has no Lipschitz constant on all inputs"

REASONS: dict[str, str] = {
    "Lambda": "whose code is not in the file",
    "LayerNormalization": _STATISTICS,
    "RMSNormalization": _STATISTICS,
    "GroupNormalization": _STATISTICS,
    "UnitNormalization": _STATISTICS,
    "SpectralNormalization": "which divides by an estimate of a norm from below: export what it wraps",
    "MultiHeadAttention": _ATTENTION,
    "GroupQueryAttention": _ATTENTION,
    "Attention": _ATTENTION,
    "AdditiveAttention": _ATTENTION,
    "Multiply": "which multiplies functions of its input: it has no Lipschitz constant on all inputs",
    "Dot": "which multiplies functions of its input: it has no Lipschitz constant on all inputs",
    "Embedding": "whose inputs are numbers of words, with no distance between them",
    "LSTM": _RECURRENT,
    "GRU": _RECURRENT,
    "SimpleRNN": _RECURRENT,
    "RNN": _RECURRENT,
    "Bidirectional": _RECURRENT,
    "ConvLSTM1D": _RECURRENT,
    "ConvLSTM2D": _RECURRENT,
    "ConvLSTM3D": _RECURRENT,
    "Where": "which jumps from one tensor to another: it has no Lipschitz constant",
    "Greater": "which jumps: it has no Lipschitz constant",
}
"""Why layers and functions are refused that are known to have no constant, or none that is of use."""
