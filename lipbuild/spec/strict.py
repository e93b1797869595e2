from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import get_annotations
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

from lipbuild.spec.convert import field_value
from lipbuild.spec.field import FieldInfo
from lipbuild.spec.invalid import Invalid, InvalidError

S = TypeVar("S", bound="Strict")


class _Fields:
    """The keys of a class, found when they are first asked for: a config uses few of the classes."""

    def __get__(self, instance: object, owner: type[Strict]) -> Mapping[str, FieldInfo]:
        found: dict[str, FieldInfo] | None = owner.__dict__.get("_fields")
        if found is None:
            found = dict(_fields(owner))
            owner._fields = found
        return found


class Strict:
    """The base of everything a config can say: typed keys, no coercion, no unknown key, no infinity.

    A class lists its keys as pydantic's models do, `units: int = Field(ge=1, description="…")`, and has pydantic's
    names for what is done with them. It is written here all the same: importing pydantic alone takes twice as long
    as reading and checking a config.
    """

    model_fields: ClassVar[Mapping[str, FieldInfo]] = _Fields()  # type: ignore[assignment]
    _fields: ClassVar[dict[str, FieldInfo]]

    def __init__(self, **values: Any) -> None:
        """Make one from its keys.

        Raises:
            InvalidError: A key is wrong, unknown or missing.
        """
        errors: list[Invalid] = []
        converted: dict[str, Any] = {}
        fields = type(self).model_fields
        for name in values:
            if name not in fields:
                errors.append(Invalid((name,), "extra", "is unknown"))
        for name, field in fields.items():
            if name in values:
                converted[name] = field_value(field, values[name], name, errors)
            elif field.is_required():
                errors.append(Invalid((name,), "missing", "is missing"))
            else:
                converted[name] = field.get_default()
        self.__dict__.update(converted)
        if not errors:
            for validate in _validators(type(self)):
                try:
                    validate(self)
                except ValueError as error:
                    errors.append(Invalid((), "value", str(error)))
        if errors:
            raise InvalidError(type(self).__name__, errors)

    @classmethod
    def model_validate(cls: type[S], values: Mapping[str, Any]) -> S:
        """One made from a mapping of its keys.

        Raises:
            InvalidError: A key is wrong, unknown or missing.
        """
        return cls(**values)

    def model_copy(self: S, *, update: Mapping[str, Any]) -> S:
        """The same with other values, which are right: they are not looked at."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **update)
        return copy

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *map(repr, self.__dict__.items())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.__dict__.items())})"


def _fields(cls: type[Strict]) -> dict[str, FieldInfo]:
    """The keys of a class, those of its bases first."""
    fields: dict[str, FieldInfo] = {}
    for base in reversed(cls.__mro__):
        own = get_annotations(base)
        if any(isinstance(annotation, str) for annotation in own.values()):
            own = {
                name: hint for name, hint in get_type_hints(base, include_extras=True).items() if name in own
            }
        for name, annotation in own.items():
            origin: Any = get_origin(annotation)
            if name.startswith("_") or origin is ClassVar:
                continue
            field = base.__dict__.get(name)
            if not isinstance(field, FieldInfo):
                raise TypeError(f"{base.__name__}.{name} takes a `Field(…)` of lipbuild.spec.field")
            field.annotation, field.metadata = annotation, ()
            while get_origin(field.annotation) is Annotated:
                inner, *extras = get_args(field.annotation)
                field.annotation, field.metadata = inner, (*extras, *field.metadata)
            fields[name] = field
    return fields


def _validators(cls: type[Strict]) -> list[Callable[[Strict], object]]:
    return [
        method
        for base in reversed(cls.__mro__)
        for method in base.__dict__.values()
        if getattr(method, "validates", False)
    ]
