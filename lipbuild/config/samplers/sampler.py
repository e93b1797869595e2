from typing import Any

from pydantic import Field

from lipbuild.fields.strict import Strict


class SamplerSpec(Strict):
    """How a sweep chooses what it tries."""

    seed: int = Field(0, ge=0, lt=2**32, description="What its choices are drawn with.")

    @property
    def kind(self) -> str:
        """The sampler's name in a config."""
        return type(self).__name__

    def arguments(self) -> dict[str, Any]:
        """The arguments of Optuna's sampler besides its seed."""
        return {field: getattr(self, field) for field in type(self).model_fields if field != "seed"}
