"""The formats, by their names in a config."""

from __future__ import annotations

from lipbuild.export.format import Format
from lipbuild.export.keras_format import KerasFormat
from lipbuild.export.litert_format import LiteRTFormat, Quantization
from lipbuild.export.onnx_format import OnnxFormat
from lipbuild.export.saved_model import SavedModelFormat
from lipbuild.export.weights_format import WeightsFormat

FORMATS: dict[str, Format] = {
    kind.name: kind
    for kind in (KerasFormat(), SavedModelFormat(), OnnxFormat(), LiteRTFormat(), WeightsFormat())
}


def formats_of(quantize: Quantization) -> dict[str, Format]:
    """The formats, LiteRT with its weights kept in as many bits."""
    return {**FORMATS, "litert": LiteRTFormat(quantize)}
