"""What does not fit is refused, and the constant of each kind is neither more nor less than it is."""

import math
from fractions import Fraction

import numpy as np
import pytest

from lipbuild.verifier.building import Building
from lipbuild.verifier.call import Call
from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.geometry import axis_of
from lipbuild.verifier.kinds import KINDS
from lipbuild.verifier.layers import KERAS, reader_of
from lipbuild.verifier.nodes import Loss, Node
from lipbuild.verifier.options import Options
from lipbuild.verifier.parts import Parts, beside, summed
from lipbuild.verifier.radii import head_of
from lipbuild.verifier.spans import _kernel_at_most, span_at_most
from lipbuild.verifier.strict_json import strict_json
from lipbuild.verifier.verdict import Failure, Verdict

ONES = np.ones
CONVOLUTION = {"strides": (1,), "padding": "same", "dilation": (1,), "groups": 1}
WINDOWS = {"pool_size": (2,), "strides": (2,), "padding": "valid"}

MISFITS = [
    ("input", {"shape": ()}, {}, []),
    ("input", {"shape": (None, 3)}, {}, []),
    ("input", {"shape": (0,)}, {}, []),
    ("dense", {}, {"kernel": ONES((3, 2))}, [(4,)]),
    ("dense", {}, {"kernel": ONES((3, 2, 1))}, [(3,)]),
    ("dense", {}, {"kernel": ONES((3, 2)), "bias": ONES(3)}, [(3,)]),
    ("convolution", CONVOLUTION, {"kernel": ONES((3, 2, 4))}, [(5, 3)]),
    ("convolution", CONVOLUTION, {"kernel": ONES((2, 4))}, [(2,)]),
    ("convolution", CONVOLUTION, {"kernel": ONES((3, 2, 4)), "bias": ONES(3)}, [(5, 2)]),
    ("convolution", CONVOLUTION | {"groups": 3}, {"kernel": ONES((3, 2, 4))}, [(5, 6)]),
    ("convolution", CONVOLUTION | {"strides": (1, 1)}, {"kernel": ONES((3, 2, 4))}, [(5, 2)]),
    ("convolution", CONVOLUTION | {"strides": (0,)}, {"kernel": ONES((3, 2, 4))}, [(5, 2)]),
    ("convolution", CONVOLUTION | {"padding": "reflect"}, {"kernel": ONES((3, 2, 4))}, [(5, 2)]),
    ("convolution", CONVOLUTION | {"padding": "valid"}, {"kernel": ONES((6, 2, 4))}, [(5, 2)]),
    ("convolution", CONVOLUTION, {"kernel": ONES((3, 2, 4))}, [(5, 5, 2)]),
    ("transposed_convolution", CONVOLUTION, {"kernel": ONES((3, 4, 3))}, [(5, 2)]),
    ("transposed_convolution", CONVOLUTION | {"groups": 2}, {"kernel": ONES((3, 4, 2))}, [(5, 2)]),
    ("transposed_convolution", CONVOLUTION | {"dilation": (2,)}, {"kernel": ONES((3, 4, 2))}, [(5, 2)]),
    ("transposed_convolution", CONVOLUTION, {"kernel": ONES((3, 4, 2)), "bias": ONES(2)}, [(5, 2)]),
    ("transposed_convolution", CONVOLUTION, {"kernel": ONES((3, 4, 2))}, [(5, 5, 2)]),
    ("scale", {}, {"factor": ONES(3)}, [(4,)]),
    ("scale", {}, {"factor": ONES((2, 4))}, [(4,)]),
    ("average_pooling", WINDOWS, {}, [(4, 4, 2)]),
    ("average_pooling", WINDOWS, {}, [(1, 2)]),
    ("global_average_pooling", {"keepdims": False}, {}, [(4,)]),
    ("global_max_pooling", {"keepdims": False}, {}, [(4,)]),
    ("global_norm_pooling", {"keepdims": False, "epsilon": -1.0}, {}, [(4, 2)]),
    ("norm_pooling", WINDOWS | {"epsilon": -1.0}, {}, [(4, 2)]),
    ("norm_pooling", WINDOWS | {"epsilon": 0.0, "padding": "same"}, {}, [(4, 2)]),
    ("centering", {"axes": ()}, {}, [(4,)]),
    ("centering", {"axes": (1,)}, {}, [(4,)]),
    ("centering", {"axes": (0, 0)}, {}, [(4,)]),
    ("repeat", {"times": (2, 2)}, {}, [(4, 2)]),
    ("repeat", {"times": (0,)}, {}, [(4, 2)]),
    ("reshape", {"shape": (3, -1)}, {}, [(4,)]),
    ("reshape", {"shape": (5,)}, {}, [(4,)]),
    ("permute", {"dims": (1, 1)}, {}, [(4, 2)]),
    ("slice", {"slices": ((0, 1, None),) * 2}, {}, [(4,)]),
    ("slice", {"slices": ((4, 9, None),)}, {}, [(4,)]),
    ("zero_padding", {"padding": ((1, 1), (1, 1))}, {}, [(4, 2)]),
    ("zero_padding", {"padding": ((-1, 1),)}, {}, [(4, 2)]),
    ("activation", {"function": "exponential"}, {}, [(4,)]),
    ("p_relu", {}, {"slopes": ONES((2,))}, [(4,)]),
    ("p_relu", {}, {"slopes": ONES((4,))}, [(3, 4)]),
    ("softmax", {"axis": 1}, {}, [(4,)]),
    ("group_sort", {}, {}, [(5,)]),
    ("sort", {"axis": 1}, {}, [(4,)]),
    ("max_min", {"axis": -1}, {}, [(4,)]),
    ("add", {}, {}, [(4,), (3,)]),
    ("add", {}, {}, [(4,)]),
    ("concatenate", {"axis": 1}, {}, [(4,), (4,)]),
    ("concatenate", {"axis": 0}, {}, [(4, 2), (4, 3)]),
    ("concatenate", {"axis": 0}, {}, [(4, 2), (4,)]),
]


