"""Make the links of README.md absolute, for a package index, which shows it without the files around it.

    python docs/absolute_links.py [--write]

The address of the project is one setting, `Repository` under `[project.urls]` in pyproject.toml. It is missing until
the project has one, and then nothing can be released.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)")


def address(pyproject: str) -> str | None:
    """The address that pyproject.toml states, without a slash at its end; None if there is none."""
    urls = re.search(r"^\[project\.urls\]\n((?:(?!\[).*\n?)*)", pyproject, re.MULTILINE)
    found = re.search(r'^Repository = "(https://[^"]+?)/?"$', urls[1], re.MULTILINE) if urls else None
    return found[1] if found else None


def absolute(text: str, address: str, version: str) -> str:
    """A page of the root with absolute links: files of this version, and pictures as they are.

    Args:
        text: Markdown.
        address: Where the repository is, such as `https://example.org/project`.
        version: Its tag.
    """

    def replace(link: re.Match[str]) -> str:
        picture, words, target, anchor = link.groups()
        kind = "raw" if picture else "blob"
        return f"{picture}[{words}]({address}/{kind}/{version}/{target}{anchor or ''})"

    return _LINK.sub(replace, text)


def main() -> int:
    """Print the page, or write it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="replace README.md")
    options = parser.parse_args()
    found = address((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if found is None:
        print("error: the project has no address: set `Repository` under [project.urls] in pyproject.toml")
        return 1
    version = re.search(r'"(.+)"', (ROOT / "lipbuild" / "_version.py").read_text(encoding="utf-8"))
    assert version is not None
    readme = ROOT / "README.md"
    text = absolute(readme.read_text(encoding="utf-8"), found, f"v{version[1]}")
    if options.write:
        readme.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
