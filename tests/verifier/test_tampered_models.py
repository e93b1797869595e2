"""Each way to change a model under its certificate is caught, even where the certificate names the changed one."""

import json
import shutil
import zipfile

import numpy as np
import pytest

from lipbuild.saved.archive import read_archive
from lipbuild.saved.certify import certify
from lipbuild.verifier import UnreadableError, verify
from tests.verifier.conftest import fails


def test_a_changed_weight_is_another_model(main, tmp_path):
    changed = main.changed(
        tmp_path / "m.keras",
        weight=("layers/dense/vars/0", lambda w: np.nextafter(w, np.float32(9))),
        resign=False,
    )
    fails(changed.verified(), "weights")


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("dense", "spectral_dense"),
        ("dense_1", "dense"),
        ("conv2d", "spectral_conv2d"),
        ("conv2d_1", "conv2d"),
    ],
)
def test_weights_one_ulp_up_exceed_their_bound(main, tmp_path, variable, name):
    def up(w):
        return np.nextafter(w, np.copysign(np.float32(9), w))

    changed = main.changed(tmp_path / "m.keras", weight=(f"layers/{variable}/vars/0", up))
    fails(changed.verified(), name)


def test_one_weight_one_ulp_up_is_caught_where_it_carries_the_norm(tmp_path, keras):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, use_bias=False)])
    model.layers[0].set_weights([np.array([[1.0, 0.0], [0.0, 0.5]], np.float32)])
    model.save(tmp_path / "a.keras")
    statement = certify(*read_archive(tmp_path / "a.keras"))
    assert float.fromhex(statement["predicate"]["lipschitz"]) < 1.0 + 1e-12
    model.layers[0].set_weights(
        [np.array([[np.nextafter(np.float32(1), np.float32(2)), 0], [0, 0.5]], np.float32)]
    )
    model.save(tmp_path / "b.keras")
    other = certify(*read_archive(tmp_path / "b.keras"))
    statement["subject"] = other["subject"]
    fails(verify(tmp_path / "b.keras", statement), "dense")


@pytest.mark.parametrize("activation", ["gelu", "tanh", "elu", "exponential", None])
def test_a_swapped_activation_is_caught(main, tmp_path, activation):
    def change(config):
        _layer(config, "conv2d")["config"]["activation"] = activation

    fails(main.changed(tmp_path / "a.keras", config=change, resign=False).verified(), "config.json")
    assert not main.changed(tmp_path / "b.keras", config=change).verified().holds


def _layer(config, key):
    """The first of a class, or the one of a name."""
    layers = config["config"]["layers"]
    return next(item for item in layers if key in (item["class_name"], item["config"].get("name")))


def test_a_node_removed_from_the_model_is_caught(main, tmp_path):
    def change(config):
        layers = [item for item in config["config"]["layers"] if item["class_name"] != "Dropout"]
        config["config"]["layers"] = json.loads(json.dumps(layers).replace('"dropout"', '"concatenate"'))

    assert not main.changed(tmp_path / "m.keras", config=change).verified().holds


def test_layers_in_another_order_are_caught(main, tmp_path):
    def change(config):
        text = json.dumps(config)
        for a, b in (
            ("group_sort2", "@"),
            ("scaled_average_pooling2d", "group_sort2"),
            ("@", "scaled_average_pooling2d"),
        ):
            text = text.replace(f'["{a}", 0, 0]', f'["{b}", 0, 0]')
        return json.loads(text)

    assert not main.changed(tmp_path / "m.keras", config=change).verified().holds


@pytest.mark.parametrize(
    ("class_name", "module"),
    [
        ("Conv2D", "somebody.layers"),
        ("Dense", "somebody.layers"),
        ("GetItem", "somebody.ops"),
        ("Dense", "lipbuild.layers.dense"),
    ],
)
def test_a_layer_of_ones_own_under_a_known_name_is_refused(main, tmp_path, class_name, module):
    def change(config):
        _layer(config, class_name)["module"] = module

    verdict = main.changed(tmp_path / "m.keras", config=change).verified()
    assert not verdict.holds


@pytest.mark.parametrize(
    "change",
    [
        {"module": "somebody.models"},
        {"class_name": "Model"},
        {"registered_name": "mine>Functional"},
        {"class_name": "Lambda"},
    ],
)
def test_a_model_of_ones_own_is_refused(main, tmp_path, change):
    def edit(config):
        config |= change

    fails(main.changed(tmp_path / "m.keras", config=edit).verified(), "model")


@pytest.mark.parametrize("key", ["dtype", "data_format", "lora_rank", "quantization_config", "something_new"])
@pytest.mark.parametrize("class_name", ["Dense", "Conv2D"])
def test_options_that_change_any_layer_are_refused(main, tmp_path, class_name, key):
    values = {
        "dtype": "mixed_float16",
        "data_format": "channels_first",
        "lora_rank": 4,
        "quantization_config": {"a": 1},
    }

    def change(config):
        _layer(config, class_name)["config"][key] = values.get(key, 3)

    verdict = main.changed(tmp_path / "m.keras", config=change).verified()
    assert not verdict.holds
    assert "class_name" not in verdict.failures[0].message