@pytest.mark.parametrize(("kind", "options", "arrays", "shapes"), MISFITS)
def test_a_node_that_does_not_fit_its_inputs_is_refused(kind, options, arrays, shapes):
    with pytest.raises(RefusedError) as refused:
        KINDS[kind].shape(Node("a", kind, ("x",) * len(shapes), options, arrays), shapes)
    assert refused.value.where == "a"


RAMP = np.arange(-3.0, 4.0)
CONSTANTS = [
    ("identity", {}, {}, (4,), 1.0),
    ("dense", {}, {"kernel": np.diag([3.0, -5.0])}, (2,), 5.0),
    ("dense", {}, {"kernel": np.zeros((2, 2))}, (2,), 0.0),
    ("convolution", CONVOLUTION, {"kernel": np.zeros((3, 1, 1))}, (5, 1), 0.0),
    ("scale", {}, {"factor": np.array([0.5, -3.0])}, (2,), 3.0),
    ("scale", {"factor_error": 2.0**-3}, {"factor": np.array(2.0)}, (2,), 2.25),
    ("average_pooling", WINDOWS, {}, (5, 1), math.sqrt(0.5)),
    ("average_pooling", WINDOWS | {"padding": "same"}, {}, (5, 1), 1.0),
    ("global_average_pooling", {"keepdims": False}, {}, (2, 3, 1), math.sqrt(1 / 6)),
    ("max_pooling", WINDOWS, {}, (4, 1), 1.0),
    ("max_pooling", WINDOWS | {"strides": (1,)}, {}, (4, 1), math.sqrt(2.0)),
    ("max_pooling", {"pool_size": (5,), "strides": (2,), "padding": "same"}, {}, (9, 1), math.sqrt(3.0)),
    ("max_pooling", {"pool_size": (4,), "strides": (1,), "padding": "valid"}, {}, (4, 1), 1.0),
    ("norm_pooling", WINDOWS | {"epsilon": 0.0}, {}, (4, 1), math.sqrt(0.5)),
    ("norm_pooling", WINDOWS | {"epsilon": 0.0, "strides": (1,)}, {}, (4, 1), 1.0),
    ("global_norm_pooling", {"keepdims": True, "epsilon": 0.0}, {}, (4, 1), 1.0),
    ("global_max_pooling", {"keepdims": True}, {}, (4, 1), 1.0),
    ("centering", {"axes": (0,)}, {}, (4,), 1.0),
    ("centering", {"axes": (0,)}, {}, (1, 4), 0.0),
    ("repeat", {"times": (2, 3)}, {}, (4, 4, 1), math.sqrt(6.0)),
    ("activation", {"function": "relu"}, {}, (7,), 1.0),
    ("activation", {"function": "sigmoid"}, {}, (7,), 0.25),
    ("activation", {"function": "leaky_relu", "slope": -1.5}, {}, (7,), 1.5),
    ("activation", {"function": "leaky_relu", "slope": 0.5, "maximum": 0.0}, {}, (7,), 0.5),
    ("activation", {"function": "leaky_relu", "slope": 0.5, "maximum": 2.0}, {}, (7,), 1.0),
    ("activation", {"function": "elu", "alpha": 1.5}, {}, (7,), 1.5),
    ("activation", {"function": "elu", "alpha": 0.5}, {}, (7,), 1.0),
    ("p_relu", {}, {"slopes": np.array([0.5, -2.0])}, (2,), 2.0),
    ("p_relu", {}, {"slopes": np.array([0.5, -0.5])}, (2,), 1.0),
    ("softmax", {"axis": 0}, {}, (3,), 0.5),
    ("softmax", {"axis": 0}, {}, (1, 3), 0.0),
    ("group_sort", {}, {}, (4,), 1.0),
    ("sort", {"axis": 0}, {}, (4,), 1.0),
    ("max_min", {"axis": 0}, {}, (4,), 1.0),
    ("zero_padding", {"padding": ((1, 1),)}, {}, (4, 2), 1.0),
]


