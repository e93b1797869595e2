"""Data sets by name: copies in the layouts that Keras and TensorFlow Datasets leave behind, and no network."""

from __future__ import annotations

import json
import pickle
import urllib.request
from pathlib import Path

import numpy as np
import pytest

import lipbuild
from lipbuild.config.sections import DataSection
from lipbuild.config.sources import SOURCES
from lipbuild.data.load import load_raw
from lipbuild.data.raw import RawData
from lipbuild.errors import RefusedError, UnusableError
from tests.conftest import Cli
from tests.data.copies import COPIES, GREY, LABELS, write_cifar100, write_fashion, write_mnist


def load(folder: Path, name: str, arguments: dict[str, object], **options: object) -> RawData:
    source = SOURCES[name].model_validate(arguments)
    return load_raw(DataSection(source=source, **options), folder)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("where", ["named", "of Keras"])
def test_a_copy_is_read_where_it_lies(
    name: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, pixels = COPIES[name]
    cache = tmp_path / "datasets"
    cache.mkdir()
    write(cache)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path if where == "of Keras" else tmp_path / "nowhere"))
    arguments = {} if where == "of Keras" else {"folder": "datasets"}
    raw = load(tmp_path, name, arguments)
    assert SOURCES[name]().input_shape(tmp_path) == pixels.shape[1:]
    assert raw.test == 10
    found = raw.features.take(np.arange(30))  # type: ignore[union-attr, call-arg]
    assert np.array_equal(found, pixels.astype(np.float32) / np.float32(255))
    assert raw.labels.tolist() == LABELS.tolist()
    if name in ("cifar10", "fashion_mnist"):
        assert raw.class_names is not None
        assert len(set(raw.class_names)) == 10


