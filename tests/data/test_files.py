"""Sources that read files: real ones, made here. In memory, streamed and cached they give the same samples."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from lipbuild.config.choices import LOSSES
from lipbuild.config.sections import DataSection
from lipbuild.config.sources import SOURCES
from lipbuild.config.sources.image_header import image_size
from lipbuild.data.decode_image import ImageError, decode
from lipbuild.data.features import Features
from lipbuild.data.inputs.images import read_images
from lipbuild.data.load import load_raw
from lipbuild.data.raw import RawData
from lipbuild.data.read_records import read_records
from lipbuild.data.split import split_data
from lipbuild.data.streamed_features import StreamedFeatures
from lipbuild.errors import RefusedError, UnusableError

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (12, 6, 5, 3), dtype=np.uint8)
CLASSES = np.array([0, 1, 2] * 4)
LOSS = LOSSES["TauCategoricalCrossentropy"](tau=1.0)


def section(name: str, arguments: dict[str, object], **options: object) -> DataSection:
    return DataSection(source=SOURCES[name].model_validate(arguments), **options)


def load(folder: Path, name: str, arguments: dict[str, object], **options: object) -> RawData:
    return load_raw(section(name, arguments, **options), folder)


def values(raw: RawData) -> np.ndarray:
    """All inputs as they are given to the network."""
    if isinstance(raw.features, Features):
        return raw.features.take(np.arange(len(raw.labels)))
    return raw.features.astype(np.float32)


def example(features: dict[str, object]) -> bytes:
    def feature(value: object) -> tf.train.Feature:
        if isinstance(value, bytes):
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
        array = np.ravel(np.asarray(value))
        if array.dtype.kind in "iu":
            return tf.train.Feature(int64_list=tf.train.Int64List(value=array.tolist()))
        return tf.train.Feature(float_list=tf.train.FloatList(value=array.tolist()))

    message = tf.train.Example(
        features=tf.train.Features(feature={key: feature(value) for key, value in features.items()})
    )
    encoded: bytes = message.SerializeToString()
    return encoded


def write_records(path: Path, records: list[dict[str, object]], compression: str = "") -> None:
    with tf.io.TFRecordWriter(str(path), compression) as writer:
        for record in records:
            writer.write(example(record))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same twelve images in every form, and some numbers."""
    folder = tmp_path_factory.mktemp("files")
    np.save(folder / "x.npy", PIXELS)
    np.save(folder / "y.npy", CLASSES)
    np.save(folder / "x_test.npy", PIXELS[:3])
    np.save(folder / "y_test.npy", CLASSES[:3])
    np.save(folder / "w.npy", np.arange(12.0))
    for part, chosen in (("images", range(12)), ("held", range(3))):
        for i in chosen:
            place = folder / part / f"class {CLASSES[i]}" / f"{i:02}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(tf.io.encode_png(PIXELS[i]).numpy())
    (folder / "images" / ".hidden").mkdir()
    (folder / "images" / "class 0" / "notes.txt").write_text("no image")
    records = [
        {
            "image": tf.io.encode_png(PIXELS[i]).numpy(),
            "raw": PIXELS[i].tobytes(),
            "numbers": PIXELS[i].astype(np.float32),
            "whole": PIXELS[i].astype(np.int64),
            "label": int(CLASSES[i]),
            "name": f"class {CLASSES[i]}".encode(),
            "weight": 0.5 * i,
        }
        for i in range(12)
    ]
    for number in range(3):
        write_records(folder / f"part-{number}.tfrecord", records[4 * number : 4 * number + 4])
    write_records(folder / "held.tfrecord", records[:3])
    write_records(folder / "packed.tfrecord.gz", records, "GZIP")
    return folder