@pytest.mark.parametrize(("kind", "options", "arrays", "shape", "constant"), CONSTANTS)
def test_a_constant_is_what_it_is(kind, options, arrays, shape, constant):
    node = Node("a", kind, ("x",), options, arrays)
    proof = {"rule": "closed form"}
    KINDS[kind].shape(node, [shape])
    assert KINDS[kind].at_most(node, [shape], constant * (1 + 1e-12), proof)
    assert constant == 0.0 or not KINDS[kind].at_most(node, [shape], constant * (1 - 1e-12), proof)
    # No two inputs are further apart afterwards than it says.
    rng = np.random.default_rng(0)
    for scale in (1e-3, 1.0, 30.0):
        x = rng.standard_normal((200, *shape)) * scale
        y = x + rng.standard_normal((200, *shape)) * 1e-3
        moved = (KINDS[kind].values(node, [a]).reshape(200, -1) for a in (x, y))
        before, after = (
            np.linalg.norm((x - y).reshape(200, -1), axis=1),
            np.linalg.norm(np.subtract(*moved), axis=1),
        )
        assert (after <= constant * before * (1 + 1e-9) + 1e-12).all()


@pytest.mark.parametrize(
    "stated",
    [
        ["nan"],
        ["-0x1.0000000000000p+0"],
        [1.5],
        ["0x1.0000000000000p-1"],
        ["0x1.0000000000000p+0", "0x1.0000000000000p+0"],
        "0x1.0000000000000p+0",
        [],
        None,
    ],
)
def test_overlapping_averages_need_the_norms_of_their_axes(stated):
    node = Node("a", "average_pooling", ("x",), {"pool_size": (3,), "strides": (1,), "padding": "same"})
    proof = {} if stated is None else {"axes": stated}
    if stated in (["nan"], ["-0x1.0000000000000p+0"], [1.5]):
        with pytest.raises(RefusedError, match="axes"):
            KINDS["average_pooling"].at_most(node, [(5, 1)], 1.5, proof)
    else:
        assert not KINDS["average_pooling"].at_most(node, [(5, 1)], 1.5, proof)
    assert KINDS["average_pooling"].at_most(node, [(5, 1)], 1.5, {"axes": ["0x1.2000000000000p+0"]})
    assert not KINDS["average_pooling"].at_most(node, [(5, 1)], 1.0, {"axes": ["0x1.2000000000000p+0"]})


@pytest.mark.parametrize(
    ("kind", "constants", "least"),
    [
        ("add", (1, 2), 3),
        ("subtract", (1, 2), 3),
        ("average", (1, 2), 1.5),
        ("maximum", (3, 4), 5),
        ("concatenate", (3, 4), 5),
    ],
)
def test_a_merge_has_the_constant_of_its_rule(kind, constants, least):
    from fractions import Fraction

    given = [Fraction(c) for c in constants]
    assert KINDS[kind].within(given, Fraction(least))
    assert not KINDS[kind].within(given, Fraction(least) * Fraction(999, 1000))
    values = [np.array(float(c)) for c in constants]
    assert float(KINDS[kind].together(values)) == pytest.approx(least)


def test_what_is_lost_grows_with_all_it_depends_on():
    loss = Loss(10, 2.0, 3.0)
    plain = loss.fresh(1.0, 4, 2.0**-24)
    assert plain >= 11 * 2.0**-24 * 5.0
    assert loss.fresh(2.0, 4, 2.0**-24) > plain > loss.fresh(1.0, 4, 2.0**-53)
    assert Loss().fresh(1.0, 4, 2.0**-24) == 0.0
    assert Loss(1, served=False).fresh(1.0, 4, 2.0**-24) == math.inf
    assert Loss(1, served=False).fresh(1.0, 4, 2.0**-53) < 1e-10
    assert Loss(1).fresh(math.inf, 4, 2.0**-53) == math.inf
    assert Loss(1, root=True).fresh(0.0, 4, 2.0**-24) > 1e-20 > Loss(1).fresh(0.0, 4, 2.0**-24)


@pytest.mark.parametrize(
    ("size", "stride", "length", "padding"), [(3, 1, 8, "same"), (3, 2, 8, "valid"), (4, 3, 9, "causal")]
)
def test_a_circle_is_large_enough_from_one_length_on(size, stride, length, padding):
    axis = axis_of("a", size, stride, 1, padding, length)
    fits = [period for period in range(1, 30) if axis.fits(period)]
    assert fits == list(range(fits[0], 30))
    reads = {j * stride + a - axis.left for j in range(axis.outputs) for a in range(size)} | set(
        range(length)
    )
    circle = (fits[0] - 1) * stride
    # One less, and a window reads an input from the other end, or two inputs share a place.
    places = [place % circle for place in reads] if circle else []
    assert circle == 0 or len(set(places)) < len(reads) or fits[0] == axis.outputs


def _read(layer, config, weights=(), shapes=((4,),), **more):
    building = Building()
    inputs = tuple(building.add(Node(f"x{i}", "input", (), {"shape": s})) for i, s in enumerate(shapes))
    stored = [np.asarray(w) for w in weights]
    call = Call("a", inputs, building, Options("a", config), reader_of, stored, **more)
    KERAS[layer](call)
    call.options.finish()
    return list(building.nodes.values())[len(inputs) :]


