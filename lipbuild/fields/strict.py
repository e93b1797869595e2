from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """The base of everything a config can say: no coercion, no unknown key, no infinity, never changed."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        frozen=True,
        # A config uses few of the classes; the others' validators need not be made at every start.
        defer_build=True,
    )
