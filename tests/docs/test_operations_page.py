"""The jobs of docs/operations.md: what each of them runs."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from lipbuild.errors import HeldError, InterruptedByOthersError, RefusedError, UnusableError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_slurm_script_names_every_node_and_each_tasks_index(tmp_path: Path) -> None:
    script, *_ = (block for block in blocks("bash") if "SBATCH" in block)
    stubs = {
        "scontrol": 'test "$*" = "show hostnames node[1-2]" && printf "node1\\nnode2\\n"',
        "srun": 'for i in 0 1; do SLURM_PROCID=$i "$@"; done',
        "lipbuild": 'echo "$@"',
    }
    for name, text in stubs.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{text}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", script],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_JOB_NODELIST": "node[1-2]"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        f"train config.yaml --run runs/first --cluster node1:2222,node2:2222 --index {i}" for i in range(2)
    ]


def test_the_kubernetes_job_gives_every_pod_its_index_and_all_their_names(tmp_path: Path) -> None:
    text, _ = blocks("yml")
    service, job = yaml.safe_load_all(text)
    name, pods = job["metadata"]["name"], job["spec"]["completions"]
    pod = job["spec"]["template"]["spec"]
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["selector"] == {"job-name": name}
    assert pod["subdomain"] == service["metadata"]["name"]
    [container] = pod["containers"]
    (tmp_path / "lipbuild").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "lipbuild").chmod(0o755)
    done = subprocess.run(
        [*container["command"], *container["args"]],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "JOB_COMPLETION_INDEX": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    port = service["spec"]["ports"][0]["port"]
    workers = ",".join(f"{name}-{i}.{pod['subdomain']}:{port}" for i in range(pods))
    assert done.stdout.strip() == f"train config.yaml --run runs/first --cluster {workers} --index 1"


def command_of(words: list[str]) -> None:
    """Hold a command and its options against what the command line has."""
    program, command, *rest = words
    assert Path(program).name == "lipbuild"
    section = CLI[CLI.index(f"## `lipbuild {command}`") :].split("\n## ")[0]
    for option in (word for word in rest if word.startswith("--")):
        assert f"{option} " in section or f"{option}`" in section, option


def test_the_deployment_asks_what_the_service_answers() -> None:
    _, text = blocks("yml")
    deployment = yaml.safe_load(text)
    template = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
    [container] = template["spec"]["containers"]
    command_of(container["args"])
    arguments = dict(zip(container["args"], container["args"][1:]))
    asked = [container[probe]["httpGet"] for probe in ("livenessProbe", "readinessProbe")]
    page = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    scraped = {key.rpartition("/")[2]: value for key, value in template["metadata"]["annotations"].items()}
    for path in (*(one["path"] for one in asked), scraped["path"]):
        assert f"`GET {path}`" in page
    assert {str(one["port"]) for one in asked} == {arguments["--port"]} == {scraped["port"]}
    assert int(arguments["--grace"]) < template["spec"]["terminationGracePeriodSeconds"]


def units() -> list[tuple[str, configparser.ConfigParser]]:
    found = []
    for text in blocks("ini"):
        parser = configparser.ConfigParser(strict=True)
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        parser.read_string(text)
        found.append((text, parser))
    return found


def test_the_units_start_again_what_is_worth_another_try() -> None:
    for _, unit in units():
        service = unit["Service"]
        assert service["Restart"] == "on-failure"
        prevented = set(map(int, service["RestartPreventExitStatus"].split()))
        assert prevented == {RefusedError("").exit_status, UnusableError("").exit_status}
        assert not prevented & {HeldError("").exit_status, InterruptedByOthersError("").exit_status}


def test_the_commands_of_the_units_exist() -> None:
    for _, unit in units():
        command_of(unit["Service"]["ExecStart"].split())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for number, (text, _) in enumerate(units()):
        path = tmp_path / f"lipbuild-{number}.service"
        path.write_text(text.replace("/opt/lipbuild/bin/lipbuild", "/bin/true"))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, check=False
        )
        said = [line for line in (done.stdout + done.stderr).splitlines() if path.name in line]
        assert not said
