"""How much of a training step is spent waiting for data, for each way in which data may be kept.

    python tests/benchmarks/input_wait.py [--batch 256] [--steps 40] [--rounds 5] [--size 8] [--samples 8192]

The digits CNN is trained on images that are written to a folder first: as arrays, as mapped `.npy` files, as PNG
images that are kept in memory and that are not, as TFRecords of PNG images, and from a cache; each without and with
augmentation. The forms take turns. For each it prints the median over rounds of

- the share of a step's time that the training waits for its batch: the first row, one batch again and again, is
  what asking for a batch costs by itself, and
- the time of a step beside that of the same step on one batch that is there already: input that is read beside the
  training takes cores from it, even where it is never waited for; and
- the processor time that a batch takes by itself, over all cores, beside that of a step. It is the same on a busy
  machine: divided by the number of cores that a training leaves idle it says whether input can keep up.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

import lipbuild
from lipbuild.config.choices import AUGMENTATION, LOSSES
from lipbuild.config.sections import DataSection
from lipbuild.config.sources import SOURCES
from lipbuild.data.load import load_raw
from lipbuild.data.part import Part
from lipbuild.data.split import split_data
from lipbuild.training.compile import keras_loss, keras_optimizer
from lipbuild.training.seeds import set_seeds

CONFIG = Path(__file__).parents[2] / "configs" / "digits_cnn.yaml"
AUGMENT = [AUGMENTATION["RandomCrop"].model_validate({"padding": 1})]


def write(folder: Path, samples: int, size: int) -> None:
    """Digits as pixels of one byte, enlarged, again and again until there are enough."""
    from sklearn import datasets

    digits = datasets.load_digits()
    chosen = np.arange(samples) % len(digits.images)
    small = (digits.images[chosen] * (255.0 / 16.0)).astype(np.uint8)[..., None]
    images = tf.image.resize(small, [size, size], method="nearest").numpy().astype(np.uint8)
    np.save(folder / "x.npy", images)
    np.save(folder / "y.npy", digits.target[chosen])
    with tf.io.TFRecordWriter(str(folder / "digits.tfrecord")) as writer:
        for number, (image, label) in enumerate(zip(images, digits.target[chosen])):
            png = tf.io.encode_png(image).numpy()
            place = folder / "images" / str(label) / f"{number}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(png)
            feature = {
                "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[png])),
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[int(label)])),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())


def parts(folder: Path, size: int) -> dict[str, Part]:
    """The training part in each form."""
    npy: dict[str, Any] = {"features": "x.npy", "labels": "y.npy"}
    images: dict[str, Any] = {"path": "images", "channels": 1}
    records: dict[str, Any] = {
        "path": "digits.tfrecord",
        "features": "image",
        "encoding": "image",
        "shape": [size, size, 1],
        "labels": "label",
    }
    forms: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "arrays in memory": ("npy", npy, {}),
        "npy, mapped": ("npy", npy, {"stream": True}),
        "PNG images, kept": ("image_folder", images, {}),
        "PNG images": ("image_folder", images, {"stream": True}),
        "TFRecord of PNG images": ("tfrecord", records, {"stream": True}),
        "TFRecord, cached": ("tfrecord", records, {"stream": True, "cache": "cache"}),
    }
    loss = LOSSES["TauCategoricalCrossentropy"].model_validate({"tau": 10})
    found = {}
    for name, (source, arguments, options) in forms.items():
        for more, augment in (("", []), (", augmented", AUGMENT)):
            section = DataSection(
                source=SOURCES[source].model_validate(arguments), test=0.01, augment=augment, **options
            )
            raw = load_raw(section, folder)
            found[f"{name}{more}"] = split_data(raw, section, loss, 10).train
    return found


class Run:
    """One form of the data, in the middle of a training."""

    def __init__(self, batches: tf.data.Dataset) -> None:
        self.batches = iter(batches)
        self.waits: list[float] = []
        self.times: list[float] = []
        self.costs: list[float] = []

    def steps(self, step: Any, count: int) -> None:
        """Some steps, each of which waits for its batch."""
        waited = 0.0
        begin = time.perf_counter()
        for _ in range(count):
            start = time.perf_counter()
            batch = next(self.batches)
            waited += time.perf_counter() - start
            float(step(*batch))
        total = time.perf_counter() - begin
        self.waits.append(waited / total)
        self.times.append(total / count)

    def drain(self, count: int) -> None:
        """Batches that nothing is done with, many more than are kept ready."""
        start = time.process_time()
        for _ in range(count):
            next(self.batches)
        self.costs.append((time.process_time() - start) / count)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=8, help="height and width of the images")
    parser.add_argument("--samples", type=int, default=8192)
    options = parser.parse_args()
    set_seeds(0)
    size = options.size
    checked = lipbuild.load(CONFIG, [f"model.input=[{size}, {size}, 1]"] if size != 8 else [])
    assert checked.config is not None
    assert checked.config.train is not None
    model = lipbuild.build(checked)
    model.compile(keras_optimizer(checked.config.train.optimizer), keras_loss(checked.config.train.loss))
    train = tf.function(model.train_step, autograph=False, reduce_retracing=True)

    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        return train((x, y))["loss"]

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder, options.samples, size)
        endless = {
            name: part.batches(options.batch, epochs=range(10**6), seed=0, augment=True, drop_remainder=True)
            for name, part in parts(folder, size).items()
        }
        ready = next(iter(next(iter(endless.values()))))
        again = tf.data.Dataset.from_tensors(ready).repeat().prefetch(2)
        runs = {name: Run(data) for name, data in {"one batch, repeated": again, **endless}.items()}
        alone: list[float] = []
        cost: list[float] = []
        for measured in range(options.rounds + 1):
            start, spent = time.perf_counter(), time.process_time()
            for _ in range(options.steps):
                float(step(*ready))
            alone.append((time.perf_counter() - start) / options.steps)
            cost.append((time.process_time() - spent) / options.steps)
            for run in runs.values():
                run.steps(step, options.steps)
                run.drain(10 * options.steps)
            if not measured:
                # The first round fills buffers and finds out how many threads are worth their while.
                for values in (alone, cost, *(v for r in runs.values() for v in (r.waits, r.times, r.costs))):
                    values.clear()
        print(f"batch {options.batch} of {size}×{size}×1, {os.cpu_count()} cores")
        step_cost = np.median(cost) * 1e3
        print(
            f"a step on a batch that is there: {np.median(alone) * 1e3:.2f} ms, {step_cost:.2f} ms of all cores"
        )
        print()
        print(f"{'data':34} {'waiting':>8} {'step':>8} {'cores, a batch':>16}")
        for name, run in runs.items():
            ratio = np.median(np.array(run.times) / np.array(alone))
            own = np.median(run.costs) * 1e3
            print(f"{name:34} {np.median(run.waits):8.1%} {ratio:7.2f}× {own:7.2f} ms {own / step_cost:4.0%}")


if __name__ == "__main__":
    main()
