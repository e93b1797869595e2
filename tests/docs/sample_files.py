"""The files that the configs of the documentation name, made small."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

SAMPLES = 40
_FUNCTION = """
import numpy as np


def load(samples):
    x = np.random.default_rng(0).random((samples, 4), dtype=np.float32)
    return x, (x[:, 0] > 0.5).astype(int)
"""


def write_sample_files(folder: Path) -> None:
    """Tables, arrays, images, records, copies of data sets, and a module."""
    rng = np.random.default_rng(0)
    labels = np.arange(SAMPLES) % 2
    _tables(folder, rng, labels)
    pixels = rng.integers(0, 256, (SAMPLES, 16, 16, 3), dtype=np.uint8)
    for name, chosen in (("", slice(None)), ("_test", slice(10))):
        np.save(folder / f"x{name}.npy", pixels[chosen] / 255.0)
        np.save(folder / f"y{name}.npy", labels[chosen])
    np.savez(folder / "generated.npz", x=255 - pixels, y=labels)
    encoded = [tf.io.encode_png(image).numpy() for image in pixels]
    for number, content in enumerate(encoded):
        place = folder / "images" / ("cats", "dogs")[labels[number]] / f"patient{number // 4}_{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    for name, chosen in (("train-0", range(20)), ("train-1", range(20, 40)), ("test", range(10))):
        _records(folder / f"{name}.tfrecord", [encoded[i] for i in chosen], labels[list(chosen)])
    _copies(folder / "copies", rng)
    (folder / "my_data.py").write_text(_FUNCTION)


def _tables(folder: Path, rng: np.random.Generator, labels: np.ndarray) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    columns = {
        "a": rng.random(SAMPLES),
        "b": rng.random(SAMPLES),
        "kind": np.array(["x", "y"])[labels],
        "importance": rng.random(SAMPLES),
    }
    rows = zip(*columns.values())
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    (folder / "measurements.csv").write_text("\n".join(lines) + "\n")
    colours = [
        line.replace(",", f",{'red' if number % 3 else ''},", 1) for number, line in enumerate(lines[1:])
    ]
    gaps = [line if number % 4 else line[line.index(",") :] for number, line in enumerate(colours)]
    (folder / "gaps.csv").write_text("\n".join([lines[0].replace(",", ",colour,", 1), *gaps]) + "\n")
    visits = [f"P{number // 4},{line}" for number, line in enumerate(lines[1:])]
    (folder / "visits.csv").write_text("\n".join(["patient," + lines[0], *visits]) + "\n")
    parts = np.array(["train", "train", "train", "validation", "test"] * 8)
    parquet.write_table(pa.table({**columns, "part": parts}), folder / "measurements.parquet")


def _records(path: Path, images: list[bytes], labels: np.ndarray) -> None:
    with tf.io.TFRecordWriter(str(path)) as writer:
        for image, label in zip(images, labels):
            feature = {
                "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[image])),
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[int(label)])),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())


def _copies(folder: Path, rng: np.random.Generator) -> None:
    """`mnist` as Keras keeps it, and as TensorFlow Datasets prepares it."""
    prepared = folder / "mnist" / "3.0.1"
    prepared.mkdir(parents=True)
    images = rng.integers(0, 256, (30, 28, 28), dtype=np.uint8)
    labels = np.arange(30) % 10
    np.savez(
        folder / "mnist.npz",
        x_train=images[:20],
        y_train=labels[:20],
        x_test=images[20:],
        y_test=labels[20:],
    )
    encoded = [tf.io.encode_png(image[..., None]).numpy() for image in images]
    splits = []
    for name, chosen in (("train", range(20)), ("test", range(20, 30))):
        path = prepared / f"mnist-{name}.tfrecord-00000-of-00001"
        _records(path, [encoded[i] for i in chosen], labels[list(chosen)])
        splits.append(
            {
                "name": name,
                "shardLengths": [str(len(chosen))],
                "numBytes": str(path.stat().st_size),
                "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
            }
        )
    info = {"name": "mnist", "version": "3.0.1", "fileFormat": "tfrecord", "splits": splits}
    info["supervisedKeys"] = {"tuple": {"items": [{"featureKey": "image"}, {"featureKey": "label"}]}}
    (prepared / "dataset_info.json").write_text(json.dumps(info))
    core = "tensorflow_datasets.core.features"
    features = {
        "image": {
            "pythonClassName": f"{core}.image_feature.Image",
            "image": {"shape": {"dimensions": ["28", "28", "1"]}, "dtype": "uint8"},
        },
        "label": {
            "pythonClassName": f"{core}.class_label_feature.ClassLabel",
            "classLabel": {"numClasses": "10"},
        },
    }
    whole = {
        "pythonClassName": f"{core}.features_dict.FeaturesDict",
        "featuresDict": {"features": features},
    }
    (prepared / "features.json").write_text(json.dumps(whole))
