from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from lipbuild.frozen import dataclass


@dataclass(frozen=True, eq=False)
class OneOf:
    """Marks a text, within `Annotated`, that is one of several names.

    Attributes:
        what: What is named, in words for a message (`activation`).
        names: The names.
        also: Names that a config may have here besides, and that are taken out of it before.
    """

    what: str
    names: Collection[str]
    also: Collection[str] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._known, handler(source))

    def __get_pydantic_json_schema__(self, *_: Any) -> dict[str, Any]:
        return {"enum": [*self.names, *self.also]}

    def _known(self, name: str) -> str:
        if name not in self.names:
            raise PydanticCustomError(
                "one_of",
                "unknown {what} `{name}`",
                {"what": self.what, "name": name, "names": tuple(self.names)},
            )
        return name
