"""`extends:`: a config over its parent. Maps merge, everything else replaces."""

from __future__ import annotations

from lipbuild.text.nodes import Entry, Mapping, TextNode


def merge(parent: TextNode, child: TextNode) -> TextNode:
    """The child laid over its parent.

    Two mappings merge key by key; a list or a scalar of the child replaces what the parent has. A name with
    its arguments (`Adam: {learning_rate: 1e-3}`) merges only with arguments of the same name: another name
    is another choice and replaces the parent's.
    """
    if not isinstance(parent, Mapping) or not isinstance(child, Mapping):
        return child
    if is_choice(parent) and is_choice(child) and parent.entries[0].name != child.entries[0].name:
        return child
    merged: list[Entry] = []
    for entry in parent.entries:
        over = child.entry(entry.name)
        merged.append(entry if over is None else Entry(over.key, merge(entry.value, over.value)))
    merged += [entry for entry in child.entries if parent.entry(entry.name) is None]
    return Mapping(tuple(merged), child.span)


# The sources of data, the only choices whose names begin with a small letter.
SOURCE_NAMES = frozenset(
    {
        "digits",
        "breast_cancer",
        "wine",
        "iris",
        "diabetes",
        "linnerud",
        "moons",
        "circles",
        "mnist",
        "fashion_mnist",
        "cifar10",
        "cifar100",
        "tfds",
        "npz",
        "npy",
        "csv",
        "parquet",
        "image_folder",
        "tfrecord",
        "python",
        "none",
    }
)


def is_choice(node: Mapping) -> bool:
    """Whether a mapping is a name with its arguments."""
    if len(node) != 1:
        return False
    name = node.entries[0].name
    return name[:1].isupper() or name in SOURCE_NAMES
