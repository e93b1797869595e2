"""The formats, by their names in a config."""

from __future__ import annotations

from lipbuild.exporting.format import Format
from lipbuild.exporting.keras_format import KerasFormat
from lipbuild.exporting.litert_format import LiteRTFormat, Quantization
from lipbuild.exporting.onnx_format import OnnxFormat
from lipbuild.exporting.saved_model import SavedModelFormat
from lipbuild.exporting.weights_format import WeightsFormat

FORMATS: dict[str, Format] = {
    kind.name: kind
    for kind in (KerasFormat(), SavedModelFormat(), OnnxFormat(), LiteRTFormat(), WeightsFormat())
}


def formats_of(quantize: Quantization) -> dict[str, Format]:
    """The formats, LiteRT with its weights kept in as many bits."""
    return {**FORMATS, "litert": LiteRTFormat(quantize)}