F = np.float32
BAD_LAYERS = [
    ("Dense", {"units": 2, "use_bias": True}, [ONES((4, 2), F)], ((4,),)),
    ("Dense", {"units": 3, "use_bias": False}, [ONES((4, 2), F)], ((4,),)),
    ("Dense", {"units": 2, "use_bias": 1}, [ONES((4, 2), F)], ((4,),)),
    ("Dense", {"units": 2.0, "use_bias": False}, [ONES((4, 2), F)], ((4,),)),
    ("Dense", {"units": 2, "use_bias": False}, [ONES((4, 2), np.float16)], ((4,),)),
    ("Dense", {"units": 2, "use_bias": False}, [np.full((4, 2), np.nan, F)], ((4,),)),
    ("Dense", {"units": 2}, [ONES((4, 2), F)], ((4,),)),
    ("Dense", {"units": 2, "use_bias": False, "activation": 3}, [ONES((4, 2), F)], ((4,),)),
    (
        "Dense",
        {"units": 2, "use_bias": False, "activation": {"class_name": "GroupSort2"}},
        [ONES((4, 2), F)],
        ((4,),),
    ),
    ("Dense", {"units": 2, "use_bias": False, "new": 1}, [ONES((4, 2), F)], ((4,),)),
    ("Dense", {"units": 2, "use_bias": False, "k_coef_lip": 1.0}, [ONES((4, 2), F)], ((4,),)),
    ("Dense", {"units": 2, "use_bias": False}, [ONES((4, 2), np.float64)], ((4,),)),
    ("Dense", {"units": 2, "use_bias": False, "input_shape": [4]}, [ONES((4, 2), F)], ((4,),)),
    ("Reshape", {"target_shape": [2.0, 2.0]}, [], ((4,),)),
    ("Reshape", {"target_shape": 4}, [], ((4,),)),
    (
        "DepthwiseConv1D",
        {"use_bias": False, "kernel_size": [2], "depth_multiplier": 2},
        [ONES((3, 4, 2), F)],
        ((5, 4),),
    ),
    (
        "Conv1D",
        {"use_bias": False, "kernel_size": [2], "filters": 2, "groups": 1, "strides": [1], "padding": "same"},
        [ONES((3, 4, 2), F)],
        ((5, 4),),
    ),
    (
        "Conv1DTranspose",
        {
            "use_bias": False,
            "kernel_size": [3],
            "filters": 2,
            "strides": [1],
            "padding": "same",
            "output_padding": 1,
        },
        [ONES((3, 2, 4), F)],
        ((5, 4),),
    ),
    (
        "SeparableConv1D",
        {
            "use_bias": False,
            "kernel_size": [3],
            "filters": 3,
            "depth_multiplier": 1,
            "strides": [1],
            "padding": "same",
        },
        [ONES((3, 4, 1), F), ONES((1, 4, 2), F)],
        ((5, 4),),
    ),
    ("Activation", {"activation": 3}, [], ((4,),)),
    ("Activation", {}, [], ((4,),)),
    ("ReLU", {"threshold": 1.0}, [], ((4,),)),
    ("ReLU", {"max_value": -3.0}, [], ((4,),)),
    ("ReLU", {"negative_slope": "a"}, [], ((4,),)),
    ("Softmax", {"axis": 0}, [], ((4,),)),
    ("Softmax", {"axis": 3}, [], ((4,),)),
    ("Rescaling", {"scale": "a", "offset": 0.0}, [], ((4,),)),
    ("Rescaling", {"scale": math.inf, "offset": 0.0}, [], ((4,),)),
    (
        "BatchNormalization",
        {"scale": False, "center": False, "epsilon": 1e-3, "axis": 1, "renorm": False},
        [ONES(4, F), ONES(4, F)],
        ((3, 4),),
    ),
    (
        "BatchNormalization",
        {"scale": False, "center": False, "epsilon": 1e-3, "axis": -1, "renorm": True},
        [ONES(4, F), ONES(4, F)],
        ((4,),),
    ),
    (
        "BatchNormalization",
        {"scale": False, "center": False, "epsilon": 0.0, "axis": -1, "renorm": False},
        [ONES(4, F), np.zeros(4, F)],
        ((4,),),
    ),
    (
        "BatchNormalization",
        {"scale": False, "center": False, "epsilon": 1.5, "axis": -1, "renorm": False},
        [ONES(4, F), -ONES(4, F)],
        ((4,),),
    ),
    ("Normalization", {"axis": -1}, [ONES(4, F), -ONES(4, F), ONES((), F)], ((4,),)),
    ("Normalization", {"axis": 1}, [ONES(4, F), ONES(4, F), ONES((), F)], ((3, 4),)),
    ("Normalization", {"axis": -1}, [], ((4,),)),
    ("UpSampling2D", {"size": [2, 2], "interpolation": "bilinear"}, [], ((3, 4, 2),)),
    ("Subtract", {}, [], ((4,),)),
    ("Subtract", {}, [], ((4,), (4,), (4,))),
    ("Add", {}, [], ((4,),)),
    ("GlobalMaxPooling1D", {"keepdims": "no"}, [], ((4, 2),)),
    ("MaxPooling1D", {"pool_size": [2], "strides": [-2], "padding": "valid"}, [], ((4, 2),)),
]