@pytest.mark.parametrize(
    "keywords", [{"training": True}, {"mask": [1]}, {"mask": False}, {"initial_state": 2}]
)
def test_a_layer_that_is_called_in_another_way_is_refused(main, tmp_path, keywords):
    def change(config):
        _layer(config, "Dropout")["inbound_nodes"][0]["kwargs"] = keywords

    fails(main.changed(tmp_path / "m.keras", config=change).verified(), "dropout")


def test_a_layer_called_on_numbers_is_refused(main, tmp_path):
    def change(config):
        _layer(config, "Average")["inbound_nodes"][0]["args"][0].append(0.5)

    fails(main.changed(tmp_path / "m.keras", config=change).verified(), "average")


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("place", ["layers/dense/vars/0", "layers/conv2d/vars/1"])
def test_weights_that_are_no_numbers_are_refused(main, tmp_path, place, value):
    changed = main.changed(tmp_path / "m.keras", weight=(place, lambda w: np.full_like(w, value)))
    fails(changed.verified(), place.split("/")[1])


def test_a_huge_bias_needs_a_huge_rounding_error(main, tmp_path):
    # Murray 2026: biases of a million flip a label well inside a certified radius, by rounding alone.
    huge = main.changed(tmp_path / "m.keras", weight=("layers/conv2d/vars/1", lambda b: np.full_like(b, 1e6)))
    honest = certify(*read_archive(huge.path), inputs=main.x, semantics="float32")
    assert verify(huge.path, honest, inputs=main.x).holds
    modest = float.fromhex(main.predicate["inference"]["error"]["float32"])
    assert float.fromhex(honest["predicate"]["inference"]["error"]["float32"]) > 1e4 * modest
    # A certificate that keeps the errors of the modest bias does not hold for the huge one.
    fails(huge.verified(), "inference")


@pytest.mark.parametrize("length", [0, 10, 5000])
def test_a_truncated_model_cannot_be_read(main, tmp_path, length):
    (tmp_path / "m.keras").write_bytes(main.path.read_bytes()[:length])
    with pytest.raises(UnreadableError):
        verify(tmp_path / "m.keras", main.statement)


def test_a_missing_model_cannot_be_read(main, tmp_path):
    with pytest.raises(UnreadableError):
        verify(tmp_path / "nothing.keras", main.statement)


def _archive(main, path, members):
    with zipfile.ZipFile(main.path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in [*content.items(), *members]:
            archive.writestr(name, value)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("members", [[("evil.py", b"1")], [("config.json", b"{}")], [("assets/x", b"1")]])
def test_an_archive_with_other_members_is_refused(main, tmp_path, members):
    fails(verify(_archive(main, tmp_path / "m.keras", members), main.statement), "archive")


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace('"units": 3', '"units": 3, "units": 3', 1),
        lambda text: text.replace('"units": 3', '"units": NaN', 1),
        lambda text: text[:-5],
        lambda text: "[]",
        lambda text: "3",
    ],
)
def test_a_configuration_that_is_no_strict_json_is_not_read(main, tmp_path, edit):
    with zipfile.ZipFile(main.path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content["config.json"] = edit(content["config.json"].decode()).encode()
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        for name, value in content.items():
            archive.writestr(name, value)
    with pytest.raises(UnreadableError):
        verify(tmp_path / "m.keras", main.statement)


def _with_weights(main, path, edit):
    """A copy whose weights a function has changed through h5py."""
    import io

    import h5py

    with zipfile.ZipFile(main.path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    buffer = io.BytesIO(content["model.weights.h5"])
    with h5py.File(buffer, "r+") as file:
        edit(file, h5py)
    content["model.weights.h5"] = buffer.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in content.items():
            archive.writestr(name, value)
    return path


def _renamed(file, h5py):
    file["layers/dense/vars"].attrs["name"] = "another"


def _left_over(file, h5py):
    file["layers/dense/more"] = np.zeros(3)


def _gap(file, h5py):
    file.move("layers/dense/vars/1", "layers/dense/vars/2")


def _link(file, h5py):
    file["layers/dense/vars/2"] = h5py.SoftLink("/layers/dense/vars/0")


def _outside(file, h5py):
    file["layers/dense/vars/2"] = h5py.ExternalLink("other.h5", "/x")


@pytest.mark.parametrize("edit", [_renamed, _left_over, _gap, _link, _outside])
def test_weights_that_keras_would_not_store_so_are_refused(main, tmp_path, edit):
    verdict = verify(_with_weights(main, tmp_path / "m.keras", edit), main.statement)
    assert not verdict.holds
    assert {f.where for f in verdict.failures} <= {"weights", "spectral_dense"}


def test_missing_weights_are_refused(main, tmp_path):
    def edit(file, h5py):
        del file["layers/dense/vars/1"]

    assert not verify(_with_weights(main, tmp_path / "m.keras", edit), main.statement).holds


def test_what_an_optimizer_remembers_is_no_part_of_the_model(main, tmp_path):
    def edit(file, h5py):
        file["optimizer/vars/0"] = np.zeros(3)

    assert verify(_with_weights(main, tmp_path / "m.keras", edit), main.statement).holds


def test_a_file_that_is_no_model_cannot_be_read(main, tmp_path):
    shutil.copy(__file__, tmp_path / "m.keras")
    with pytest.raises(UnreadableError):
        verify(tmp_path / "m.keras", main.statement)