NPY = {"features": "x.npy", "labels": "y.npy"}
RECORDS = {"path": "part-*.tfrecord", "shape": [6, 5, 3], "labels": "label"}
FORMS = {
    "npy": ("npy", NPY, 1.0),
    "images": ("image_folder", {"path": "images"}, 255.0),
    "record of an image": ("tfrecord", {**RECORDS, "features": "image", "encoding": "image"}, 255.0),
    "record of bytes": ("tfrecord", {**RECORDS, "features": "raw", "encoding": "uint8"}, 1.0),
    "record of numbers": ("tfrecord", {**RECORDS, "features": "numbers", "encoding": "float32"}, 1.0),
    "record of whole numbers": ("tfrecord", {**RECORDS, "features": "whole", "encoding": "int64"}, 1.0),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_takes_much_memory_is_streamed_and_the_rest_read_once(
    form: str, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, arguments, _ = FORMS[form]
    streamed = load(files, name, arguments, stream=True).features
    assert isinstance(streamed, StreamedFeatures)
    needed = streamed.take_stored(np.arange(12)).nbytes
    for limit, in_memory in ((needed, True), (needed - 1, False)):
        monkeypatch.setattr("lipbuild.data.load.IN_MEMORY", limit)
        choices: list[dict[str, Any]] = [{}, {"cache": str(tmp_path / "cache")}]
        for options in choices:
            raw = load(files, name, arguments, **options)
            assert isinstance(raw.features, Features)
            assert raw.features.in_memory == in_memory
            part = split_data(raw, section(name, arguments, **options, test=0.25), LOSS, 3).train
            batches = [x for x, _ in part.batches(4, seed=1, epochs=range(2)).as_numpy_iterator()]
            if in_memory:
                expected = batches
            for found, same in zip(batches, expected, strict=True):
                assert np.array_equal(found, same)
    assert not load(files, name, arguments, stream=True).features.in_memory  # type: ignore[union-attr]
    assert load(files, name, arguments, stream=False).features.in_memory  # type: ignore[union-attr]


@pytest.mark.parametrize("form", FORMS)
def test_samples_are_the_same_in_memory_streamed_and_cached(form: str, files: Path, tmp_path: Path) -> None:
    name, arguments, divisor = FORMS[form]
    spec = section(name, arguments)
    before = sorted(files.rglob("*"))
    assert spec.source.input_shape(files) == (6, 5, 3)
    order = np.argsort(CLASSES, kind="stable") if name == "image_folder" else np.arange(12)
    expected = PIXELS[order].astype(np.float32) / np.float32(divisor)
    cache = {"cache": str(tmp_path / "cache")}
    for options in ({}, {"stream": True}, {"stream": True, **cache}, {"stream": True, **cache}, cache):
        raw = load(files, name, arguments, **options)
        assert np.array_equal(values(raw), expected), options
        assert np.array_equal(raw.labels, CLASSES[order])
        assert isinstance(raw.features, Features)
        assert raw.features.in_memory == ("stream" not in options)
        if options != {"stream": True}:
            continue
        part = split_data(raw, section(name, arguments, **options, test=0.25), LOSS, 3).train
        batches = list(part.batches(4, seed=1, epochs=range(2)).as_numpy_iterator())
        found = np.concatenate([x for x, _ in batches])
        labels = np.concatenate([y for _, y in batches]).argmax(axis=1)
        assert len(found) == 18
        known = {sample.tobytes(): label for sample, label in zip(expected, CLASSES[order])}
        assert [known[sample.tobytes()] for sample in found] == labels.tolist()
        assert np.array_equal(np.sort(part.x, axis=0), np.sort(found[:9], axis=0))
    # Nothing is written but what the cache is named for.
    assert len(list((tmp_path / "cache").iterdir())) == len(list(tmp_path.iterdir())) == 1
    assert sorted(files.rglob("*")) == before


def test_streamed_images_are_given_a_channel_where_the_network_has_one(tmp_path: Path) -> None:
    from lipbuild.data.load import match_shape

    np.save(tmp_path / "x.npy", PIXELS[..., 0])
    np.save(tmp_path / "y.npy", CLASSES)
    raw = match_shape(load(tmp_path, "npy", NPY, stream=True), (6, 5, 1))
    assert values(raw).shape == (12, 6, 5, 1)
    part = split_data(raw, section("npy", NPY), LOSS, 3).train
    [(x, _), *_] = part.batches(4).as_numpy_iterator()
    assert np.array_equal(x, part.x[:4])


def test_a_cache_is_of_the_files_as_they_are(files: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", PIXELS)
    np.save(tmp_path / "y.npy", CLASSES)
    options = {"stream": True, "cache": "kept"}
    load(tmp_path, "npy", NPY, **options)
    np.save(tmp_path / "x.npy", PIXELS[::-1])
    assert np.array_equal(values(load(tmp_path, "npy", NPY, **options)), PIXELS[::-1].astype(np.float32))
    caches = list((tmp_path / "kept").iterdir())
    assert len(caches) == 2
    for cache in caches:
        cache.write_bytes(b"broken")
    with pytest.raises(UnusableError, match="the cache cannot be used"):
        load(tmp_path, "npy", NPY, **options)
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableError, match="the cache cannot be used"):
        load(tmp_path, "npy", NPY, cache="file/inside")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_leaves_no_cache_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "x.npy", PIXELS)
    np.save(tmp_path / "y.npy", CLASSES)

    def full(path: Path) -> Path:
        partial = path.with_name("partial")
        partial.symlink_to("/dev/full")
        return partial

    monkeypatch.setattr("lipbuild.data.cache._partial", full)
    with pytest.raises(UnusableError, match="the cache cannot be used: No space left on device"):
        load(tmp_path, "npy", NPY, cache="kept")
    assert not list((tmp_path / "kept").iterdir())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("npy", {**NPY, "test_features": "x_test.npy", "test_labels": "y_test.npy", "weights": "w.npy"}),
        ("image_folder", {"path": "images", "test": "held", "validation": "held"}),
        (
            "tfrecord",
            {
                **RECORDS,
                "features": "raw",
                "encoding": "uint8",
                "test": "held.tfrecord",
                "labels": "name",
                "label_encoding": "text",
                "weights": "weight",
            },
        ),
    ],
)
def test_parts_in_files_of_their_own_stay_apart(name: str, arguments: dict[str, object], files: Path) -> None:
    raw = load(files, name, arguments, stream=True)
    assert raw.test == 3
    assert (raw.validation == 3) == ("validation" in arguments)
    data = split_data(raw, section(name, arguments), LOSS, 3)
    assert len(data.train) == 12
    divisor = np.float32(255.0 if name == "image_folder" else 1.0)
    assert np.array_equal(data.test.x, PIXELS[:3].astype(np.float32) / divisor)
    assert data.test.targets.tolist() == [0, 1, 2]
    assert (data.train.weights is not None) == ("weights" in arguments)
    if name != "npy":
        assert data.class_names == ("class 0", "class 1", "class 2")