@pytest.mark.parametrize(("layer", "config", "weights", "shapes"), BAD_LAYERS)
def test_a_layer_that_is_configured_otherwise_than_it_can_be_is_refused(layer, config, weights, shapes):
    with pytest.raises((RefusedError, ValueError)):
        _read(layer, config, weights, shapes)


def test_a_missing_option_is_named():
    with pytest.raises(RefusedError, match="has no `units`"):
        _read("Dense", {"use_bias": False}, [ONES((4, 2), F)], ((4,),))


def test_a_wrong_logarithm_is_noticed(monkeypatch):
    from lipbuild.verifier import elementary

    x = np.linspace(-5.0, 5.0, 11)
    right = elementary.softplus(x)
    # A hint that is nearly right is good enough, and one that is not is noticed.
    monkeypatch.setattr(elementary.np, "log1p", lambda t: np.log(1.0 + t) + 1e-11)
    np.testing.assert_allclose(elementary.softplus(x), right, atol=1e-15)
    monkeypatch.setattr(elementary.np, "log1p", lambda t: np.log(1.0 + t) + 1e-6)
    with pytest.raises(ArithmeticError):
        elementary.softplus(x)


@pytest.mark.parametrize(
    "layer",
    [
        {"module": "keras.layers", "registered_name": None, "class_name": "Lambda"},
        {"module": "keras.layers", "registered_name": "mine>Dense", "class_name": "Dense"},
        {"module": "keras.src.ops.numpy", "registered_name": None, "class_name": "Add"},
        {"module": "keras.src.ops.numpy", "registered_name": "Where", "class_name": "Where"},
        {"module": "keras.src.opsx.numpy", "registered_name": "Add", "class_name": "Add"},
        {
            "module": "lipbuild.layers.spectral_dense",
            "registered_name": "lipbuild>SpectralDense",
            "class_name": "SpectralDense",
        },
    ],
)
def test_a_class_that_is_not_known_is_refused(layer):
    with pytest.raises(RefusedError):
        reader_of("a", layer)


def _tensor(name, index=0, tensor=0):
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, index, tensor]}}


def _functional(layers, inputs=("x", 0, 0), outputs=("y", 0, 0), batch_shape=(None, 4)):
    first = {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "registered_name": None,
        "name": "x",
        "config": {"name": "x", "batch_shape": list(batch_shape)},
        "inbound_nodes": [],
    }
    config = {"layers": [first, *layers], "input_layers": list(inputs), "output_layers": list(outputs)}
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "registered_name": "Functional",
        "config": config,
    }


def _layer(class_name, name, args, config=None, module="keras.layers", kwargs=None):
    return {
        "module": module,
        "class_name": class_name,
        "registered_name": None if module == "keras.layers" else class_name,
        "name": name,
        "config": {"name": name, **(config or {})},
        "inbound_nodes": [{"args": args, "kwargs": kwargs or {}}],
    }


def _function(class_name, name, args, config=None):
    return _layer(class_name, name, args, config, "keras.src.ops.numpy")


RELU = _layer("ReLU", "y", [_tensor("x")])


def test_a_small_configuration_is_read():
    model = model_of(_functional([RELU]), {})
    assert [node.kind for node in model.nodes.values()] == ["input", "activation"]
    assert model.shapes == {"x": (4,), "y": (4,)}
    # A layer may stand before what it reads, and what nothing reads is left out.
    other = _layer("ReLU", "z", [_tensor("x")])
    model = model_of(
        _functional(
            [_layer("ReLU", "y", [_tensor("z")]), other, _layer("ELU", "w", [_tensor("z")], {"alpha": 1.0})]
        ),
        {},
    )
    assert list(model.nodes) == ["x", "z", "y"]


