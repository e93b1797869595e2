"""What a config's loss leaves out: taken from the radii that are certified, and written down."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from lipbuild.config.dump import dump_config
from lipbuild.errors import RefusedError
from lipbuild.rules.check import Accepted, check
from lipbuild.text.text import SourceText
from lipbuild.training.begun import check_begun
from lipbuild.training.resume import check_changes
from lipbuild.training.run_folder import RunFolder

TEXT = """
seed: 0
model: {input: [4], layers: [SpectralDense: {units: 3, k_coef_lip: 0.5}], lipschitz: 0.5}
data: {source: {npz: {path: data.npz}}, validation: 0.1}
"""


def checked(loss: str, radii: str = "") -> Accepted:
    text = (
        TEXT + f"train: {{loss: {loss}, epochs: 1}}\n" + (f"certify: {{radii: {radii}}}\n" if radii else "")
    )
    return check(SourceText("config.yaml", text)).raise_for_errors()


def stated(loss: str, radii: str = "") -> dict[str, Any]:
    """The loss as the resolved config has it, which says the same when it is read again."""
    found = checked(loss, radii)
    text = dump_config(found.config, found.graph)
    again = check(SourceText("resolved.yaml", text)).raise_for_errors()
    assert dump_config(again.config, again.graph) == text
    arguments: dict[str, Any] = next(iter(yaml.safe_load(text)["train"]["loss"].values()))
    return arguments


@pytest.mark.parametrize(
    ("radii", "target"), [("[0.3]", 0.3), ("[1.58, 0, 0.3, 1.0]", 1.0), ("[0.5, 0.1]", 0.1)]
)
def test_a_loss_without_a_margin_asks_for_the_median_of_the_radii(radii: str, target: float) -> None:
    assert stated("OffsetCrossentropy", radii) == {
        "target_radius": target,
        "temperature": pytest.approx(0.5 * 0.5 * target, rel=1e-5),
    }
    assert stated("{LogitAnnealing: {beta: 2.0}}", radii) == {
        "target_radius": target,
        "temperature": pytest.approx(0.375 * 2 * 2**0.5 * 0.5 * target, rel=1e-5),
        "beta": 2.0,
    }


@pytest.mark.parametrize("radii", ["", "[0]"])
def test_without_radii_the_papers_numbers_stand(radii: str) -> None:
    assert stated("OffsetCrossentropy", radii) == {"offset": 2**0.5, "temperature": 0.25}
    assert stated("LogitAnnealing", radii) == {"offset": 2.0, "temperature": 0.75, "beta": 5.0}


def test_what_is_given_stands() -> None:
    assert stated("{LogitAnnealing: {offset: 0.5}}", "[0.1]")["offset"] == 0.5
    assert stated("{OffsetCrossentropy: {temperature: 0.3}}", "[0.1]")["temperature"] == 0.3
    assert stated("{OffsetCrossentropy: {target_radius: 0.2}}", "[0.1]")["target_radius"] == 0.2
    # deel-lip's losses keep its margin.
    assert stated("MulticlassHKR", "[0.1]")["min_margin"] == 1.0
    assert stated("{TRADES: {target_radius: 0.2}}", "[0.1]")["temperature"] == pytest.approx(0.05, rel=1e-5)


def test_an_older_run_goes_on_as_it_was_begun(tmp_path: Any) -> None:
    run = RunFolder(tmp_path)
    now = checked("{LogitAnnealing: {temperature: 0.75, beta: 5.0}}", "[0.1]")
    # Runs did not write down an offset that was left out.
    run.resolved.write_text(now.source.text)
    begun = check_begun(run).raise_for_errors()
    assert begun.config.train is not None
    assert begun.config.train.loss.arguments() == {"offset": 2.0, "temperature": 0.75, "beta": 5.0}
    assert check_changes(run, begun.config, begun.graph) == []
    with pytest.raises(RefusedError, match="LogitAnnealing"):
        check_changes(run, now.config, now.graph)
    run.resolved.write_text(dump_config(now.config, now.graph))
    assert check_changes(run, now.config, now.graph) == []


RAMP = "{Ramp: {start: 0.01, end: 0.04, epochs: 3.0, shape: logarithmic}}"


def test_a_temperature_follows_a_scheduled_radius_and_a_given_one_does_not() -> None:
    found = stated(f"{{TRADES: {{target_radius: {RAMP}}}}}")
    ramp = {"start": 0.01, "end": 0.04, "epochs": 3.0, "shape": "logarithmic"}
    assert found["target_radius"] == {"Ramp": ramp}
    quarter = pytest.approx(0.25 * 0.01, rel=1e-5), pytest.approx(0.25 * 0.04, rel=1e-5)
    assert found["temperature"] == {"Ramp": ramp | dict(zip(("start", "end"), quarter))}
    given = stated(f"{{OffsetCrossentropy: {{target_radius: {RAMP}, temperature: 0.3}}}}")
    assert given["temperature"] == 0.3
    assert "offset" not in given


@pytest.mark.parametrize(
    ("loss", "message", "place"),
    [
        (
            "{TRADES: {target_radius: {Ramp: {start: 0, end: 1}}}}",
            "`target_radius` must be greater than 0",
            "0",
        ),
        ("{LseHKR: {alpha: {Ramp: {start: 0, end: 1.5}}}}", "`alpha` must be at most 1", "1.5"),
        (
            "{HKR: {alpha: {PiecewiseConstantDecay: {boundaries: [9], values: [1, -2]}}}}",
            "`alpha` must",
            "-2",
        ),
        ("{Huber: {delta: {WarmUp: {learning_rate: {Ramp: {start: 1, end: 0}}}}}}", "`delta` must", "0"),
        (
            "{EMMA: {target_radius: {CosineDecay: {initial_learning_rate: 2}}}}",
            "makes it 0",
            "initial_learning_rate: 2",
        ),
        ("{OffsetCrossentropy: {target_radius: {Ramp: {start: 0, end: 1}}}}", "makes both 0", "0"),
        ("{LseHKR: {target_radius: {Ramp: {start: 1, end: 2}}}}", "no schedule follows", "start: 1"),
        ("{TRADES: {target_radius: {Ramp: {start: 0, end: 1, shape: logarithmic}}}}", "`start` must", "0"),
    ],
)
def test_a_schedule_is_held_against_the_range_of_its_parameter(loss: str, message: str, place: str) -> None:
    found = check(SourceText("config.yaml", TEXT + f"train: {{loss: {loss}, epochs: 1}}\n")).diagnostics
    errors = [item for item in found if item.severity.name == "ERROR" and item.rule == "out-of-range-values"]
    assert len(errors) == 1
    assert message in errors[0].message
    assert place in errors[0].span.text


def test_options_and_sweeps_reach_into_a_schedule() -> None:
    source = SourceText(
        "config.yaml",
        TEXT
        + f"train: {{loss: {{TRADES: {{target_radius: {RAMP}}}}}, epochs: 1}}\n"
        + "sweep: {objectives: [accuracy], space: {train.loss.target_radius.end: {low: 0.1, high: 0.3}}}\n",
    )
    found = check(source, ["train.loss.target_radius.end=0.5"]).raise_for_errors().config.train
    assert found is not None
    assert found.loss.arguments()["target_radius"].end == 0.5
    bad = SourceText("config.yaml", source.text.replace("low: 0.1", "low: -0.1"))
    assert any(item.rule == "out-of-range-values" for item in check(bad).diagnostics)


def test_more_epochs_are_refused_where_a_schedule_of_the_loss_spans_all_of_them(tmp_path: Any) -> None:
    run = RunFolder(tmp_path)
    for loss, spans in (
        ("{TRADES: {target_radius: {Ramp: {start: 0.1, end: 1}}}}", True),
        (f"{{TRADES: {{target_radius: {RAMP}}}}}", False),
    ):
        begun = checked(loss)
        run.resolved.write_text(dump_config(begun.config, begun.graph))
        longer = check(begun.source, ["train.epochs=2"]).raise_for_errors()
        if spans:
            with pytest.raises(
                RefusedError, match="the schedule Ramp of the loss was stretched over 1 epochs"
            ):
                check_changes(run, longer.config, longer.graph)
        else:
            assert check_changes(run, longer.config, longer.graph) == ["train.epochs"]
