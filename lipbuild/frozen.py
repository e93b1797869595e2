"""Frozen dataclasses that are made quickly.

`dataclasses.dataclass` compiles six functions for each class, and a check makes sixty classes at its start: a fifteenth
of its time. Here one function is compiled, `__init__`; the others are the same for all classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses
    from operator import attrgetter
    from reprlib import recursive_repr

    def dataclass(*, frozen, eq=True):
        """As `dataclasses.dataclass(frozen=True)`, for classes without slots.

        Args:
            frozen: True.
            eq: Whether instances with equal fields are equal.
        """
        assert frozen

        def make(cls):
            dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
            fields = dataclasses.fields(cls)
            assert not any(field.kw_only for field in fields)
            methods = {
                "__init__": _init(cls, [field for field in fields if field.init]),
                "__setattr__": _refuse_to_set,
                "__delattr__": _refuse_to_delete,
                "__repr__": _repr,
            }
            if eq:
                names = [field.name for field in fields if field.compare]
                cls._compared = attrgetter(*names) if names else type
                methods |= {"__eq__": _eq, "__hash__": _hash}
            for name, method in methods.items():
                if name not in vars(cls):
                    setattr(cls, name, method)
            # As dataclasses do: a class that says when it is equal and not how it is hashed is hashed by its fields.
            if eq and vars(cls)["__hash__"] is None:
                cls.__hash__ = _hash
            return cls

        return make

    _MISSING = dataclasses.MISSING

    def _init(cls, fields):
        namespace = {"MISSING": _MISSING}
        arguments, lines = [], []
        for field in fields:
            name, value = field.name, field.name
            if field.default is not _MISSING:
                namespace[f"default_{name}"] = field.default
                arguments.append(f"{name}=default_{name}")
            elif field.default_factory is not _MISSING:
                namespace[f"make_{name}"] = field.default_factory
                arguments.append(f"{name}=MISSING")
                value = f"make_{name}() if {name} is MISSING else {name}"
            else:
                arguments.append(name)
            lines.append(f"_own[{name!r}] = {value}")
        if hasattr(cls, "__post_init__"):
            lines.append("self.__post_init__()")
        body = "\n ".join(["_own = self.__dict__", *lines])
        exec(f"def __init__({', '.join(['self', *arguments])}):\n {body}", namespace)
        made = namespace["__init__"]
        made.__qualname__ = f"{cls.__qualname__}.__init__"
        made.__annotations__ = {field.name: field.type for field in fields} | {"return": None}
        return made

    def _refuse_to_set(self, name, value):  # noqa: ARG001
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_to_delete(self, name):  # noqa: ARG001
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    @recursive_repr()
    def _repr(self):
        values = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
        return f"{type(self).__qualname__}({', '.join(values)})"

    def _eq(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self is other or self._compared(self) == other._compared(other)

    def _hash(self):
        return hash((type(self), self._compared(self)))


__all__ = ["dataclass"]