BAD_CONFIGURATIONS = [
    _functional([RELU], outputs=("z", 0, 0)),
    _functional([RELU], outputs=[["y", 0, 0], ["x", 0, 0]]),
    _functional([RELU], outputs=("y", 0, 1)),
    {**_functional([RELU]), "config": {**_functional([RELU])["config"], "something_new": 1}},
    _functional([RELU], inputs=("z", 0, 0)),
    _functional([RELU], batch_shape=(None, None)),
    _functional([_layer("ReLU", "y", [_tensor("z")])]),
    _functional([_layer("ReLU", "y", [_tensor("x", 0, 1)])]),
    _functional([_layer("ReLU", "y", [_tensor("x"), _tensor("x")])]),
    _functional([_layer("ReLU", "y", [_tensor("x"), 3])]),
    _functional([_layer("ReLU", "x", [_tensor("x")])], outputs=("x", 0, 0)),
    _functional([_layer("ReLU", "y", [_tensor("x")], kwargs={"training": True})]),
    _functional([_layer("ReLU", "y", [_tensor("x")], kwargs={"axis": 0})]),
    _functional([_layer("ReLU", "y", [_tensor("x")], {"dtype": "float16"})]),
    _functional([_layer("ReLU", "y", [_tensor("x")], {"batch_input_shape": [None, 4]})]),
    _functional([_layer("ReLU", "y", [_tensor("x")], {"data_format": "channels_first"})]),
    _functional([_layer("ReLU", "y", [{"class_name": "__lambda__", "config": {}}])]),
    _functional([{"class_name": "InputLayer", "config": {"name": "z", "batch_shape": [None, 4]}}, RELU]),
    _functional([_function("Square", "y", [_tensor("x")])]),
    _functional([_function("Mean", "y", [_tensor("x")], {"axis": 1, "keepdims": True})]),
    _functional([_function("Sqrt", "y", [_tensor("x")])]),
    _functional([_function("Multiply", "y", [_tensor("x"), _tensor("x")])]),
    _functional([_function("Multiply", "y", [_tensor("x"), math.inf])]),
    _functional(
        [
            _function(
                "Multiply",
                "y",
                [
                    _tensor("x"),
                    {"class_name": "__numpy__", "config": {"value": [math.nan], "dtype": "float32"}},
                ],
            )
        ]
    ),
    _functional(
        [
            _function(
                "Multiply",
                "y",
                [_tensor("x"), {"class_name": "__numpy__", "config": {"value": [2.0], "dtype": "float64"}}],
            )
        ]
    ),
    _functional([_function("Multiply", "y", [_tensor("x"), 2.0, 3.0])]),
    _functional([_function("Maximum", "y", [_tensor("x"), 2.0])]),
    _functional([_function("Reshape", "y", [_tensor("x")], {"newshape": [4, -1]})]),
    _functional([_function("Reshape", "y", [_tensor("x")], {"newshape": [-1, 2]})]),
    _functional([_function("Reshape", "y", [_tensor("x")], {"newshape": [-1.0, 2.0, 2.0]})]),
    _functional([RELU], batch_shape=(None, True)),
    _functional([RELU], batch_shape=(None, 4.0)),
    _functional([_function("Reshape", "y", [_tensor("x")], {"newshape": [-1, -2, -2]})]),
    _functional([_function("Transpose", "y", [_tensor("x")], {"axes": [1, 0]})]),
    _functional([_function("Transpose", "y", [_tensor("x")], {"axes": None})]),
    _functional([_function("GetItem", "y", [_tensor("x"), 1])]),
    _functional(
        [
            _function(
                "GetItem",
                "y",
                [
                    _tensor("x"),
                    [{"class_name": "__slice__", "config": {"start": 1, "stop": None, "step": None}}],
                ],
            )
        ]
    ),
    _functional(
        [
            _function(
                "GetItem",
                "y",
                [
                    _tensor("x"),
                    [
                        {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}},
                        {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": -1}},
                    ],
                ],
            )
        ]
    ),
]


def test_values_nested_deep_are_not_followed():
    assert strict_json("[" * 100 + "]" * 100)
    for text in ("[" * 101 + "]" * 101, '{"a":' * 500 + "1" + "}" * 500, "[" * 10**5):
        with pytest.raises((ValueError, RecursionError)):
            strict_json(text)


def test_a_name_does_not_end_the_line_that_it_is_printed_in():
    verdict = Verdict((Failure("a\nm.json: holds", "\x1b[2J\ud800×"),), ("b\r",), (), ())
    assert verdict.lines() == ["proved again: b\\r", "FAILED at a\\nm.json: holds: \\x1b[2J\\ud800×"]


def test_outputs_by_names_are_refused_as_such():
    config = _functional([RELU])
    config["config"]["output_layers"] = {"y": ["y", 0, 0]}
    with pytest.raises(RefusedError, match="by names"):
        model_of(config, {})


@pytest.mark.parametrize(
    ("config", "match"),
    [
        (_functional([_function("Multiply", "y", [_tensor("x"), _tensor("x")])]), "multiplies two tensors"),
        (_functional([_function("Transpose", "y", [_tensor("x")], {"axes": [2, 1]})]), "transposes by"),
        (
            _functional([{**_functional([])["config"]["layers"][0], "name": "z"}, RELU], inputs=("z", 0, 0)),
            "two layers of one name|two names",
        ),
        (
            _functional([{"module": "mine", **_functional([])["config"]["layers"][0]}, RELU]),
            "two layers of one name",
        ),
    ],
)
def test_a_configuration_is_refused_for_what_is_wrong(config, match):
    with pytest.raises(RefusedError, match=match):
        model_of(config, {})


@pytest.mark.parametrize("config", BAD_CONFIGURATIONS)
def test_a_configuration_that_is_not_known_is_refused(config):
    with pytest.raises(RefusedError):
        model_of(config, {})


def _chain(*steps, shape=(None, 4, 4, 2)):
    layers, last = [], "x"
    for i, (class_name, config, *more) in enumerate(steps):
        name = "y" if i == len(steps) - 1 else f"s{i}"
        if class_name.startswith("layers."):
            layers.append(_layer(class_name.removeprefix("layers."), name, [_tensor(last)], config))
        else:
            layers.append(_function(class_name, name, [_tensor(last), *more], config))
        last = name
    return _functional(layers, batch_shape=shape)


