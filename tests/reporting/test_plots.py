"""Charts for notebooks, of an untrained network whose radii are counted anew."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import keras
import numpy as np
import pytest

from lipbuild import plots
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.errors import RefusedError
from lipbuild.evaluation.column_slopes import column_slopes
from lipbuild.evaluation.partial_dependence import partial_dependence
from lipbuild.evaluation.plane import plane
from lipbuild.layers import GroupSort2, SpectralDense
from lipbuild.model import Sequential
from lipbuild.reporting.charts.dependence_chart import dependence_chart
from lipbuild.reporting.charts.plane_chart import plane_chart
from lipbuild.saved.keras_network import keras_network
from lipbuild.saved.plain_form import plain_form_of
from tests.certifying.networks import dense_network
from tests.reporting.conftest import Runs

X = np.random.default_rng(0).uniform(-1.0, 2.0, (60, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(1)
    return Sequential([keras.Input((2,)), SpectralDense(8), GroupSort2(), SpectralDense(3)])


def test_each_point_of_the_plane_has_the_class_and_at_least_the_radius_of_its_margin(
    model: keras.Model,
) -> None:
    certified = CertifiedNetwork.of(keras_network(plain_form_of(model)))
    labels = np.asarray(model.predict(X, verbose=0)).argmax(axis=1)
    found = plane(certified.logits, certified.head, X, labels)
    points = np.stack(np.meshgrid(found.x, found.y), axis=-1).reshape(-1, 2)
    logits = np.asarray(model.predict(points, verbose=0, batch_size=8192), np.float64)
    ordered = np.sort(logits, axis=1)
    margins = ordered[:, -1] - ordered[:, -2]
    clear = margins > 1e-5
    assert (found.labels.reshape(-1) == logits.argmax(axis=1))[clear].all()
    assert (found.radii.reshape(-1) >= margins / np.sqrt(2) - 1e-5)[clear].all()
    # Along every row the class changes only where no ball reaches.
    step = found.x[1] - found.x[0]
    change = found.labels[:, 1:] != found.labels[:, :-1]
    assert change.any()
    assert (np.maximum(found.radii[:, 1:], found.radii[:, :-1])[change] <= step).all()
    assert (found.sample_radii > 0.0).sum() >= 55
    for axis, i in ((found.x, 0), (found.y, 1)):
        assert axis[0] < X[:, i].min()
        assert axis[-1] > X[:, i].max()


def test_the_chart_draws_each_ball_in_the_units_of_the_axes(model: keras.Model) -> None:
    labels = np.asarray(model.predict(X, verbose=0)).argmax(axis=1)
    drawing = plots.plane(model, X, labels, ["a", "b", "c & d"])
    root = ElementTree.fromstring(drawing.as_file())
    balls = [e for e in root.iter() if e.tag.endswith("ellipse")]
    assert balls
    image = next(e for e in root.iter() if e.tag.endswith("image"))
    certified = CertifiedNetwork.of(keras_network(plain_form_of(model)))
    found = plane(certified.logits, certified.head, X, labels)
    unit = float(image.get("width", "")) / (found.x[-1] - found.x[0])
    stated = [float(re.findall(r"within ([\d.e-]+)", "".join(ball.itertext()))[0]) for ball in balls]
    drawn = [float(ball.get("rx", "")) / unit for ball in balls]
    assert drawn == pytest.approx(stated, abs=0.01 / unit + 1e-3)
    assert "c &amp; d" in drawing._repr_svg_()


def test_the_mean_output_against_a_column_stays_in_the_proved_band() -> None:
    certified = CertifiedNetwork.of(dense_network((3, 8, 2)))
    columns = [InputColumn("a", "m"), InputColumn("b"), InputColumn("fixed")]
    x = np.random.default_rng(0).standard_normal((50, 3))
    x[:, 2] = 1.0
    slopes = column_slopes(certified, columns, x)
    found = partial_dependence(certified.network, columns, slopes, x, ["u", "v"])
    assert found is not None
    assert found.columns.tolist() == ["a", "b"]
    assert np.median(x[:, 0]) == pytest.approx(found.values[0, found.references[0]], abs=0.1)
    for column in (0, 1):
        for output in (0, 1):
            low, high = found.band(column, output)
            means = found.means[column, :, output]
            assert (low <= means + 1e-12).all()
            assert (means <= high + 1e-12).all()
            # It is no wider than the slopes say, and is not a point.
            assert high[-1] - low[-1] == pytest.approx(
                (found.greatest - found.least)[column, output]
                * (found.values[column, -1] - found.values[column, found.references[column]])
            )
            assert np.ptp(means) > 0.0
    # By hand: one value, one sample after the other.
    changed = x.copy()
    changed[:, 1] = found.values[1, 7]
    assert found.means[1, 7] == pytest.approx(certified.logits(changed).values.mean(axis=0))
    file = dependence_chart(found, 0, 1).as_file()
    assert ">a (m)<" in file
    assert 'class="band wide c1"' in file


def test_what_has_no_chart_is_refused(model: keras.Model, runs: Runs) -> None:
    with pytest.raises(RefusedError, match="two numbers"):
        plots.plane(model, X[:, :1], [0] * len(X))
    with pytest.raises(RefusedError, match="from 0 to 2"):
        plots.plane(model, X, [3] * len(X))
    with pytest.raises(RefusedError, match="one label"):
        plots.plane(model, X)
    with pytest.raises(RefusedError, match="3 classes, and there are 2 names"):
        plots.plane(model, X, [0] * len(X), ["a", "b"])
    with pytest.raises(RefusedError, match="drawn around samples"):
        plots.plane(model, X[:0], [])
    with pytest.raises(RefusedError, match="nothing to draw"):
        plots.plane(runs.images)
    with pytest.raises(RefusedError, match="nothing to draw"):
        plots.partial_dependence(runs.numbers, "mass_t")
    with pytest.raises(RefusedError, match="no adversarial images"):
        plots.adversarial(runs.bare)
    with pytest.raises(ValueError, match="one point"):
        plots.lines({"empty": []}, "x", "y")
    assert "<image" in plots.adversarial(runs.images).as_file()


def test_a_network_that_never_changes_its_class_is_drawn_too() -> None:
    layers = [keras.Input((2,)), keras.layers.Rescaling(0.0, offset=1.0), SpectralDense(1)]
    constant = keras.Sequential(layers)
    file = plots.plane(constant, X, [1] * len(X)).as_file()
    assert len(file) < 100_000
    ElementTree.fromstring(file)


def test_without_a_certificate_there_are_regions_and_no_balls(model: keras.Model) -> None:
    certified = CertifiedNetwork.of(keras_network(plain_form_of(model)))
    found = plane(certified.logits, None, X, np.zeros(len(X)), ("mass (kg)", "length (m)"))
    assert np.isnan(found.radii).all()
    file = plane_chart(found, ["a", "b", "c"]).as_file()
    assert "ellipse" not in file
    assert ">mass (kg)<" in file
    assert ">length (m)<" in file
