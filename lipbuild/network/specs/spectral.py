from typing import Annotated, Any

from pydantic import Field

from lipbuild.network.specs.constrained import ConstrainedSpec

_Positive = Annotated[float, Field(gt=0)]
_Times = Annotated[int, Field(ge=1, le=10_000)]
_SETTINGS = ("eps_spectral", "eps_bjorck", "beta_bjorck", "maxiter_spectral", "maxiter_bjorck")


class SpectralSpec(ConstrainedSpec):
    """The base of the layers whose reshaped kernel is kept orthogonal by Björck steps."""

    eps_spectral: _Positive | None = Field(
        None, description="Relative tolerance of the norm bound; that of the class where left out."
    )
    eps_bjorck: _Positive | None = Field(
        None, description="Tolerance of the orthogonalisation; that of the class where left out."
    )
    beta_bjorck: Annotated[float, Field(gt=0, le=0.5)] | None = Field(
        None, description="Step of the orthogonalisation, at most ½; that of the class where left out."
    )
    maxiter_spectral: _Times | None = Field(
        None, description="Most steps of the norm bound; that of the class where left out."
    )
    maxiter_bjorck: _Times | None = Field(
        None, description="Most steps of the orthogonalisation; that of the class where left out."
    )

    def arguments(self) -> dict[str, Any]:
        """As the Keras layer takes them, without the settings that are left to it."""
        return {k: v for k, v in super().arguments().items() if k not in _SETTINGS or v is not None}
