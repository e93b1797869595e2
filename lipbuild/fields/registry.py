from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Mapping[str, type[T]], Generic[T]):
    """The names of a config and the classes that they stand for, each loaded when it is first asked for.

    A config uses few of the classes, and making one with typed fields takes a fifth of a millisecond: a checker that
    made all of them at every start would take a tenth longer.

    Args:
        package: The package that the modules are in.
        modules: For each name the module that holds the class, in the order in which they are shown:
            `residual`, or `named.Digits` where the class is called otherwise than in a config.
    """

    def __init__(self, package: str, modules: Mapping[str, str]) -> None:
        self._package = package
        self._modules = dict(modules)

    def __getitem__(self, name: str) -> type[T]:
        module, _, called = self._modules[name].partition(".")
        found: type[T] = getattr(import_module(f"{self._package}.{module}"), called or name)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)
