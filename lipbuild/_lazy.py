"""The Python API, loaded when it is used."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

# Where each function of the API is. `build` and `export` are packages as well; those are callable modules.
FUNCTIONS = {
    "load": "lipbuild.api.load",
    "check": "lipbuild.api.load",
    "dump": "lipbuild.api.dump",
    "build": "lipbuild.api.build",
    "describe_data": "lipbuild.api.describe_data",
    "train": "lipbuild.api.train",
    "resume": "lipbuild.api.resume",
    "sweep": "lipbuild.api.sweep",
    "evaluate": "lipbuild.api.evaluate",
    "report": "lipbuild.api.report",
    "compare": "lipbuild.api.compare",
    "predict": "lipbuild.api.predict",
    "export": "lipbuild.api.export",
    "certify": "lipbuild.api.certify",
    "verify": "lipbuild.api.verify",
    "bench": "lipbuild.api.bench",
    "allow_code": "lipbuild.data.permission",
    "audit": "lipbuild.api.audit",
    "load_deel_lip": "lipbuild.api.load_deel_lip",
    "import_model": "lipbuild.api.import_model",
    "serving_app": "lipbuild.api.serve",
}

# What deel-lip's users import from its top.
MODELS = {"Model": "lipbuild.model", "Sequential": "lipbuild.model", "vanillaModel": "lipbuild.model"}


class CallableModule(ModuleType):
    """A package that shares its name with a function of the API and can be called like it.

    `lipbuild.export(run)` works whether or not somebody has imported the package `lipbuild.export` before.
    """

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the function of the API."""
        name = self.__name__.rpartition(".")[2]
        return getattr(import_module(FUNCTIONS[name]), name)(*arguments, **keywords)


def make_callable(name: str) -> None:
    """Make a package that is being imported callable."""
    sys.modules[name].__class__ = CallableModule