def test_compressed_records_are_read_whole_or_through_a_cache(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So little is read at a time that there are several batches, and several chunks of them.
    monkeypatch.setattr("lipbuild.data.streamed_features._VALUES", 5 * 90)
    arguments = {**RECORDS, "path": "packed.tfrecord.gz", "features": "raw", "encoding": "uint8"}
    compressed = {**arguments, "compression": "GZIP"}
    for options in ({}, {"stream": True, "cache": str(tmp_path)}):
        assert np.array_equal(
            values(load(files, "tfrecord", compressed, **options)), PIXELS.astype(np.float32)
        )
    with pytest.raises(RefusedError, match="compressed records cannot be streamed"):
        load(files, "tfrecord", compressed, stream=True)
    monkeypatch.setattr("lipbuild.data.load.IN_MEMORY", 100)
    with pytest.raises(RefusedError, match="compressed records cannot be streamed") as refused:
        load(files, "tfrecord", compressed)
    assert "`data.stream: false`" in refused.value.help
    assert len(load(files, "tfrecord", compressed, stream=False).features) == 12
    with pytest.raises(RefusedError, match="not a complete TFRecord file"):
        load(files, "tfrecord", arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": "nothing"}, "nothing"),
        ({"labels": "name"}, "not as declared"),
        ({"shape": [6, 5, 1]}, "must have 30 bytes"),
        ({"encoding": "float32"}, "not as declared"),
        (
            {"encoding": "image", "features": "image", "shape": [7, 5, 3]},
            "its size is 6 by 5, and 7 by 5 is expected",
        ),
        ({"encoding": "image", "features": "raw"}, "sample 0: it is not an image that can be read"),
        ({"encoding": "image", "features": "image", "shape": [90]}, "`shape` of encoded images"),
    ],
)
def test_records_that_are_not_as_declared_are_refused(
    change: dict[str, object], message: str, files: Path
) -> None:
    arguments = {**RECORDS, "features": "raw", "encoding": "uint8", **change}
    with pytest.raises(RefusedError, match=message):
        load(files, "tfrecord", arguments)


