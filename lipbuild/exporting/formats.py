"""The formats, by their names in a config."""

from __future__ import annotations

from lipbuild.exporting.c_code.c_format import CFormat
from lipbuild.exporting.keras_format import KerasFormat
from lipbuild.exporting.kind import Kind
from lipbuild.exporting.litert_format import LiteRTFormat, Quantization
from lipbuild.exporting.onnx_format import OnnxFormat
from lipbuild.exporting.saved_model import SavedModelFormat
from lipbuild.exporting.weights_format import WeightsFormat

FORMATS: dict[str, Kind] = {
    kind.name: kind
    for kind in (KerasFormat(), SavedModelFormat(), OnnxFormat(), LiteRTFormat(), WeightsFormat(), CFormat())
}


def formats_of(quantize: Quantization) -> dict[str, Kind]:
    """The formats, LiteRT with its weights kept in as many bits."""
    return {**FORMATS, "litert": LiteRTFormat(quantize)}
