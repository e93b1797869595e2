"""What a config may say of where its data comes from."""

from __future__ import annotations

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.fields.registry import Registry

__all__ = ["SOURCES", "SourceSpec"]

SOURCES: Registry[SourceSpec] = Registry(
    __name__,
    {
        "digits": "digits",
        "breast_cancer": "breast_cancer",
        "wine": "wine",
        "iris": "iris",
        "diabetes": "diabetes",
        "linnerud": "linnerud",
        "moons": "moons",
        "mnist": "keras_datasets",
        "fashion_mnist": "keras_datasets",
        "cifar10": "keras_datasets",
        "cifar100": "keras_datasets",
        "tfds": "tfds",
        "npz": "npz",
        "npy": "npy",
        "csv": "csv_file",
        "parquet": "parquet",
        "image_folder": "image_folder",
        "tfrecord": "tfrecord",
        "python": "python_function",
    },
    {
        "digits": "Digits",
        "breast_cancer": "BreastCancer",
        "wine": "Wine",
        "iris": "Iris",
        "diabetes": "Diabetes",
        "linnerud": "Linnerud",
        "moons": "Moons",
        "mnist": "Mnist",
        "fashion_mnist": "FashionMnist",
        "cifar10": "Cifar10",
        "cifar100": "Cifar100",
        "tfds": "Tfds",
        "npz": "Npz",
        "npy": "Npy",
        "csv": "Csv",
        "parquet": "Parquet",
        "image_folder": "ImageFolder",
        "tfrecord": "TFRecord",
        "python": "PythonFunction",
    },
)