POOL = {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        (
            [("Square", {}), ("layers.AveragePooling2D", POOL), ("Add", {}, 1e-6), ("Sqrt", {})],
            "norm_pooling",
        ),
        ([("Square", {}), ("layers.AveragePooling2D", POOL), ("Sqrt", {})], "norm_pooling"),
        ([("Square", {}), ("Sum", {"axis": [1, 2], "keepdims": False}), ("Sqrt", {})], "global_norm_pooling"),
        ([("Square", {}), ("layers.AveragePooling2D", POOL), ("Add", {}, -1e-6), ("Sqrt", {})], None),
        ([("Square", {}), ("layers.MaxPooling2D", POOL), ("Sqrt", {})], None),
        ([("Square", {}), ("Sum", {"axis": [1], "keepdims": True}), ("Sqrt", {})], None),
        ([("Square", {}), ("Sqrt", {})], None),
        ([("layers.AveragePooling2D", POOL), ("Sqrt", {})], None),
        ([("Square", {}), ("layers.AveragePooling2D", POOL), ("Multiply", {}, 2.0), ("Sqrt", {})], None),
        (
            [
                ("Square", {}),
                ("layers.AveragePooling2D", POOL),
                ("layers.Rescaling", {"scale": 9.0, "offset": 0.0}),
                ("Sqrt", {}),
            ],
            None,
        ),
        (
            [
                ("Square", {}),
                ("layers.AveragePooling2D", POOL),
                (
                    "Add",
                    {},
                    {"class_name": "__numpy__", "config": {"value": [1.0, 0.0], "dtype": "float32"}},
                ),
                ("Sqrt", {}),
            ],
            None,
        ),
        ([("Square", {}), ("layers.AveragePooling2D", POOL)], None),
    ],
)
def test_an_l2_norm_is_known_as_a_whole_alone(steps, kind):
    if kind is None:
        with pytest.raises(RefusedError):
            model_of(_chain(*steps), {})
    else:
        assert [node.kind for node in model_of(_chain(*steps), {}).nodes.values()] == ["input", kind]


def test_a_tensor_without_its_own_mean_is_centred_and_without_anothers_is_not():
    mean = _function("Mean", "m", [_tensor("x")], {"axis": [1], "keepdims": True})
    model = model_of(_functional([mean, _function("Subtract", "y", [_tensor("x"), _tensor("m")])]), {})
    assert [node.kind for node in model.nodes.values()] == ["input", "centering"]
    other = _layer("ReLU", "r", [_tensor("x")])
    with pytest.raises(RefusedError):
        model_of(_functional([mean, other, _function("Subtract", "y", [_tensor("r"), _tensor("m")])]), {})
    flat = _function("Mean", "m", [_tensor("x")], {"axis": [1], "keepdims": False})
    with pytest.raises(RefusedError):
        model_of(_functional([flat, _function("Subtract", "y", [_tensor("x"), _tensor("m")])]), {})


def test_positive_and_negative_parts_are_known_as_a_whole():
    def parts(second, negative=None):
        positive = _layer("ReLU", "p", [_tensor("x")])
        negative = negative or _function("Negative", "n", [_tensor(second)])
        rest = _layer("ReLU", "q", [_tensor("n")])
        join = _function("Concatenate", "y", [[_tensor("p"), _tensor("q")]], {"axis": 1})
        return [
            node.kind for node in model_of(_functional([positive, negative, rest, join]), {}).nodes.values()
        ]

    assert parts("x") == ["input", "max_min"]
    assert parts("p")[-1] == "concatenate"
    assert parts("x", _function("Multiply", "n", [_tensor("x"), -3.0]))[-1] == "concatenate"
    assert parts("x", _function("Add", "n", [_tensor("x"), -1.0]))[-1] == "concatenate"


def test_sorted_halves_are_known_as_a_whole():
    def whole(first, second, smaller=("a", "b"), axis=-1):
        def part(name, cut):
            every = {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}}
            own = {"class_name": "__slice__", "config": {"start": cut[0], "stop": cut[1], "step": None}}
            return _function("GetItem", name, [_tensor("x"), [every, own]])

        merge = [
            _layer("Maximum", "c", [[_tensor("a"), _tensor("b")]]),
            _layer("Minimum", "d", [[_tensor(n) for n in smaller]]),
            _layer("Concatenate", "y", [[_tensor("c"), _tensor("d")]], {"axis": axis}),
        ]
        nodes = model_of(_functional([part("a", first), part("b", second), *merge]), {}).nodes
        return [node.kind for node in nodes.values()]

    assert whole((None, 2), (2, None)) == ["input", "group_sort"]
    assert whole((2, None), (None, 2), ("b", "a")) == ["input", "group_sort"]
    assert whole((None, 2), (1, 3))[-1] == "concatenate"
    assert whole((None, 2), (2, None), ("a", "a"))[-1] == "concatenate"


def _part(*places, source="x", gain=1):
    return Parts(source, ({tuple(places): Fraction(gain)},))


