from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Mapping[str, type[T]], Generic[T]):
    """The names of a config and the classes that they stand for, each loaded when it is first asked for.

    A config uses few of the classes, and making a class with typed fields takes a millisecond: a checker that
    made all of them at every start would spend most of its time on it.

    Args:
        package: The package that the modules are in.
        modules: For each name the module that holds the class, in the order in which they are shown.
        classes: The classes whose names are not those in a config.
    """

    def __init__(
        self, package: str, modules: Mapping[str, str], classes: Mapping[str, str] | None = None
    ) -> None:
        self._package = package
        self._modules = dict(modules)
        self._classes = dict(classes or {})

    def __getitem__(self, name: str) -> type[T]:
        module = import_module(f"{self._package}.{self._modules[name]}")
        found: type[T] = getattr(module, self._classes.get(name, name))
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)
