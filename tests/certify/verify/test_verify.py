"""Each way to tamper with a certificate or its model is caught, and what is honest passes."""

import copy
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from lipbuild.certify.archive import read_archive
from lipbuild.certify.certificate import certify
from lipbuild.certify.digests import array_digest, config_digest, weights_digest
from lipbuild.certify.inference import forward
from lipbuild.certify.keras_config import network_of
from lipbuild.certify.verify import verify
from lipbuild.errors import RefusedError, UnusableError

keras = pytest.importorskip("keras")


def _model():
    layers = keras.layers
    keras.utils.clear_session()  # names as the tests below expect them
    keras.utils.set_random_seed(0)
    from lipbuild.layers import GroupSort2, ScaledAveragePooling2D, SpectralConv2D, SpectralDense

    x = inputs = keras.Input((8, 8, 1))
    x = layers.Rescaling(0.5, offset=0.1)(x)
    x = SpectralConv2D(4, 3, padding="same")(x)
    x = GroupSort2()(x)
    x = ScaledAveragePooling2D(2)(x)
    y = layers.Conv2D(4, 3, padding="same", activation="relu", bias_initializer="ones")(x)
    x = layers.Average()([x, y])
    x = layers.Flatten()(x)
    x = SpectralDense(16, k_coef_lip=2.0)(x)
    a, b = x[:, :8], x[:, 8:]
    x = layers.Concatenate()([keras.ops.maximum(a, b), layers.Minimum()([a, b])])
    return keras.Model(inputs, layers.Dense(3)(layers.Dropout(0.5)(x)))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.keras"
    model = _model()
    model.save(path)
    rng = np.random.default_rng(0)
    inputs = rng.random((12, 8, 8, 1)).astype(np.float32)
    labels = rng.integers(0, 3, 12)
    config, weights = read_archive(path)
    certificate = certify(config, weights, inputs=inputs, labels=labels)
    return path, json.loads(json.dumps(certificate)), inputs, labels, np.asarray(model(inputs))


@pytest.fixture
def certificate(saved):
    return copy.deepcopy(saved[1])


def _row(certificate, name):
    return next(row for row in certificate["predicate"]["nodes"] if row["name"].startswith(name))


def _resign(certificate, config, weights):
    """What a forger would do: name the changed model in the certificate."""
    digests = {"config.json": config_digest(config), "weights": weights_digest(weights)}
    for subject in certificate["subject"]:
        subject["digest"]["sha256"] = digests[subject["name"]]