def test_damaged_records_are_refused(files: Path, tmp_path: Path) -> None:
    content = bytearray((files / "part-0.tfrecord").read_bytes())
    for name, changed in (
        ("cut", content[:-7]),
        ("flipped", content[:200] + bytes([content[200] ^ 1]) + content[201:]),
        ("empty", b""),
    ):
        (tmp_path / name).write_bytes(changed)
        with pytest.raises(RefusedError, match=name):
            load(tmp_path, "tfrecord", {**RECORDS, "path": name, "features": "raw", "encoding": "uint8"})
    write_records(tmp_path / "nan", [{"x": np.array([1.0, np.nan]), "label": 0}])
    with pytest.raises(RefusedError, match="holds NaN or infinite values"):
        load(
            tmp_path,
            "tfrecord",
            {**RECORDS, "path": "nan", "features": "x", "encoding": "float32", "shape": [2]},
        )


def test_images_of_several_sizes_and_formats_are_resized_where_it_is_asked_for(tmp_path: Path) -> None:
    grey = tf.constant(np.full((40, 30, 1), 100, np.uint8))
    for name, content in (
        ("a/one.JPG", tf.io.encode_jpeg(tf.repeat(grey, 3, axis=-1), quality=100)),
        ("a/two.png", tf.io.encode_png(grey[:20])),
        ("b/three.jpeg", tf.io.encode_jpeg(grey[:, :20], quality=100)),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content.numpy())
    # A bitmap of 2×1 pixels: 54 bytes of header, rows of blue, green and red padded to 4 bytes.
    header = b"BM" + (62).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    header += (40).to_bytes(4, "little") + (2).to_bytes(4, "little") + (1).to_bytes(4, "little")
    header += (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24)
    (tmp_path / "b" / "four.bmp").write_bytes(header + bytes([100] * 6) + bytes(2))
    sizes = [image_size(tmp_path / name) for name in ("a/one.JPG", "a/two.png", "b/three.jpeg", "b/four.bmp")]
    assert sizes == [(40, 30), (20, 30), (40, 20), (1, 2)]
    with pytest.raises(RefusedError, match=r"two.png: its size is 20 by 30, and 40 by 30 is expected"):
        load(tmp_path, "image_folder", {"path": "."})
    raw = load(tmp_path, "image_folder", {"path": ".", "size": [8, 9], "channels": 1})
    assert values(raw).shape == (4, 8, 9, 1)
    assert np.allclose(values(raw), 100 / 255, atol=2 / 255)
    assert raw.unit == "the range of a pixel, [0, 1], of images resized to 8×9"
    # A GIF and what is none.
    gif = b"GIF89a" + (7).to_bytes(2, "little") + (5).to_bytes(2, "little") + bytes(20)
    for content, size in ((gif, (5, 7)), (b"", None), (b"\xff\xd8\xff", None), (b"text", None)):
        (tmp_path / "probe").write_bytes(content)
        assert image_size(tmp_path / "probe") == size


def kinds_of_images(folder: Path) -> None:
    """A gradient of 4×6 pixels, upright, in files of every kind."""
    rgb = np.stack(np.broadcast_arrays(np.arange(6) * 40, np.arange(4)[:, None] * 60, 128), -1).astype(
        np.uint8
    )
    wide = np.arange(24, dtype=np.uint16).reshape(4, 6) * 2737
    turned = Image.Exif()
    turned[0x112] = 6
    ink = np.dstack([255 - rgb, np.zeros((4, 6), np.uint8)])
    for name, image, options in (
        ("rgb.png", Image.fromarray(rgb), {}),
        ("rgb.bmp", Image.fromarray(rgb), {}),
        ("rgb.tif", Image.fromarray(rgb), {}),
        ("lossless.webp", Image.fromarray(rgb), {"lossless": True}),
        ("alpha.png", Image.fromarray(np.dstack([rgb, wide.astype(np.uint8)]), "RGBA"), {}),
        ("palette.png", Image.fromarray(rgb).quantize(24), {}),
        ("palette.gif", Image.fromarray(rgb).quantize(24), {}),
        ("turned.png", Image.fromarray(np.rot90(rgb)), {"exif": turned}),
        ("turned.jpg", Image.fromarray(np.rot90(rgb)), {"exif": turned, "quality": 100, "subsampling": 0}),
        ("cmyk.tif", Image.fromarray(ink, "CMYK"), {}),
        ("sixteen.png", Image.fromarray(wide), {}),
        ("sixteen.tif", Image.fromarray(wide), {}),
        ("grey.png", Image.fromarray((wide >> 8).astype(np.uint8)), {}),
        ("bit.png", Image.fromarray(wide > 30000), {}),
    ):
        image.save(folder / name, **options)


