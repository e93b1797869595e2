from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar

from lipbuild.errors import UnusableError
from lipbuild.plugins import entry_points, load_entry_point

T = TypeVar("T")


class Registry(Mapping[str, type[T]], Generic[T]):
    """The names of a config and the classes that they stand for, each loaded when it is first asked for.

    A config uses few of the classes, and making one with typed fields takes a fifth of a millisecond: a checker that
    made all of them at every start would take a tenth longer. What installed packages bring is looked for where a name
    is unknown or all names are asked for.

    Args:
        package: The package that the modules are in.
        modules: For each name the module that holds the class, in the order in which they are shown:
            `residual`, or `named.Digits` where the class is called otherwise than in a config.
        group: The group of entry points in which packages bring more; none where left out.
        base: Of which class those have to be, as `module:name`.
    """

    def __init__(self, package: str, modules: Mapping[str, str], group: str = "", base: str = "") -> None:
        self._package = package
        self._modules = dict(modules)
        self._group = group
        self._base = base

    @property
    def built_in(self) -> tuple[str, ...]:
        """The names that no package brings."""
        return tuple(self._modules)

    def __getitem__(self, name: str) -> type[T]:
        if name not in self._modules:
            return self._brought(name)
        module, _, called = self._modules[name].partition(".")
        found: type[T] = getattr(import_module(f"{self._package}.{module}"), called or name)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._modules or name in self._others()

    def __iter__(self) -> Iterator[str]:
        yield from self._modules
        yield from (name for name in self._others() if name not in self._modules)

    def __len__(self) -> int:
        return len(set(self._modules) | set(self._others()))

    def _others(self) -> Mapping[str, object]:
        return entry_points(self._group) if self._group else {}

    def _brought(self, name: str) -> type[T]:
        if name not in self._others():
            raise KeyError(name)
        found = load_entry_point(self._group, name)
        module, _, called = self._base.partition(":")
        base = getattr(import_module(module), called)
        told = getattr(found, "source_name", getattr(found, "__name__", None))
        if not (isinstance(found, type) and issubclass(found, base)) or told != name:
            raise UnusableError(
                f"{entry_points(self._group)[name].package} brings `{name}`, which is no {called} of that name",
                "install another version of the package, or remove it",
            )
        brought: type[T] = found
        return brought


class Names(Collection[str]):
    """The names of several registries together, looked up one after the other."""

    def __init__(self, *registries: Collection[str]) -> None:
        self._registries = registries

    def __contains__(self, name: object) -> bool:
        return any(name in registry for registry in self._registries)

    def __iter__(self) -> Iterator[str]:
        for registry in self._registries:
            yield from registry

    def __len__(self) -> int:
        return sum(map(len, self._registries))
