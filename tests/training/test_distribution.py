"""Trainings over several processes and devices: the same weights as over one, and what a lost process leaves."""

from __future__ import annotations

import csv
import json
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import lipbuild
from lipbuild.errors import UnusableError
from lipbuild.training.distribution.cluster import Cluster, cluster_from_environment, cluster_of
from lipbuild.training.distribution.distribution import distribute
from lipbuild.training.options import TrainOptions
from lipbuild.training.train import Run
from lipbuild.training.train import train as run_training
from tests.launched import Launched, Server
from tests.training.conftest import RICH, SMALL

WITHIN = 1e-5


def free_addresses(count: int) -> list[str]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return addresses


def rows_of(run: Path) -> list[dict[str, float]]:
    metrics = run / "metrics.csv"
    if not metrics.is_file():
        return []
    with metrics.open() as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


@dataclass
class Story:
    """One training: two processes, stopped by a signal to one; three, of which one is killed; one to the end."""

    two: list[Launched]
    three: list[Launched]
    after_two: list[dict[str, float]]
    after_three: list[dict[str, float]]
    last: Run
    reference: Run


@pytest.fixture(scope="module")
def story(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    config = folder / "small.yaml"
    config.write_text(SMALL)
    run = folder / "run"
    command = [
        "train",
        config,
        "--run",
        "run",
        "--set",
        "train.epochs=100000",
        "--set",
        "train.checkpoint.epochs=1",
    ]

    addresses = free_addresses(2)
    two = [
        server.launch(
            # Only the chief may have to see the run folder.
            folder if index == 0 else tmp_path_factory.mktemp("elsewhere"),
            f"two-{index}",
            *command,
            TF_CONFIG=json.dumps(
                {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            ),
        )
        for index in range(2)
    ]
    two[0].until(lambda: len(rows_of(run)) >= 2)
    two[1].signal(signal.SIGTERM)
    for process in two:
        process.wait()
    after_two = rows_of(run)

    addresses = free_addresses(3)
    three = [
        server.launch(folder, f"three-{index}", *command, "--cluster", ",".join(addresses), "--index", index)
        for index in range(3)
    ]
    three[0].until(lambda: len(rows_of(run)) >= len(after_two) + 2)
    three[2].signal(signal.SIGKILL)
    for process in three:
        process.wait()
    after_three = rows_of(run)

    epochs = f"train.epochs={len(after_three) + 1}"
    last = run_training(lipbuild.load(config, [epochs]), TrainOptions(folder=run, resume=True, quiet=True))
    reference = run_training(lipbuild.load(config, [epochs]), TrainOptions(folder / "reference", quiet=True))
    return Story(two, three, after_two, after_three, last, reference)


def assert_near(rows: list[dict[str, float]], reference: Run) -> None:
    for row, expected in zip(rows, reference.history):
        assert row == pytest.approx(expected, abs=WITHIN)


def test_two_processes_do_what_one_does(story: Story) -> None:
    assert len(story.after_two) >= 2
    assert_near(story.after_two, story.reference)


def test_a_signal_to_one_process_stops_all_of_them_with_a_checkpoint(story: Story) -> None:
    chief, other = story.two
    assert other.wait() == 143
    assert chief.wait() == 75
    assert "another process of the training was asked to stop" in chief.texts()
    assert "the last checkpoint is of it" in chief.texts()
    assert "resume it with `lipbuild train --resume run`" in chief.texts()


def test_the_chief_alone_writes(story: Story) -> None:
    elsewhere = story.two[1].out.parent
    assert {path.name for path in elsewhere.iterdir()} == {"two-1.out", "two-1.err"}
    assert story.two[1].out.read_text() == ""


def test_three_processes_go_on_with_what_two_have_done(story: Story) -> None:
    assert len(story.after_three) >= len(story.after_two) + 2
    assert_near(story.after_three, story.reference)


def test_the_loss_of_a_process_is_reported_by_all_others(story: Story) -> None:
    assert story.three[2].wait() == -signal.SIGKILL
    for process in story.three[:2]:
        assert process.wait() == 75
        assert "is lost: it has ended, or does not answer" in process.err.read_text()
        assert "with `--run run`: the training resumes from its last checkpoint" in process.err.read_text()
        assert "Traceback" not in process.texts()


def test_the_weights_are_those_of_one_process(story: Story) -> None:
    assert len(story.last.history) == len(story.after_three) + 1
    for mine, others in zip(story.last.model.get_weights(), story.reference.model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, others, atol=WITHIN, rtol=0)


def test_workers_with_different_configs_do_not_start(server: Server, small: Path, tmp_path: Path) -> None:
    addresses = ",".join(free_addresses(2))
    processes = [
        server.launch(
            tmp_path,
            f"worker-{index}",
            *("train", small, "--cluster", addresses, "--index", index, "--set", f"seed={index}"),
        )
        for index in range(2)
    ]
    assert [process.wait() for process in processes] == [1, 1]
    assert "another worker's config is not the chief's" in processes[0].texts()
    assert "this worker's config is not the chief's" in processes[1].texts()
    assert not (tmp_path / "runs").exists()


def test_two_devices_of_one_process_do_what_one_does(server: Server, tmp_path: Path) -> None:
    config = tmp_path / "rich.yaml"
    # One device would put off the retraction of the wide kernel.
    config.write_text(RICH.replace("units: 512", "units: 32"))
    process = server.launch(
        tmp_path, "devices", *("train", config, "--run", "run", "--set", "train.strategy=mirrored"), devices=2
    )
    reference = run_training(lipbuild.load(config), TrainOptions(tmp_path / "reference", quiet=True))
    assert process.wait() == 0, process.texts()
    environment = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert environment["distribution"]["replicas"] == 2
    rows = rows_of(tmp_path / "run")
    assert len(rows) == 2
    assert_near(rows, reference)


def test_a_cluster_is_read_from_tf_config_as_tensorflow_has_it() -> None:
    workers = {"worker": ["a:1", "b:2"]}
    config = json.dumps({"cluster": workers, "task": {"type": "worker", "index": 1}})
    assert cluster_from_environment({"TF_CONFIG": config}) == Cluster(("a:1", "b:2"), 1)
    with_chief = {"cluster": {"chief": ["c:1"], **workers}, "task": {"type": "worker", "index": 1}}
    assert cluster_from_environment({"TF_CONFIG": json.dumps(with_chief)}) == Cluster(
        ("c:1", "a:1", "b:2"), 2
    )
    with_chief["task"] = {"type": "chief", "index": 0}
    found = cluster_from_environment({"TF_CONFIG": json.dumps(with_chief)})
    assert found is not None
    assert found.is_chief
    assert cluster_from_environment({}) is None
    assert cluster_from_environment({"TF_CONFIG": "{}"}) is None
    assert json.loads(found.as_tf_config())["cluster"] == {"worker": ["c:1", "a:1", "b:2"]}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"cluster": {"worker": ["a:1"]}}', "cannot be read"),
        (
            '{"cluster": {"worker": ["a:1"], "ps": ["b:1"]}, "task": {"type": "worker", "index": 0}}',
            "the role `ps`",
        ),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "evaluator", "index": 0}}', "`evaluator`"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}', "no worker 1 among 1"),
        *(
            ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": ' + index + "}}", said)
            for index, said in (
                ("1.9", "a whole number, not 1.9"),
                ("true", "not true"),
                ('"x"', 'not "x"'),
                ("null", "not null"),
            )
        ),
        ('{"cluster": {"worker": "a:1"}, "task": {"type": "worker", "index": 0}}', 'not "a:1"'),
    ],
)
def test_a_wrong_tf_config_is_said_to_be(config: str, message: str) -> None:
    with pytest.raises(UnusableError, match=message):
        cluster_from_environment({"TF_CONFIG": config})