def _rewrite(path, target, *, config=None, weight=None):
    """A copy of a model with its configuration or one weight changed in place."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    if config is not None:
        content["config.json"] = json.dumps(config(json.loads(content["config.json"]))).encode()
    if weight is not None:
        import io

        import h5py

        buffer = io.BytesIO(content["model.weights.h5"])
        with h5py.File(buffer, "r+") as file:
            name, change = weight
            file[name][...] = change(file[name][...])
        content["model.weights.h5"] = buffer.getvalue()
    with zipfile.ZipFile(target, "w") as archive:
        for name, value in content.items():
            archive.writestr(name, value)
    return target


def _fails(verdict, where):
    assert not verdict.holds
    assert any(where in failure.where for failure in verdict.failures), verdict.failures


def test_an_honest_certificate_holds(saved, certificate):
    path, _, inputs, labels, _ = saved
    verdict = verify(path, certificate, inputs=inputs, labels=labels)
    assert verdict.holds, verdict.failures
    assert not verdict.unchecked
    assert any(float.fromhex(r) > 0.0 for r in certificate["predicate"]["samples"]["radii"])


def test_the_network_read_from_the_file_computes_what_keras_computes(saved):
    path, _, inputs, _, outputs = saved
    np.testing.assert_allclose(
        forward(network_of(*read_archive(path)), inputs), outputs, rtol=1e-5, atol=1e-6
    )


def test_a_constant_is_not_below_the_gain_between_samples(saved):
    path, certificate, inputs, _, _ = saved
    outputs = forward(network_of(*read_archive(path)), inputs)
    constant = float.fromhex(certificate["predicate"]["lipschitz"])
    for i in range(len(inputs)):
        for j in range(i):
            distance = np.linalg.norm(inputs[i].astype(np.float64) - inputs[j])
            assert np.linalg.norm(outputs[i] - outputs[j]) <= constant * distance


def test_radii_without_their_data_are_said_to_be_unchecked(saved, certificate):
    verdict = verify(saved[0], certificate)
    assert verdict.holds
    assert any("radii" in text for text in verdict.unchecked)


def test_another_save_of_the_same_model_still_holds(saved, certificate, tmp_path):
    path = saved[0]
    keras.models.load_model(path).save(tmp_path / "again.keras")
    assert verify(tmp_path / "again.keras", certificate).holds


def test_a_changed_weight_is_another_model(saved, certificate, tmp_path):
    changed = _rewrite(
        saved[0],
        tmp_path / "m.keras",
        weight=("layers/dense/vars/0", lambda w: np.nextafter(w, np.float32(9))),
    )
    _fails(verify(changed, certificate), "weights")


@pytest.mark.parametrize(
    ("variable", "node"),
    [
        ("dense", "dense"),
        ("spectral_dense", "spectral_dense"),
        ("conv2d", "conv2d"),
        ("spectral_conv2d", "spectral_conv2d"),
    ],
)
def test_weights_one_ulp_up_exceed_their_bound_even_in_a_forged_subject(
    saved, certificate, tmp_path, variable, node
):
    changed = _rewrite(
        saved[0],
        tmp_path / "m.keras",
        weight=(f"layers/{variable}/vars/0", lambda w: np.nextafter(w, np.copysign(np.float32(9), w))),
    )
    _resign(certificate, *read_archive(changed))
    _fails(verify(changed, certificate), node)


def test_one_weight_one_ulp_up_is_caught_where_it_carries_the_norm(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, use_bias=False)])
    model.layers[0].set_weights([np.array([[1.0, 0.0], [0.0, 0.5]], np.float32)])
    model.save(tmp_path / "a.keras")
    certificate = certify(*read_archive(tmp_path / "a.keras"))

    def change(w):
        w[0, 0] = np.nextafter(w[0, 0], np.float32(2))
        return w

    changed = _rewrite(tmp_path / "a.keras", tmp_path / "b.keras", weight=("layers/dense/vars/0", change))
    _resign(certificate, *read_archive(changed))
    _fails(verify(changed, certificate), "dense")


@pytest.mark.parametrize(
    "name",
    ["dense", "spectral_dense", "conv2d", "spectral_conv2d", "rescaling", "scaled_average", "group_sort2"],
)
def test_a_lowered_bound_is_caught_at_its_node(saved, certificate, name):
    row = _row(certificate, name)
    row["upper"] = row["lower"] = (float.fromhex(row["upper"]) * (1 - 1e-9)).hex()
    _fails(verify(saved[0], certificate), row["name"])


def test_a_lower_bound_above_the_upper_one_is_caught(saved, certificate):
    row = _row(certificate, "dense")
    row["lower"] = (float.fromhex(row["upper"]) * 1.5).hex()
    _fails(verify(saved[0], certificate), "dense")


def test_a_level_that_was_not_proved_is_caught(saved, certificate):
    _row(certificate, "dense")["level"] = "exact"
    _fails(verify(saved[0], certificate), "dense")


@pytest.mark.parametrize("name", ["average", "concatenate", "maximum", "flatten", "dense"])
def test_a_lowered_constant_is_caught_at_its_node(saved, certificate, name):
    row = _row(certificate, name)
    row["constant"] = (float.fromhex(row["constant"]) * (1 - 1e-12)).hex()
    _fails(verify(saved[0], certificate), row["name"])


def test_a_lowered_total_is_caught(saved, certificate):
    predicate = certificate["predicate"]
    predicate["lipschitz"] = (float.fromhex(predicate["lipschitz"]) * 0.999).hex()
    _fails(verify(saved[0], certificate), "lipschitz")


@pytest.mark.parametrize("value", ["nan", "inf", "-0x1p+0", "", None, [], 1.5])
def test_a_number_that_is_none_is_caught(saved, certificate, value):
    _row(certificate, "dense")["upper"] = value
    _fails(verify(saved[0], certificate), "dense")


def test_a_node_removed_from_the_certificate_is_caught(saved, certificate):
    del certificate["predicate"]["nodes"][3]
    _fails(verify(saved[0], certificate), "nodes")


def test_a_node_of_another_kind_is_caught(saved, certificate):
    _row(certificate, "conv2d:relu")["kind"] = "identity"
    _fails(verify(saved[0], certificate), "conv2d:relu")


@pytest.mark.parametrize("activation", ["gelu", "tanh", "elu"])
def test_a_swapped_activation_is_caught(saved, certificate, tmp_path, activation):
    def change(config):
        layer = next(item for item in config["config"]["layers"] if item["class_name"] == "Conv2D")
        layer["config"]["activation"] = activation
        return config

    changed = _rewrite(saved[0], tmp_path / "m.keras", config=change)
    _fails(verify(changed, certificate), "config.json")
    _resign(certificate, *read_archive(changed))
    assert not verify(changed, certificate).holds


def test_a_layer_of_ones_own_under_a_known_name_is_refused(saved, certificate, tmp_path):
    def change(config):
        layer = next(item for item in config["config"]["layers"] if item["class_name"] == "SpectralDense")
        layer["module"] = "somebody.layers"
        return config

    changed = _rewrite(saved[0], tmp_path / "m.keras", config=change)
    _resign(certificate, *read_archive(changed))
    verdict = verify(changed, certificate)
    assert any("spectral_dense" in failure.message for failure in verdict.failures)


def test_a_node_removed_from_the_model_is_caught(saved, certificate, tmp_path):
    def change(config):
        layers = config["config"]["layers"]
        text = json.dumps([item for item in layers if item["class_name"] != "GroupSort2"])
        config["config"]["layers"] = json.loads(text.replace('"group_sort2"', '"spectral_conv2d"'))
        return config

    changed = _rewrite(saved[0], tmp_path / "m.keras", config=change)
    _resign(certificate, *read_archive(changed))
    assert not verify(changed, certificate).holds


def test_radii_of_other_data_are_caught(saved, certificate):
    _fails(verify(saved[0], certificate, inputs=saved[2][::-1].copy()), "samples")


def test_a_raised_radius_is_caught_at_its_sample(saved, certificate):
    radii = certificate["predicate"]["samples"]["radii"]
    i = int(np.argmax([float.fromhex(r) for r in radii]))
    radii[i] = (float.fromhex(radii[i]) * (1 + 1e-6)).hex()
    _fails(verify(saved[0], certificate, inputs=saved[2], labels=saved[3]), f"sample {i}")


def test_a_missing_radius_is_caught(saved, certificate):
    certificate["predicate"]["samples"]["radii"].pop()
    _fails(verify(saved[0], certificate, inputs=saved[2]), "samples")


def test_a_raised_accuracy_and_other_labels_are_caught(saved, certificate):
    path, _, inputs, labels, _ = saved
    _fails(verify(path, certificate, inputs=inputs, labels=(labels + 1) % 3), "samples")
    certificate["predicate"]["samples"]["accuracy"] += 0.01
    _fails(verify(path, certificate, inputs=inputs, labels=labels), "samples")


def test_other_labels_of_the_same_accuracy_are_caught(saved):
    path, _, inputs, _, outputs = saved
    predictions = outputs.argmax(axis=1)
    wrong = certify(*read_archive(path), inputs=inputs, labels=(predictions + 1) % 3)
    _fails(verify(path, wrong, inputs=inputs, labels=(predictions + 2) % 3), "samples")


def test_a_lowered_head_is_caught(saved, certificate):
    head = certificate["predicate"]["head"]
    other = copy.deepcopy(certificate)
    head["distances"][0][1] = (float.fromhex(head["distances"][0][1]) * 0.99).hex()
    _fails(verify(saved[0], certificate), "head")
    head = other["predicate"]["head"]
    head["rest"] = (float.fromhex(head["rest"]) * 0.99).hex()
    _fails(verify(saved[0], other), "head")


def test_a_lowered_rounding_error_is_caught(saved, certificate):
    errors = certificate["predicate"]["inference"]["error"]
    # What is stated leaves others room, up to twice what is proved.
    errors["float64"] = (float.fromhex(errors["float64"]) * 0.25).hex()
    _fails(verify(saved[0], certificate), "inference")


def test_a_rounding_error_for_smaller_inputs_does_not_carry_the_radii(saved, certificate):
    inference = certificate["predicate"]["inference"]
    inference["input_norm"] = (0.5).hex()
    _fails(verify(saved[0], certificate, inputs=saved[2]), "sample")


def test_a_huge_bias_needs_a_huge_rounding_error(saved, tmp_path):
    path, _, inputs, _, _ = saved
    huge = _rewrite(
        path, tmp_path / "m.keras", weight=("layers/conv2d/vars/1", lambda b: np.full_like(b, 1e6))
    )
    certificates = [certify(*read_archive(m), inputs=inputs, semantics="float32") for m in (path, huge)]
    modest, large = (float.fromhex(c["predicate"]["inference"]["error"]["float32"]) for c in certificates)
    assert large > 1e4 * modest
    assert verify(huge, certificates[1], inputs=inputs).holds
    # A certificate that keeps the errors of the modest bias does not hold for the huge one.
    _resign(certificates[0], *read_archive(huge))
    _fails(verify(huge, certificates[0], inputs=inputs), "inference")


def test_radii_of_float32_are_smaller_than_those_of_the_real_function(saved):
    path, real, inputs, labels, _ = saved
    served = certify(*read_archive(path), inputs=inputs, labels=labels, semantics="float32")
    assert verify(path, served, inputs=inputs, labels=labels).holds
    pairs = zip(served["predicate"]["samples"]["radii"], real["predicate"]["samples"]["radii"], strict=True)
    assert all(float.fromhex(a) <= float.fromhex(b) for a, b in pairs)


def test_another_semantics_than_the_radii_were_computed_for_is_caught(saved, certificate):
    certificate["predicate"]["inference"]["semantics"] = "float32"
    _fails(verify(saved[0], certificate, inputs=saved[2]), "sample")


def test_semantics_that_are_not_known_are_caught(saved, certificate):
    certificate["predicate"]["inference"]["semantics"] = "hopeful"
    _fails(verify(saved[0], certificate), "inference")


def test_no_radius_is_stated_or_believed_where_the_rounding_of_an_activation_is_not_known(saved, tmp_path):
    layers = keras.layers
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4, activation="tanh"), layers.Dense(3)])
    model.save(tmp_path / "m.keras")
    inputs = np.ones((2, 4), np.float32)
    with pytest.raises(RefusedError, match=r"`dense.*:tanh` computes its values when it is served"):
        certify(*read_archive(tmp_path / "m.keras"), inputs=inputs, semantics="float32")
    forged = certify(*read_archive(tmp_path / "m.keras"))
    forged["predicate"] |= {
        "head": {"distances": [[(9.0 * (i != j)).hex() for j in range(3)] for i in range(3)]},
        "inference": {
            "semantics": "float32",
            "input_norm": (9.0).hex(),
            "error": {"float64": (1e-9).hex(), "float32": "inf"},
        },
        "samples": {"inputs": array_digest(inputs), "radii": [(1e-9).hex()] * 2},
    }
    forged["predicate"]["head"]["rest"] = (9.0).hex()
    _fails(verify(tmp_path / "m.keras", forged, inputs=inputs), "sample 0")
    forged["predicate"]["inference"]["error"]["float32"] = (1e-6).hex()
    _fails(verify(tmp_path / "m.keras", forged, inputs=inputs), "inference")


def test_an_attack_inside_its_radius_is_caught(saved, certificate):
    radii = certificate["predicate"]["samples"]["radii"]
    i = int(np.argmax([float.fromhex(r) for r in radii]))
    certificate["predicate"]["attacks"] = [{"sample": i, "distance": (float.fromhex(radii[i]) * 0.99).hex()}]
    _fails(verify(saved[0], certificate, inputs=saved[2], labels=saved[3]), "attacks")


def test_preprocessing_counts(saved):
    path, plain, inputs, _, _ = saved
    scaled = certify(*read_archive(path), inputs=inputs, preprocessing=["x / 4"], preprocessing_constant=0.25)
    assert verify(path, scaled, inputs=inputs).holds
    for a, b in zip(
        scaled["predicate"]["samples"]["radii"], plain["predicate"]["samples"]["radii"], strict=True
    ):
        assert float.fromhex(a) == pytest.approx(4.0 * float.fromhex(b), rel=1e-9)
    # A smaller constant of the preprocessing than the composition was made with is caught at the first node.
    scaled["predicate"]["input"]["constant"] = (0.5).hex()
    _fails(verify(path, scaled), "input")


@pytest.mark.parametrize("length", [0, 10, 5000])
def test_a_truncated_model_cannot_be_read(saved, certificate, tmp_path, length):
    (tmp_path / "m.keras").write_bytes(saved[0].read_bytes()[:length])
    with pytest.raises(UnusableError):
        verify(tmp_path / "m.keras", certificate)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        {"_type": "https://in-toto.io/Statement/v1"},
        {"_type": "https://in-toto.io/Statement/v0.1", "predicate": {}},
    ],
)
def test_what_is_no_certificate_is_caught(saved, broken):
    _fails(verify(saved[0], broken), "certificate")


@pytest.mark.parametrize("key", ["nodes", "output", "lipschitz", "input", "head", "inference", "norm"])
def test_a_missing_part_is_caught(saved, certificate, key):
    del certificate["predicate"][key]
    assert not verify(saved[0], certificate, inputs=saved[2]).holds


def test_the_verifier_imports_neither_keras_nor_tensorflow(saved, tmp_path):
    (tmp_path / "certificate.json").write_text(json.dumps(saved[1]))
    code = (
        "import json, pathlib, sys\n"
        "from lipbuild.certify.verify import verify\n"
        f"model, certificate = pathlib.Path({str(saved[0])!r}), pathlib.Path({str(tmp_path)!r}, 'certificate.json')\n"
        "verdict = verify(model, json.loads(certificate.read_text()))\n"
        "assert verdict.holds, verdict.failures\n"
        "assert not {'keras', 'tensorflow', 'scipy', 'lipbuild.certify.certificate'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda layers: layers.Dense(2, activation="gelu"),
        lambda layers: layers.LayerNormalization(),
        lambda layers: layers.Lambda(lambda x: x),
        lambda layers: layers.Dense(2, dtype="float16"),
        lambda layers: layers.UnitNormalization(),
        lambda layers: layers.ReLU(threshold=1.0),
    ],
)
def test_a_layer_without_a_known_constant_is_refused_with_its_name(tmp_path, make):
    model = keras.Sequential([keras.Input((4,)), make(keras.layers)])
    model.save(tmp_path / "m.keras")
    with pytest.raises(RefusedError, match=f"`{model.layers[0].name}[`:]"):
        certify(*read_archive(tmp_path / "m.keras"))


def test_a_number_in_place_of_a_tensor_is_refused(tmp_path):
    inputs = keras.Input((4,))
    keras.Model(inputs, keras.ops.maximum(inputs, 0.5)).save(tmp_path / "m.keras")
    with pytest.raises(RefusedError, match="maximum"):
        certify(*read_archive(tmp_path / "m.keras"))


@pytest.mark.parametrize(
    "make",
    [
        lambda k, x: k.layers.MaxPooling2D(3, strides=2, padding="same")(x),
        lambda k, x: k.layers.AveragePooling2D(3, strides=2, padding="same")(x),
        lambda k, x: k.layers.GlobalMaxPooling2D()(x),
        lambda k, x: k.layers.GlobalAveragePooling2D(keepdims=True)(x),
        lambda k, x: k.layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2)(x),
        lambda k, x: k.layers.Conv2D(4, 3, groups=2, dilation_rate=2, activation="relu")(x),
        lambda k, x: k.layers.Conv1D(3, 3, padding="causal")(k.layers.Reshape((12, 7))(x)),
        lambda k, x: k.layers.Permute((2, 1, 3))(k.layers.ZeroPadding2D(((1, 2), (0, 1)))(x)),
        lambda k, x: k.layers.Cropping2D(((1, 2), (0, 1)))(x),
        lambda k, x: x[:, 1:, ::2, :1] - x[:, :-1, ::2, 1:],
        lambda k, x: k.layers.Subtract()([k.layers.LeakyReLU(0.3)(x), x]),
        lambda k, x: k.layers.BatchNormalization()(x),
        lambda k, x: k.layers.Normalization(mean=[0.5, -0.25], variance=[2.0, 0.25])(x),
        lambda k, x: k.layers.SeparableConv2D(3, 3, depth_multiplier=2, activation="softplus")(x),
        lambda k, x: k.layers.Conv2DTranspose(3, 3, strides=2, padding="valid", activation="elu")(x),
        lambda k, x: k.layers.Conv2DTranspose(3, 2, strides=3, padding="same")(x),
        lambda k, x: k.layers.Conv3D(2, 2, padding="same")(k.layers.Reshape((6, 7, 2, 1))(x)),
        lambda k, x: k.layers.AveragePooling3D(2)(k.layers.Reshape((6, 7, 2, 1))(x)),
        lambda k, x: k.layers.UpSampling2D((2, 3))(x),
        lambda k, x: k.layers.Softmax(axis=1)(k.layers.ELU(0.5)(x)),
        lambda k, x: k.layers.PReLU("random_uniform", shared_axes=[1])(k.layers.ReLU(2.0, 0.5)(x)),
        lambda k, x: k.ops.mean(k.ops.relu(2.0 * x - 1.0), axis=(1, 2)),
        lambda k, x: k.layers.Dense(3, activation="squareplus")(x),
        lambda k, x: k.layers.Activation("tanh_shrink")(k.layers.Activation("log_sigmoid")(x)),
        lambda k, x: k.layers.Activation("sparse_plus")(k.layers.Activation("soft_shrink")(x)),
        lambda k, x: k.layers.Activation("sparse_sigmoid")(k.layers.Activation("hard_sigmoid")(x)),
        lambda k, x: k.layers.Maximum()([k.layers.Activation("tanh")(x), k.layers.ReLU(6.0)(x), x]),
    ],
)
def test_plain_layers_are_read_as_keras_computes_them(tmp_path, make):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((6, 7, 2))
    model = keras.Model(inputs, make(keras, inputs))
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights(
                [w + 0.1 + 0.2 * np.random.default_rng(1).random(w.shape) for w in layer.get_weights()]
            )
    model.save(tmp_path / "m.keras")
    config, weights = read_archive(tmp_path / "m.keras")
    x = np.random.default_rng(0).standard_normal((5, 6, 7, 2)).astype(np.float32)
    outputs = forward(network_of(config, weights), x)
    np.testing.assert_allclose(outputs, np.asarray(model(x)), rtol=1e-5, atol=1e-6)
    certificate = certify(config, weights)
    assert verify(tmp_path / "m.keras", certificate).holds
    constant = float.fromhex(certificate["predicate"]["lipschitz"])
    for i in range(1, 5):
        gain = np.linalg.norm(outputs[i] - outputs[0]) / np.linalg.norm(x[i].astype(np.float64) - x[0])
        assert gain <= constant


def test_an_exact_certificate_is_verified_exactly(saved):
    pytest.importorskip("flint", reason="python-flint, an extra, is not installed")
    certificate = certify(*read_archive(saved[0]), exact=True)
    assert _row(certificate, "spectral_dense")["level"] == "exact"
    assert verify(saved[0], certificate).holds
