"""Runs `lipbuild` commands in processes of their own that need not import TensorFlow anew.

Reads one JSON request a line. `{"run": [arguments], "cwd": …, "env": {…}, "out": path, "err": path, "devices": n}` is
answered by the number of a process that was forked for it and sees n CPUs as devices, `{"wait": number}` by its exit
status (negative: the signal that ended it).
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: F401
import sklearn.datasets
import tensorflow
import typer  # noqa: F401

import lipbuild
from lipbuild.cli.run import run

# What else commands import when they need it: half a second of each.
sklearn.datasets.load_digits()
_RARE = ("lipbuild.__main__", "lipbuild.cli.editor", "lipbuild.serving", "lipbuild.sweeping")
for module in pkgutil.walk_packages(lipbuild.__path__, "lipbuild."):
    if not module.name.startswith(_RARE):
        importlib.import_module(module.name)


def start(request: dict[str, Any]) -> int:
    process = os.fork()
    if process:
        return process
    os.chdir(request["cwd"])
    os.environ.update(request["env"])
    for number, path in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
    if request["devices"] > 1:
        devices = [tensorflow.config.LogicalDeviceConfiguration()] * request["devices"]
        [cpu] = tensorflow.config.list_physical_devices("CPU")
        tensorflow.config.set_logical_device_configuration(cpu, devices)
    # The usual way out, with all that the interpreter does at its end.
    sys.exit(run(request["run"]))


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = start(request)
        print(answer, flush=True)


if __name__ == "__main__":
    main()
