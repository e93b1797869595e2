"""The formats of exports by their names: lipbuild's own, and those that installed packages bring."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lipbuild.plugins import entry_points


class ExportFormats(Collection[str]):
    """The names. Installed packages are searched if a name is unknown, or for the list of all names."""

    built_in = ("keras", "saved_model", "onnx", "litert", "weights", "c")

    def __contains__(self, name: object) -> bool:
        return name in self.built_in or name in entry_points("formats")

    def __iter__(self) -> Iterator[str]:
        yield from self.built_in
        yield from (name for name in entry_points("formats") if name not in self.built_in)

    def __len__(self) -> int:
        return len(list(iter(self)))


EXPORT_FORMATS = ExportFormats()
