from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lipbuild.errors import UnusableError
from lipbuild.reading.c_program import is_program
from lipbuild.reading.json_file import read_json
from lipbuild.training.partial import is_partial

# What `environment.json` calls the version of a run folder. Those before it carry none, and have no `plain.keras`.
VERSION = 2


@dataclass(frozen=True)
class RunFolder:
    """The folder of one training run. It can be moved: nothing in it names its place.

    Attributes:
        path: The folder.
    """

    path: Path

    @property
    def config(self) -> Path:
        """The config as it was written."""
        return self.path / "config.yaml"

    @property
    def resolved(self) -> Path:
        """The config with every default, parent, option and variable filled in."""
        return self.path / "config.resolved.yaml"

    @property
    def environment(self) -> Path:
        """Packages, platform, command, git commit, seeds."""
        return self.path / "environment.json"

    @property
    def data(self) -> Path:
        """The data contract: which sample is in which part, and how files become tensors."""
        return self.path / "data.json"

    @property
    def data_samples(self) -> Path:
        """The samples of the data contract."""
        return self.path / "data.samples"

    @property
    def metrics(self) -> Path:
        """One line an epoch."""
        return self.path / "metrics.csv"

    @property
    def checkpoint(self) -> Path:
        """The model after the last whole epoch."""
        return self.path / "checkpoints" / "last.keras"

    @property
    def best(self) -> Path:
        """The model after the best epoch by `train.monitor`, where a validation share is kept."""
        return self.path / "checkpoints" / "best.keras"

    @property
    def state(self) -> Path:
        """What a training resumes from."""
        return self.path / "checkpoints" / "state.npz"

    @property
    def lease(self) -> Path:
        """Who the folder belongs to, while a training writes there."""
        return self.path / "lease.json"

    @property
    def log(self) -> Path:
        """What the training said, a line an epoch."""
        return self.path / "train.log"

    @property
    def tensorboard(self) -> Path:
        """TensorBoard's files."""
        return self.path / "tensorboard"

    @property
    def profile(self) -> Path:
        """TensorFlow's profile of some steps."""
        return self.path / "profile"

    @property
    def mlflow(self) -> Path:
        """Which of MLflow's runs this is."""
        return self.path / "mlflow.json"

    @property
    def model(self) -> Path:
        """The trained model."""
        return self.path / "model.keras"

    @property
    def plain(self) -> Path:
        """The same network of Keras's layers alone: what is certified, evaluated, served and exported."""
        return self.path / "plain.keras"

    @property
    def evaluation(self) -> Path:
        """What `lipbuild evaluate` measured."""
        return self.path / "evaluation.json"

    @property
    def samples(self) -> Path:
        """One line a test sample: its label, margin, radii, and what an attack found."""
        return self.path / "evaluation_samples.csv"

    @property
    def attacks(self) -> Path:
        """The adversarial examples that were found."""
        return self.path / "attacks.npz"

    @property
    def plane(self) -> Path:
        """What a classifier of two numbers says of each point, drawn by the report."""
        return self.path / "plane.npz"

    @property
    def dependence(self) -> Path:
        """The mean output of a network on a table against each column, drawn by the report."""
        return self.path / "dependence.npz"

    @property
    def violations(self) -> Path:
        """Samples that an attack changes inside their certified radius: there should be none."""
        return self.path / "violations.npz"

    @property
    def plots(self) -> Path:
        """The plots of the evaluation."""
        return self.path / "plots"

    @property
    def certificate(self) -> Path:
        """What `lipbuild certify` proved."""
        return self.path / "certificate.json"

    @property
    def report(self) -> Path:
        """All of it as one HTML file."""
        return self.path / "report.html"

    @property
    def spectra(self) -> Path:
        """The singular values of the kernels after each epoch, one line an epoch."""
        return self.path / "spectra.jsonl"

    @property
    def evidence(self) -> Path:
        """What `lipbuild evidence` wrote."""
        return self.path / "evidence"

    @property
    def exports(self) -> Path:
        """Where exports go."""
        return self.path / "exports"


def is_run(path: Path) -> bool:
    """Whether it is a run folder."""
    return RunFolder(path).resolved.is_file()


def is_folder(path: Path) -> bool:
    """Whether a run folder, or one like it, is named, and neither a SavedModel nor C."""
    return path.is_dir() and not (path / "saved_model.pb").is_file() and not is_program(path)


def create_run_folder(parent: Path, name: str) -> RunFolder:
    """A new folder `<name>-<time>` for one run.

    Raises:
        UnusableError: It cannot be made.
    """
    time = datetime.now().strftime("%Y%m%d-%H%M%S")
    for attempt in range(1, 1000):
        path = parent / (f"{name}-{time}" if attempt == 1 else f"{name}-{time}-{attempt}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise UnusableError(
                f"{parent}: a run folder cannot be made there: {error.strerror or error}",
                "name another place with `--output`",
            ) from None
        if not os.access(path, os.W_OK):
            raise UnusableError(f"{path}: it cannot be written")
        return RunFolder(path)
    raise UnusableError(f"{parent}: it has a thousand runs of this second")


def check_run_name(path: Path) -> None:
    """Let a folder that the user has named be a run folder, unless it is there already and holds something else.

    Raises:
        UnusableError: It holds something else.
    """
    if path.exists() and not path.is_dir():
        raise UnusableError(f"{path}: this is a file, and no run folder", "name another place")
    if path.is_dir() and not is_run(path) and not all(map(_is_of_a_start, path.iterdir())):
        raise UnusableError(f"{path}: it is not a run folder, and it is not empty", "name another place")


def _is_of_a_start(path: Path) -> bool:
    """Whether it is what a training leaves that is killed before it has written anything else."""
    return path.name == RunFolder(path.parent).lease.name or is_partial(path)


def open_run_folder(path: Path, *, trained: bool = True) -> RunFolder:
    """The folder of a run that there is.

    Args:
        path: The folder.
        trained: Whether its training must have ended.

    Raises:
        UnusableError: It is not a run folder, or its training has not ended.
    """
    run = RunFolder(path)
    if not path.is_dir():
        raise UnusableError(f"{path}: there is no such run folder", "`lipbuild train CONFIG` makes one")
    if not run.resolved.is_file():
        raise UnusableError(
            f"{path}: this is not a run folder: it has no {run.resolved.name}",
            "name the folder that `lipbuild train` printed",
        )
    _check_version(run)
    if trained and not run.model.is_file():
        hint = "train again: it has no checkpoint either"
        if run.checkpoint.is_file():
            hint = f"its last checkpoint is {run.checkpoint}; resume it with `lipbuild train --resume {path}`"
        raise UnusableError(f"{path}: this run has no {run.model.name}: its training did not end", hint)
    return run


def _check_version(run: RunFolder) -> None:
    """Refuse the folder of a later lipbuild; what cannot be read is said where it is needed."""
    try:
        version = read_json(run.environment).get("version", 1)
    except UnusableError:
        return
    if type(version) is int and version > VERSION:
        raise UnusableError(
            f"{run.path}: it is a run folder of version {version}, and this lipbuild reads those up to {VERSION}",
            "use the lipbuild that wrote it, or a later one",
        )
