"""What a config may say of where its data comes from."""

from __future__ import annotations

from lipbuild.spec.registry import Registry
from lipbuild.spec.sources.source_spec import SourceSpec

__all__ = ["SOURCES", "SourceSpec"]

SOURCES: Registry[SourceSpec] = Registry(
    __name__,
    {
        "digits": "shipped",
        "breast_cancer": "shipped",
        "wine": "shipped",
        "diabetes": "shipped",
        "moons": "shipped",
        "npz": "npz",
        "csv": "csv_file",
    },
    {
        "digits": "Digits",
        "breast_cancer": "BreastCancer",
        "wine": "Wine",
        "diabetes": "Diabetes",
        "moons": "Moons",
        "npz": "Npz",
        "csv": "Csv",
    },
)
