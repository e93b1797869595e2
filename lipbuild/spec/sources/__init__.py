"""What a config may say of where its data comes from."""

from __future__ import annotations

from lipbuild.spec.sources.csv_file import Csv
from lipbuild.spec.sources.npz import Npz
from lipbuild.spec.sources.shipped import BreastCancer, Diabetes, Digits, Moons, Wine
from lipbuild.spec.sources.source_spec import SourceSpec

__all__ = ["SOURCES", "SourceSpec"]

SOURCES: dict[str, type[SourceSpec]] = {
    cls.source_name: cls for cls in (Digits, BreastCancer, Wine, Diabetes, Moons, Npz, Csv)
}
