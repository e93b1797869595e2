from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lipbuild.errors import UnusableError
from lipbuild.missing import install_command
from lipbuild.reading.file import as_written
from lipbuild.reading.json_file import read_json
from lipbuild.training.files import write_json
from lipbuild.training.listeners.listener import Listener, Plan
from lipbuild.training.warn import warn

# What MLflow takes in one value of a parameter, and in one call.
_LONGEST = 500
_AT_ONCE = 100


class MLflow(Listener):
    """Records a training in MLflow: the config as parameters, metrics by epoch, the files of the run at its end.

    Where it goes is for whoever runs the training to say, by the variable `MLFLOW_TRACKING_URI`, and not for a
    config, which anybody may have written. The experiment has the model's name. A resumed training goes on with
    its record.

    Raises:
        UnusableError: MLflow is not installed, or its store cannot be used.
    """

    def __init__(self) -> None:
        os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
        try:
            import mlflow.tracking  # noqa: F401
        except ImportError:
            raise UnusableError(
                "`train.mlflow` needs MLflow, which is not installed", install_command("mlflow")
            ) from None
        logging.getLogger("mlflow").setLevel(logging.ERROR)
        logging.getLogger("alembic").setLevel(logging.ERROR)
        self._client: Any = None
        self._id = ""

    def start(self, plan: Plan) -> None:
        """Open a record, or the one that there is."""
        from mlflow.tracking import MlflowClient

        self._plan = plan
        try:
            self._client = MlflowClient()
            self._id = self._opened(plan)
        except Exception as error:
            # A store fails in as many ways as there are stores.
            raise UnusableError(
                f"MLflow's store cannot be used: {type(error).__name__}: {str(error).splitlines()[0]}",
                "set MLFLOW_TRACKING_URI, for example to sqlite:///mlflow.db",
            ) from None

    def _opened(self, plan: Plan) -> str:
        opened = _record(plan.run.mlflow)
        if opened is not None:
            self._client.update_run(opened, status="RUNNING")
            return opened
        experiment = self._client.get_experiment_by_name(plan.name)
        experiment_id = (
            experiment.experiment_id if experiment is not None else self._client.create_experiment(plan.name)
        )
        created = self._client.create_run(experiment_id, run_name=plan.run.path.name)
        from mlflow.entities import Param

        parameters = [Param(key, str(value)[:_LONGEST]) for key, value in plan.parameters.items()]
        for start in range(0, len(parameters), _AT_ONCE):
            self._client.log_batch(created.info.run_id, params=parameters[start : start + _AT_ONCE])
        write_json(plan.run.mlflow, {"run_id": created.info.run_id, "experiment_id": experiment_id})
        return str(created.info.run_id)

    def epoch(self, row: Mapping[str, float], seconds: float) -> None:
        """Record an epoch's metrics."""
        from mlflow.entities import Metric

        now, epoch = int(time.time() * 1000), int(row["epoch"])
        metrics = [
            Metric(key, value, now, epoch)
            for key, value in row.items()
            if key != "epoch" and math.isfinite(value)
        ]
        self._record(lambda: self._client.log_batch(self._id, metrics=metrics))

    def end(self, problem: str = "") -> None:
        """Keep the files, and close the record."""
        if self._id:
            self._record(lambda: self._close("FAILED" if problem else "FINISHED"))

    def _close(self, status: str) -> None:
        run = self._plan.run
        for path in (run.config, run.resolved, run.environment, run.metrics, run.model, run.plain):
            if path.is_file():
                self._client.log_artifact(self._id, str(path))
        self._client.set_terminated(self._id, status=status)

    def _record(self, action: Callable[[], None]) -> None:
        """Tell MLflow something. A tracker that fails does not end a training of days."""
        try:
            action()
        except Exception as error:
            reason = (str(error).splitlines() or [""])[0]
            warn(f"MLflow recorded nothing: {type(error).__name__}: {reason}")


def _record(path: Path) -> str | None:
    """The record that a training had before; none where that is not known any more, which is said."""
    if not path.exists():
        return None
    try:
        with as_written(path):
            return str(read_json(path)["run_id"])
    except UnusableError as error:
        warn(f"{error.message}; the training continues in a new MLflow run")
        return None
