"""Prints how the product is built: where a layer is named, what a loss takes, circles of imports, files and lines.

    python tests/benchmarks/house.py [PACKAGE]

Everything is read from the source files; nothing is asserted.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

# A dense layer whose kernel is computed from its weights, and the newest of these.
LAYER, NEWEST = "OrthoDense", "AOLDense"
LOSS = "MultiMargin"

Graph = Mapping[str, set[str]]


class Module:
    """One source file."""

    def __init__(self, root: Path, path: Path) -> None:
        parts = path.relative_to(root.parent).with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.path = path.relative_to(root.parent)
        text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(text)
        self.lines = len(text.splitlines())

    def names(self, name: str) -> bool:
        """Whether it has a name as an identifier or as a quoted string; what comments say does not count."""
        return any(name in _said(node) for node in ast.walk(self.tree))

    def lines_of(self, name: str) -> int:
        """The lines of a class: those of the whole file where it stands alone in it."""
        classes = [node for node in self.tree.body if isinstance(node, ast.ClassDef)]
        for node in classes:
            if node.name == name:
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                return self.lines if len(classes) == 1 else (node.end_lineno or first) - first + 1
        return 0

    def imports(self, *, typing: bool) -> Iterator[str]:
        """What it imports, wherever in it; with what is there for type checkers alone, or without."""
        skipped: set[ast.AST] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not typing:
                skipped |= {child for part in node.body for child in ast.walk(part)}
        for node in ast.walk(self.tree):
            if node in skipped:
                continue
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _said(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    if isinstance(node, ast.alias):
        return {node.name.rpartition(".")[2], node.asname or ""}
    found = (getattr(node, field, None) for field in ("id", "attr", "name"))
    return {name for name in found if isinstance(name, str)}


def graph_of(modules: Mapping[str, Module], *, typing: bool) -> Graph:
    """Which module imports which: the file that a name is in, not the packages above it."""
    graph: dict[str, set[str]] = {}
    for name, module in modules.items():
        found = {other for other in module.imports(typing=typing) if other in modules} - {name}
        # `from a.b import c` names a.b as well, which is imported for c alone where c is a module.
        graph[name] = found - {other.rpartition(".")[0] for other in found}
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """The strongly connected components of more than one module."""
    reached = {name: _reached(graph, name) for name in graph}
    found = {
        tuple(sorted({name, *(other for other in reached[name] if name in reached[other])})) for name in graph
    }
    return sorted(list(component) for component in found if len(component) > 1)


def _reached(graph: Graph, start: str) -> set[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        for other in graph[ahead.pop()] - found:
            found.add(other)
            ahead.append(other)
    return found


def _print_modules(title: str, modules: list[Module]) -> None:
    print(f"{title}: {len(modules)}")
    for module in modules:
        print(f"    {module.path}")


def main(root: Path) -> None:
    """Print the figures of a package."""
    modules = {m.name: m for m in (Module(root, path) for path in sorted(root.rglob("*.py")))}
    naming = [module for module in modules.values() if module.names(LAYER)]
    _print_modules(f"Modules that name {LAYER}", naming)
    touched = [module for module in modules.values() if module.names(NEWEST)]
    _print_modules(f"Modules that a layer like {NEWEST} touches", touched)
    lines = {module.path: module.lines_of(LOSS) for module in modules.values() if module.lines_of(LOSS)}
    print(f"Lines of {LOSS}, its class and its spec: {sum(lines.values())}")
    for path, number in lines.items():
        print(f"    {path}: {number}")
    for typing, what in ((False, "Circles of imports"), (True, "Circles, with what type checkers import")):
        found = circles(graph_of(modules, typing=typing))
        print(f"{what}: {len(found)}")
        for component in found:
            print(f"    {' '.join(component)}")
    packages: dict[str, list[int]] = {}
    for module in modules.values():
        parts = module.path.parts
        packages.setdefault(parts[1] if len(parts) > 2 else "(top)", []).append(module.lines)
    total = [number for numbers in packages.values() for number in numbers]
    print(f"{'package':16}{'files':>7}{'lines':>8}{'median':>8}")
    for package, numbers in [*sorted(packages.items()), ("all", total)]:
        print(f"{package:16}{len(numbers):7}{sum(numbers):8}{sorted(numbers)[len(numbers) // 2]:8}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "lipbuild")
