from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_LOADER = "pydantic.plugin._loader"


class _NoPlugins(ModuleType):
    @staticmethod
    def get_plugins() -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        # Something else is asked for than this knows of: the module itself is to answer.
        sys.modules.pop(_LOADER, None)
        return getattr(import_module(_LOADER), name)


def without_plugins() -> None:
    """Keep pydantic from looking for plug-ins, of which the command line has no use.

    To find none it would read the metadata of every installed package. Pydantic's own switch for that,
    `PYDANTIC_DISABLE_PLUGINS`, still loads what reads metadata; both take a tenth of the time of a check.
    """
    sys.modules.setdefault(_LOADER, _NoPlugins(_LOADER))
