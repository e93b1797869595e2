"""What a run says of where it was trained, when it goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lipbuild.training.environment import describe_environment, resumed_environment
from lipbuild.training.run_folder import RunFolder
from lipbuild.training.training_state import TrainingState


def test_another_version_is_said_and_a_damaged_file_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(tmp_path)
    now = describe_environment(0, tmp_path)
    state = TrainingState(epoch=2, step=3)
    run.environment.write_text(json.dumps(now))
    assert resumed_environment(run, now, state)["resumed"][0]["epoch"] == 3
    assert capsys.readouterr().err == ""
    before = {**now, "lipbuild": "0.0.1", "packages": {**now["packages"], "keras": "3.0.0"}}
    run.environment.write_text(json.dumps(before))
    again = resumed_environment(run, now, state)
    assert (again["lipbuild"], len(again["resumed"])) == ("0.0.1", 1)
    said = capsys.readouterr().err
    assert f"another version of lipbuild (0.0.1, now {now['lipbuild']}), keras (3.0.0, now" in said
    # What counts is what it was trained on last.
    run.environment.write_text(json.dumps(again))
    assert len(resumed_environment(run, now, state)["resumed"]) == 2
    assert capsys.readouterr().err == ""
    for damaged in ("", "[]", '{"resumed": 1}', '{"resumed": [1]}', '{"packages": []}'):
        run.environment.write_text(damaged)
        assert resumed_environment(run, now, state)["resumed"][0]["step"] == 3
        assert capsys.readouterr().err.startswith(f"warning: {run.environment}: it is not ")
    run.environment.unlink()
    assert "resumed" in resumed_environment(run, now, state)