@pytest.mark.parametrize(
    ("workers", "index", "message"),
    [
        ([], 0, "`--index` without `--cluster`"),
        (["a:1"], None, "`--cluster` without `--index`"),
        (["a:1", "b"], 0, "`b` is not a `host:port`"),
        (["a:1", "b:70000"], 0, "`b:70000` is not a `host:port`"),
        (["a:1", "a:1"], 0, "`a:1` is named twice"),
        (["a:1", "b:1"], 2, "no worker 2 among 2"),
    ],
)
def test_wrong_options_are_said_to_be(workers: list[str], index: int | None, message: str) -> None:
    with pytest.raises(UnusableError, match=message):
        cluster_of(workers, index)
    assert cluster_of([], None) is None
    assert cluster_of(["h:1", "[::1]:2"], 1) == Cluster(("h:1", "[::1]:2"), 1)


def test_a_strategy_that_does_not_fit_the_workers_is_refused(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnusableError, match="no workers are named"):
        lipbuild.train(lipbuild.load(small, ["train.strategy=multi_worker"]))
    monkeypatch.setenv("TF_CONFIG", Cluster(("a:1", "b:1"), 0).as_tf_config())
    with pytest.raises(UnusableError, match="several workers are named"):
        lipbuild.train(lipbuild.load(small, ["train.strategy=mirrored"]))


def test_a_port_in_use_is_said_to_be() -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        cluster = Cluster((f"localhost:{port}", "b:1"), 0)
        with pytest.raises(UnusableError, match=rf"the port {port} of worker 0, .* is in use") as refused:
            distribute("auto", cluster)
    assert "`--index`" in refused.value.help
    cluster.check_port()