@pytest.mark.parametrize(
    ("first", "second", "square"),
    [
        (_part(range(3)), _part(range(3, 5)), 1),
        (_part(range(3)), _part(range(3)), 2),
        (_part(range(0, 9, 2)), _part(range(1, 9, 2)), 1),
        (_part(range(3), range(4)), _part(range(3), range(4, 6)), 1),
        (_part(range(3)), _part(range(2, 5)), None),
        (_part(range(0, 9, 2)), _part(range(1, 9)), None),
        (_part(range(3), range(4)), _part(range(1, 3), range(3, 6)), None),
        (_part(range(3)), _part(range(3, 5), source="z"), None),
    ],
)
def test_parts_count_their_source_once_where_they_are_apart_or_the_same(first, second, square):
    joined = beside([first, second])
    assert (None if joined is None else joined.square()) == square
    assert (summed([first, second]) is None) == (square is None)


def test_radii_need_a_vector():
    model = model_of(_functional([RELU], batch_shape=(None, 4, 2)), {})
    with pytest.raises(RefusedError, match="radii need a vector"):
        head_of(model, {"distances": [], "rest": "0x1.0000000000000p+0"}, {"x": 1.0, "y": 1.0})


def _residual(into, back, kernels, merge="Subtract", shape=(None, 5, 5, 2), activation=("ReLU", {})):
    """X ∓ B σ(Wᵀx)."""
    layers = [
        _layer(into[0], "w", [_tensor("x")], into[1]),
        _layer(activation[0], "r", [_tensor("w")], activation[1]),
        _layer(back[0], "b", [_tensor("r")], back[1]),
        _layer(merge, "y", [[_tensor("x"), _tensor("b")]]),
    ]
    return model_of(
        _functional(layers, batch_shape=shape), {"w": [kernels[0].astype(F)], "b": [kernels[1].astype(F)]}
    )


def _block_of(upper, through, wrong, rule):
    parts = {"through": through, "wrong": wrong}
    inner = {name: {"rule": rule, "upper": float(value).hex()} for name, value in parts.items()}
    return {"rule": "residual block", "upper": float(upper).hex(), **inner}


DENSE = {"units": 2, "use_bias": False}


@pytest.mark.parametrize(
    ("kernel", "merge", "proved"),
    [
        (np.eye(2), "Subtract", True),
        (np.eye(2), "Add", False),
        (-np.eye(2), "Subtract", False),
        (-np.eye(2), "Add", True),
        (np.eye(2)[::-1], "Subtract", False),
    ],
)
def test_a_residual_block_takes_away_and_does_not_add(kernel, merge, proved):
    model = _residual(("Dense", DENSE), ("Dense", DENSE), (np.eye(2), kernel), merge, (None, 2))
    assert span_at_most(model, {}, "x", "y", _block_of(1.001, 1.0001, 1e-6, "cholesky")) is proved


@pytest.mark.parametrize(
    ("activation", "proved"),
    [
        (("LeakyReLU", {"negative_slope": 0.5}), True),
        (("LeakyReLU", {"negative_slope": -0.5}), False),
        (("LeakyReLU", {"negative_slope": 3.0}), False),
        (("ELU", {"alpha": 0.5}), True),
        (("ELU", {"alpha": 3.0}), False),
        (("Activation", {"activation": "tanh"}), True),
        (("Activation", {"activation": "gelu"}), False),
    ],
)
def test_the_slopes_in_a_residual_block_lie_between_0_and_1(activation, proved):
    kernels = (np.eye(2), np.eye(2))
    model = _residual(("Dense", DENSE), ("Dense", DENSE), kernels, "Subtract", (None, 2), activation)
    stated = _block_of(1.001, 1.0001, 1e-6, "cholesky")
    if proved:
        assert span_at_most(model, {}, "x", "y", stated)
    else:
        with pytest.raises(RefusedError, match="end of a residual block"):
            span_at_most(model, {}, "x", "y", stated)


def test_the_kernels_of_a_residual_block_have_one_size():
    def convolution(name, size):
        shape = {"filters": 2, "kernel_size": [size] * 2, "strides": [1, 1], "padding": "same"}
        return name, {**shape, "use_bias": False, **({"groups": 1} if name == "Conv2D" else {})}

    kernels = (np.ones((3, 3, 2, 2)) / 9, np.ones((1, 1, 2, 2)) / 9)
    model = _residual(convolution("Conv2D", 3), convolution("Conv2DTranspose", 1), kernels)
    with pytest.raises(RefusedError, match="do not fit"):
        span_at_most(model, {}, "x", "y", _block_of(9.0, 9.0, 9.0, "patches"))


def test_nothing_has_a_norm_below_nothing():
    model = _residual(("Dense", DENSE), ("Dense", DENSE), (np.eye(2), np.eye(2)), "Subtract", (None, 2))
    assert _kernel_at_most(model, model.nodes["w"], np.zeros((2, 2)), 0.0, {"rule": "closed form"})
    assert not _kernel_at_most(model, model.nodes["w"], np.zeros((2, 2)), -1.0, {"rule": "closed form"})