def test_an_image_of_any_kind_has_the_same_pixels_in_training_and_prediction(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    kinds_of_images(tmp_path / "a")
    (tmp_path / "a" / ".hidden.png").write_bytes(b"no image")
    files = sorted(path for path in (tmp_path / "a").iterdir() if path.name[0] != ".")
    assert {image_size(path) for path in files} == {(4, 6), None}
    for channels in (1, 3):
        trained = values(load(tmp_path, "image_folder", {"path": ".", "channels": channels}))
        assert len(trained) == len(files)
        np.testing.assert_array_equal(trained, read_images(files, (4, 6, channels)).values)
        small = values(load(tmp_path, "image_folder", {"path": ".", "channels": channels, "size": 3}))
        np.testing.assert_array_equal(small, read_images(files, (3, 3, channels), resize=True).values)
    pixels = {path.name: np.rint(x * 255) for path, x in zip(files, trained)}
    for name in ("rgb.bmp", "rgb.tif", "lossless.webp", "alpha.png", "turned.png", "cmyk.tif"):
        np.testing.assert_array_equal(pixels[name], pixels["rgb.png"], err_msg=name)
    np.testing.assert_array_equal(pixels["palette.gif"], pixels["palette.png"])
    for name in ("sixteen.png", "sixteen.tif"):
        np.testing.assert_array_equal(pixels[name], pixels["grey.png"], err_msg=name)
    assert np.abs(pixels["turned.jpg"] - pixels["rgb.png"]).max() <= 4
    assert np.unique(pixels["bit.png"]).tolist() == [0, 255]


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n and no more", b"\xff\xd8\xff\xe0 cut"])
def test_a_broken_image_is_refused_with_its_name(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(tf.io.encode_png(PIXELS[0]).numpy())
    (tmp_path / "a" / "2.png").write_bytes(content)
    with pytest.raises(RefusedError, match=r"2\.png"):
        load(tmp_path, "image_folder", {"path": "."})


def test_a_broken_image_in_a_stream_is_one_message(tmp_path: Path) -> None:
    from lipbuild.data.read_errors import read_errors

    for i, content in enumerate([tf.io.encode_png(PIXELS[0]).numpy()] * 5 + [b"text"]):
        (tmp_path / f"{i % 2}").mkdir(exist_ok=True)
        (tmp_path / f"{i % 2}" / f"{i}.png").write_bytes(content)
    raw = load(tmp_path, "image_folder", {"path": "."}, stream=True)
    data = split_data(raw, section("image_folder", {"path": "."}, stream=True), LOSS, 2)
    for content in (b"text", tf.io.encode_png(PIXELS[0]).numpy()[:-40]):
        (tmp_path / "1" / "5.png").write_bytes(content)
        both = data.train.batches(2).concatenate(data.test.batches(2))
        with pytest.raises(RefusedError, match="a sample of the data cannot be read: "), read_errors():
            list(both)


@pytest.mark.parametrize(
    ("make", "arguments", "error", "message"),
    [
        ([], {"path": "nowhere"}, UnusableError, "there is no such folder"),
        ([], {"path": "."}, RefusedError, "it has no folders"),
        (["a"], {"path": "."}, RefusedError, "a: it has no images"),
    ],
)
def test_folders_without_images_are_refused(
    make: list[str], arguments: dict[str, object], error: type[Exception], message: str, tmp_path: Path
) -> None:
    for name in make:
        (tmp_path / name).mkdir()
    with pytest.raises(error, match=message):
        load(tmp_path, "image_folder", arguments)


def test_a_class_that_the_training_has_not_is_refused(files: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "1.png").write_bytes(tf.io.encode_png(PIXELS[0]).numpy())
    with pytest.raises(RefusedError, match="the class `other` is not in"):
        load(files, "image_folder", {"path": "images", "test": str(tmp_path)})


def test_arrays_of_objects_are_refused_and_run_nothing(tmp_path: Path) -> None:
    marker = tmp_path / "ran"

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return marker.touch, ()

    np.save(tmp_path / "x.npy", np.array([Bomb(), Bomb()], dtype=object))
    np.save(tmp_path / "y.npy", np.array([0, 1]))
    with pytest.raises(RefusedError, match="it holds Python objects"):
        load(tmp_path, "npy", NPY)
    assert not marker.exists()


def test_numbers_that_are_none_are_found_in_what_is_streamed(tmp_path: Path) -> None:
    x = np.zeros((12, 3), np.float32)
    x[7, 1] = np.inf
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", CLASSES)
    with pytest.raises(
        RefusedError, match="1 of 12 samples hold NaN or infinite features; the first is sample 7"
    ):
        load(tmp_path, "npy", NPY, stream=True)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (PIXELS, CLASSES[:5], "12 samples and 5 labels"),
        (np.zeros((12, 2), np.float32), CLASSES, "the parts of the data have samples of"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    x: np.ndarray, y: np.ndarray, message: str, files: Path, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    arguments = {**NPY, "test_features": str(files / "x_test.npy"), "test_labels": str(files / "y_test.npy")}
    with pytest.raises(RefusedError, match=message):
        load(tmp_path, "npy", arguments)


CSV = "a,b,kind,part,w\n1,2,cat,train,1\n3,4,dog,test,2\n5,6,cat,train,3\n7,8,dog,validation,4\n9,0,dog,train,5\n"


def tables(folder: Path, text: str = CSV, name: str = "t") -> None:
    import pyarrow as pa
    from pyarrow import csv, parquet

    (folder / f"{name}.csv").write_text(text)
    table = csv.read_csv(folder / f"{name}.csv")
    if "kind" in table.column_names and pa.types.is_string(table.column("kind").type):
        table = table.set_column(
            table.column_names.index("kind"), "kind", table.column("kind").dictionary_encode()
        )
    parquet.write_table(table, folder / f"{name}.parquet")


@pytest.mark.parametrize("source", ["csv", "parquet"])
def test_columns_are_chosen_by_name(source: str, tmp_path: Path) -> None:
    tables(tmp_path)
    arguments = {"path": f"t.{source}", "target": "kind", "split": "part", "weight": "w"}
    raw = load(tmp_path, source, arguments)
    assert values(raw).tolist() == [[1, 2], [5, 6], [9, 0], [7, 8], [3, 4]]
    assert list(raw.labels) == ["cat", "cat", "dog", "dog", "dog"]
    assert (raw.validation, raw.test) == (1, 1)
    assert raw.weights is not None
    assert raw.weights.tolist() == [1, 3, 5, 4, 2]
    if source == "csv":
        assert section(source, arguments).source.input_shape(tmp_path) == (2,)
    several = load(tmp_path, source, {"path": f"t.{source}", "target": ["a", "b"], "features": ["w"]})
    assert several.labels.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 0]]
    assert values(several).tolist() == [[1], [2], [3], [4], [5]]


@pytest.mark.parametrize("source", ["csv", "parquet"])
def test_tables_of_the_parts_are_joined(source: str, tmp_path: Path) -> None:
    tables(tmp_path, "a,kind\n1,1\n2,2\n")
    tables(tmp_path, "kind,a\nx,7\n1,8\n", "other")
    raw = load(
        tmp_path,
        source,
        {"path": f"t.{source}", "target": "kind", "test": f"other.{source}", "features": ["a"]},
    )
    assert values(raw).ravel().tolist() == [1, 2, 7, 8]
    assert list(raw.labels) == ["1", "2", "x", "1"]
    assert raw.test == 2


@pytest.mark.parametrize(
    ("source", "text", "change", "message"),
    [
        ("csv", CSV.replace("validation", "dev"), {"split": "part"}, "row 4 of `part` is `dev`"),
        ("parquet", CSV, {"target": "knd"}, "a column with a similar name: `kind`"),
        (
            "parquet",
            CSV,
            {"features": ["a", "part"]},
            "t.parquet: row 1: the feature `part` is `train`, which is string",
        ),
        ("csv", CSV, {"features": ["a", "kind"]}, "the target `kind` is also named as a feature"),
        ("csv", CSV, {"weight": "part"}, "t.csv:2:9: the weight `part` is `train`"),
        ("csv", CSV, {"split": "part", "test": "t.csv"}, "and other files are named as well"),
        ("parquet", "a,kind\n1,x\n,y\n", {}, "row 2: the feature `a` is nothing"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(
    source: str, text: str, change: dict[str, object], message: str, tmp_path: Path
) -> None:
    tables(tmp_path, text)
    with pytest.raises(RefusedError) as refused:
        load(tmp_path, source, {"path": f"t.{source}", "target": "kind", **change})
    assert message in f"{refused.value.message} {refused.value.help}"


def test_what_pyarrow_cannot_compute_with_is_read_or_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    arguments = {"path": "t.parquet", "target": "kind"}
    parquet.write_table(
        pa.table({"a": pa.array([0.5, 2.0], "float16"), "kind": [0, 1]}), tmp_path / "t.parquet"
    )
    assert values(load(tmp_path, "parquet", arguments)).tolist() == [[0.5], [2.0]]
    parquet.write_table(
        pa.table({"a": pa.array([-(2**63), 1], "int64"), "kind": [0, 1]}), tmp_path / "t.parquet"
    )
    with pytest.raises(
        RefusedError, match="row 1: the feature `a` is `-9223372036854775808`, which is a whole"
    ):
        load(tmp_path, "parquet", arguments)
    for kind in ("string", "float64"):
        parquet.write_table(
            pa.table({"a": pa.array([], kind), "kind": pa.array([], "int64")}), tmp_path / "t.parquet"
        )
        with pytest.raises(RefusedError, match="a table has at least one row, and this has none"):
            load(tmp_path, "parquet", arguments)


def test_a_codec_that_is_no_encoding_of_text_is_refused() -> None:
    for name in ("hex", "rot13", "zlib", "undefined"):
        with pytest.raises(ValueError, match="is not an encoding"):
            section("csv", {"path": "t.csv", "target": "kind", "encoding": name})


def test_what_is_no_parquet_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_text("no")
    with pytest.raises(UnusableError, match="cannot be read as a Parquet table"):
        load(tmp_path, "parquet", {"path": "t.parquet", "target": "a"})


def test_an_archive_may_have_weights_and_a_validation_part(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "d.npz",
        **{f"x_{p}": np.full((n, 2), n) for p, n in (("train", 4), ("validation", 2), ("test", 3))},
        **{f"y_{p}": np.zeros(n, int) for p, n in (("train", 4), ("validation", 2), ("test", 3))},
        w_train=np.arange(4),
    )
    raw = load(tmp_path, "npz", {"path": "d.npz", "weights": "w"})
    assert (raw.validation, raw.test) == (2, 3)
    assert values(raw)[:, 0].tolist() == [4] * 4 + [2] * 2 + [3] * 3
    assert raw.weights is not None
    assert raw.weights.tolist() == [0, 1, 2, 3, 1, 1, 1, 1, 1]
    with pytest.raises(RefusedError, match="`v_train` is needed"):
        load(tmp_path, "npz", {"path": "d.npz", "weights": "v"})


def test_the_record_that_is_not_as_declared_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for i in range(600):
            writer.write(example({"f": [1.0] * (3 if i == 554 else 4), "y": 1}))
    keys = {"path": "a.tfrecord", "features": "f", "encoding": "float32", "shape": [4], "labels": "y"}
    with pytest.raises(RefusedError, match=r"record 555 is not as declared: Key: f.*Values size: 3"):
        load(tmp_path, "tfrecord", keys)


def test_an_image_of_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    size = struct.pack(">LLBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, content in ((b"IHDR", size), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")):
        check = struct.pack(">L", zlib.crc32(kind + content))
        parts.append(struct.pack(">L", len(content)) + kind + content + check)
    with pytest.raises(ImageError, match="it has more than 89,478,485 pixels"):
        decode(b"".join(parts), (None, None, 1))


def test_compressed_records_that_are_cut_short_are_refused(tmp_path: Path) -> None:
    # TensorFlow reads those that are there.
    record = b"x" * 1000
    head = len(record).to_bytes(8, "little")
    content = (head + bytes(4) + record + bytes(4)) * 50
    path = tmp_path / "a.tfrecord"
    path.write_bytes(gzip.compress(content)[:-20])
    with pytest.raises(
        RefusedError, match=r"a\.tfrecord: it is not a complete TFRecord file: it ends too early"
    ):
        read_records([path], lambda batch: {}, "GZIP")
    path.write_bytes(gzip.compress(content[:-8]))
    with pytest.raises(RefusedError, match="record 50 ends behind the end of the file"):
        read_records([path], lambda batch: {}, "GZIP")
    path.write_bytes(content[:-8])
    with pytest.raises(RefusedError, match="record 50 ends behind the end of the file"):
        read_records([path], lambda batch: {})
