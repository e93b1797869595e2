"""The formats, by their names in a config."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping

from lipbuild.config.export_formats import EXPORT_FORMATS
from lipbuild.errors import UnusableError
from lipbuild.exporting.c_code.c_format import CFormat
from lipbuild.exporting.keras_format import KerasFormat
from lipbuild.exporting.kind import Kind
from lipbuild.exporting.litert_format import LiteRTFormat
from lipbuild.exporting.onnx_format import OnnxFormat
from lipbuild.exporting.options import ExportOptions
from lipbuild.exporting.saved_model import SavedModelFormat
from lipbuild.exporting.weights_format import WeightsFormat
from lipbuild.plugins import entry_points, load_entry_point

_OWN: dict[str, Kind] = {
    kind.name: kind
    for kind in (KerasFormat(), SavedModelFormat(), OnnxFormat(), LiteRTFormat(), WeightsFormat(), CFormat())
}


class Formats(Mapping[str, Kind]):
    """The formats: lipbuild's own, and those that installed packages bring."""

    def __getitem__(self, name: str) -> Kind:
        if name in _OWN:
            return _OWN[name]
        kind = load_entry_point("formats", name)
        found = kind() if isinstance(kind, type) else kind
        if not isinstance(found, Kind) or found.name != name:
            raise UnusableError(
                f"{entry_points('formats')[name].package} brings `{name}`, which is no format of that name",
                "install another version of the package, or remove it",
            )
        return found

    def __contains__(self, name: object) -> bool:
        return name in EXPORT_FORMATS

    def __iter__(self) -> Iterator[str]:
        return iter(EXPORT_FORMATS)

    def __len__(self) -> int:
        return len(EXPORT_FORMATS)


FORMATS = Formats()


def formats_of(options: ExportOptions) -> Mapping[str, Kind]:
    """The formats with their options: the bits of LiteRT and ONNX, and ONNX's batch."""
    chosen: dict[str, Kind] = {
        "litert": LiteRTFormat(options.quantize),
        "onnx": OnnxFormat(options.batch, half=options.quantize == "float16"),
    }
    return ChainMap(chosen, FORMATS)  # type: ignore[arg-type]