def test_some_classes_are_kept_and_numbered_anew(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    raw = load(tmp_path, "mnist", {"folder": ".", "classes": [8, 0]})
    kept = np.isin(LABELS, [0, 8])
    assert raw.labels.tolist() == [0 if label == 8 else 1 for label in LABELS[kept]]
    assert raw.class_names == ("8", "0")
    assert raw.test == kept[20:].sum()
    found = raw.features.take(np.arange(kept.sum()))  # type: ignore[union-attr, call-arg]
    assert np.array_equal(found, GREY[kept][..., None].astype(np.float32) / np.float32(255))
    write_fashion(tmp_path)
    assert load(tmp_path, "fashion_mnist", {"folder": ".", "classes": [9, 5]}).class_names == (
        "Ankle boot",
        "Sandal",
    )
    assert SOURCES["mnist"](classes=[0, 8]).class_count() == 2
    for classes in ([0, 0], [0, 10], [-1, 2], [3]):
        with pytest.raises(ValueError, match="classes"):
            SOURCES["mnist"](classes=classes)
    SOURCES["cifar100"](classes=[0, 99])
    with pytest.raises(ValueError, match="groups are 0 to 19"):
        SOURCES["cifar100"](classes=[0, 20], label_mode="coarse")


def test_a_pickle_of_something_else_than_arrays_runs_nothing(tmp_path: Path) -> None:
    marker = tmp_path / "ran"

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return marker.touch, ()

    write_cifar100(tmp_path)
    train = tmp_path / "cifar-100-python-target" / "cifar-100-python" / "train"
    for content, message in (
        (pickle.dumps({b"data": Bomb()}), "only arrays are read from a pickle"),
        (b"no pickle", "cannot be read"),
        (pickle.dumps([1]), "holds no dictionary"),
        (pickle.dumps({b"data": np.zeros(3, np.uint8)}), "cannot be read"),
    ):
        train.write_bytes(content)
        with pytest.raises(UnusableError, match=message):
            load(tmp_path, "cifar100", {"folder": "."})
    assert not marker.exists()


def test_without_a_network_and_a_copy_it_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    # urllib keeps the proxies that it found first.
    monkeypatch.setattr(urllib.request, "_opener", None)
    for name in ("http_proxy", "https_proxy"):
        # Nothing is had behind this proxy, wherever the test runs.
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(UnusableError) as unusable:
        load(tmp_path, "mnist", {})
    assert "mnist.npz is not there, and it cannot be downloaded: URL fetch failure" in unusable.value.message
    assert "\n" not in unusable.value.message
    assert f"put a copy into {tmp_path / 'datasets'}" in unusable.value.help


def test_a_named_folder_without_a_copy_is_not_downloaded_into(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match=r"there is no .*mnist\.npz"):
        load(tmp_path, "mnist", {"folder": "."})
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of `mnist` as TensorFlow Datasets prepares it, of thirty images."""
    import tensorflow as tf

    tfds = pytest.importorskip("tensorflow_datasets")
    folder = tmp_path_factory.mktemp("tfds")
    features = tfds.features.FeaturesDict(
        {"image": tfds.features.Image(shape=(28, 28, 1)), "label": tfds.features.ClassLabel(num_classes=10)}
    )

    def part(chosen: slice) -> tf.data.Dataset:
        return tf.data.Dataset.from_tensor_slices({"image": GREY[chosen, ..., None], "label": LABELS[chosen]})

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TQDM_DISABLE", "1")
        tfds.dataset_builders.store_as_tfds_dataset(
            name="mnist",
            version="3.0.1",
            data_dir=str(folder),
            split_datasets={"train": part(slice(20)), "test": part(slice(20, 30))},
            features=features,
            disable_shuffling=True,
        )
    return folder


@pytest.mark.parametrize("stream", [False, True])
def test_a_prepared_copy_is_read(stream: bool, prepared: Path) -> None:
    arguments = {"name": "mnist", "folder": str(prepared)}
    assert SOURCES["tfds"].model_validate(arguments).input_shape(Path()) == (28, 28, 1)
    raw = load(prepared, "tfds", arguments, stream=stream)
    assert raw.test == 10
    assert raw.class_names == tuple(str(i) for i in range(10))
    assert raw.features.in_memory == (not stream)  # type: ignore[union-attr]
    found = raw.features.take(np.arange(30))  # type: ignore[union-attr, call-arg]
    assert np.array_equal(found, GREY[..., None].astype(np.float32) / np.float32(255))
    assert raw.labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"train": "nothing"}, RefusedError, "has no split `nothing`"),
        ({"labels": "lable"}, RefusedError, "has no key `lable`"),
        ({"name": "cifar10"}, UnusableError, "it holds no prepared copy of `cifar10`"),
        ({"name": "no_such_data_set"}, UnusableError, "cannot be had"),
    ],
)
def test_what_a_prepared_copy_has_not_is_named(
    change: dict[str, object], error: type[Exception], message: str, prepared: Path
) -> None:
    with pytest.raises(error, match=message):
        load(prepared, "tfds", {"name": "mnist", "folder": str(prepared), **change})


def test_a_copy_that_names_a_class_of_its_own_is_not_loaded(prepared: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(prepared / "mnist", tmp_path / "mnist")
    path = tmp_path / "mnist" / "3.0.1" / "features.json"
    text = path.read_text()
    own = "tensorflow_datasets.core.features.image_feature.Image"
    for foreign in (text.replace(own, "evil.Image"), json.dumps({"type": "evil.Image", "content": {}})):
        path.write_text(foreign)
        with pytest.raises(UnusableError, match=r"names the Python class `evil\.Image`, which is not loaded"):
            load(tmp_path, "tfds", {"name": "mnist", "folder": "."})


def test_without_a_network_tensorflow_datasets_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tensorflow_datasets")
    for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))

    def unreachable(*_: object) -> None:
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr("lipbuild.data.sources.network.socket.getaddrinfo", unreachable)
    with pytest.raises(UnusableError, match=r"`mnist` is not in .*: .* cannot be reached: Name or service"):
        load(tmp_path, "tfds", {"name": "mnist"})


FUNCTION = """
import numpy as np

def make(samples=6, kind="arrays"):
    x, y = np.arange(2.0 * samples).reshape(-1, 2), np.arange(samples) % 2
    if kind == "arrays":
        return x, y
    if kind == "parts":
        return {"train": (x, y, np.full(samples, 2.0)), "test": (x[:2], y[:2])}
    if kind == "nothing":
        return None
    if kind == "misfit":
        return x, y[:-1]
    if kind == "strange":
        return {"train": (x, y), "dev": (x, y)}
    raise KeyError("some mistake")

not_callable = 1
"""


def test_a_function_of_the_users_is_called_only_where_it_is_allowed(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "my_data_a.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n{FUNCTION}")
    config = tmp_path / "c.yaml"
    config.write_text(
        "seed: 0\nmodel: {input: [2], layers: [SpectralDense: {units: 2}]}\n"
        "data: {source: {python: {function: 'my_data_a:make', arguments: {samples: 40}}}, validation: 0.1}\n"
        "train: {loss: {TauCategoricalCrossentropy: {tau: 1}}, epochs: 1}\n"
    )
    checked = lipbuild.load(config)
    lipbuild.build(checked)
    with pytest.raises(UnusableError, match="may not call it") as refused:
        lipbuild.train(checked, tmp_path / "runs", quiet=True)
    assert "--allow-code" in refused.value.help
    assert not (tmp_path / "ran").exists()
    trained = cli("train", config, "--allow-code", "--output", tmp_path / "runs")
    assert trained.returncode == 0, trained.stderr
    assert (tmp_path / "ran").exists()
    # The run can be moved: it knows where the module lies, and asks again.
    run = Path(trained.stdout.split()[-1])
    with pytest.raises(UnusableError, match="is not called to read a run") as asked:
        lipbuild.evaluate(run, attack=False, plots=False)
    assert "data.source={npz" in asked.value.help
    # Or is given its data, and calls nothing.
    (tmp_path / "ran").unlink()
    x, y = np.arange(80.0).reshape(-1, 2), np.arange(40) % 2
    np.savez(tmp_path / "d.npz", x=x, y=y)
    with pytest.raises(UnusableError, match="is not called to read a run") as asked:
        lipbuild.certify(run)
    assert "--data" in asked.value.help
    certificate = lipbuild.certify(run, tmp_path / "d.npz").path
    assert lipbuild.verify(run, certificate, tmp_path / "d.npz").holds
    source = f"data.source={{npz: {{path: {tmp_path / 'd.npz'}}}}}"
    assert lipbuild.evaluate(run, overrides=[source], attack=False, plots=False).samples == 8
    assert [one.format for one in lipbuild.export(run, ["weights"], overrides=[source])] == ["weights"]
    assert not (tmp_path / "ran").exists()
    with lipbuild.allow_code():
        assert lipbuild.evaluate(run, attack=False, plots=False).samples == 8


@pytest.mark.parametrize(
    ("function", "arguments", "error", "message"),
    [
        ("my_data_b:make", {"kind": "nothing"}, RefusedError, "returned NoneType, and a part is"),
        ("my_data_b:make", {"kind": "misfit"}, RefusedError, "6 samples and 5 labels"),
        ("my_data_b:make", {"kind": "strange"}, RefusedError, "returned the parts train, dev"),
        ("my_data_b:make", {"kind": "?"}, RefusedError, "raised KeyError: 'some mistake'"),
        ("my_data_b:make", {"smaples": 1}, RefusedError, "unexpected keyword argument"),
        ("my_data_b:other", {}, UnusableError, "has no function `other`"),
        ("my_data_b:not_callable", {}, UnusableError, "has no function `not_callable`"),
        ("my_data_c:make", {}, UnusableError, "there is no module `my_data_c`"),
        ("my_data_b", {}, UnusableError, "is no `module:function`"),
    ],
)
def test_what_is_wrong_with_a_function_is_said(
    function: str, arguments: dict[str, object], error: type[Exception], message: str, tmp_path: Path
) -> None:
    (tmp_path / "my_data_b.py").write_text(FUNCTION)
    with pytest.raises(error, match=message), lipbuild.allow_code():
        load(tmp_path, "python", {"function": function, "arguments": arguments})


def test_a_function_may_keep_parts_apart_and_weight_samples(tmp_path: Path) -> None:
    (tmp_path / "my_data_b.py").write_text(FUNCTION)
    with lipbuild.allow_code():
        raw = load(tmp_path, "python", {"function": "my_data_b:make", "arguments": {"kind": "parts"}})
        # What is kept of one call is not taken for another's.
        for samples in (6, 6, 8):
            arguments = {"function": "my_data_b:make", "arguments": {"samples": samples}}
            kept = load(tmp_path, "python", arguments, stream=True, cache="kept")
            assert len(kept.labels) == len(kept.features) == samples
    assert raw.test == 2
    assert raw.weights is not None
    assert raw.weights.tolist() == [2.0] * 6 + [1.0] * 2
    assert len(list((tmp_path / "kept").iterdir())) == 2
    with pytest.raises(UnusableError, match="may not call it"):
        load(tmp_path, "python", {"function": "my_data_b:make"})
