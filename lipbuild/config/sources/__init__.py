"""What a config may say of where its data comes from."""

from __future__ import annotations

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.fields.registry import Registry

__all__ = ["SOURCES", "SourceSpec"]

SOURCES: Registry[SourceSpec] = Registry(
    __name__,
    {
        "digits": "shipped.Digits",
        "breast_cancer": "shipped_tables.BreastCancer",
        "wine": "shipped_tables.Wine",
        "iris": "shipped_tables.Iris",
        "diabetes": "shipped_tables.Diabetes",
        "linnerud": "shipped_tables.Linnerud",
        "moons": "planes.Moons",
        "circles": "planes.Circles",
        "mnist": "keras_datasets.Mnist",
        "fashion_mnist": "keras_datasets.FashionMnist",
        "cifar10": "keras_datasets.Cifar10",
        "cifar100": "keras_datasets.Cifar100",
        "tfds": "streams.Tfds",
        "npz": "arrays.Npz",
        "npy": "arrays.Npy",
        "csv": "tables.Csv",
        "parquet": "tables.Parquet",
        "image_folder": "images.ImageFolder",
        "tfrecord": "streams.TFRecord",
        "python": "python_function.PythonFunction",
        "none": "no_data.NoData",
    },
    "sources",
    f"{__name__}.source_spec:SourceSpec",
)
