"""How `mkdocs build` makes a site of the pages: their order, the README as the first page, links out of docs/."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS))

from absolute_links import address  # noqa: E402

# The pages of each heading in their order; a name with a slash at its end is a folder.
PAGES = {
    "Start": ["index", "installing", "tables", "columns", "recipes", "from-deel-lip", "importing"],
    "Tutorials": [
        *("tutorials/README", "tutorials/first-network", "tutorials/robustness-and-accuracy"),
        *("tutorials/safe-layers", "tutorials/wasserstein-distance", "tutorials/moons-and-circles"),
        *("tutorials/two-digits", "tutorials/many-classes", "tutorials/table-with-units"),
        *("tutorials/certificate-and-export", "tutorials/c-code"),
    ],
    "Walks": ["walks/"],
    "Concepts": ["concepts", "choosing", "tuning", "limits", "troubleshooting", "glossary"],
    "Guides": [
        *("configuration", "data", "checking", "training", "sweep", "evaluation", "report", "predicting"),
        *("exporting", "evidence", "serving", "audit", "operations"),
    ],
    "Reference": [
        *("cli", "config-reference", "layers", "json", "run-folder", "python-api", "python-reference"),
        *("python-layers", "python-losses", "python-metrics", "python-models", "python-constraints"),
        "rules/",
    ],
    "Background": ["certificates", "benchmarks", "decisions", "versions", "development"],
}
_LINK = re.compile(r"(!?\[[^\]]*\])\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the pages. One that is not named above stands under `More`."""
    there = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")} | {"index"}
    nav: list[dict[str, Any]] = []
    for heading, names in PAGES.items():
        found = [page for name in names for page in _pages(name, there)]
        if found:
            nav.append({heading: [f"{page}.md" for page in found]})
            there -= set(found)
    if there:
        nav.append({"More": [f"{page}.md" for page in sorted(there)]})
    config.nav = nav
    found = _address()
    if found:
        config.repo_url = found
    return config


def _pages(name: str, there: set[str]) -> list[str]:
    if not name.endswith("/"):
        return [name] if name in there else []
    inside = sorted(page for page in there if page.startswith(name))
    return sorted(inside, key=lambda page: not page.endswith("/README"))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The README is the first page."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").replace("](docs/", "](")
    files.append(File.generated(config, "index.md", content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links to files outside of docs/ lead to the repository; while it has no address they are words alone."""
    here = DOCS if page.file.src_uri == "index.md" else (DOCS / page.file.src_uri).parent

    def replace(link: re.Match[str]) -> str:
        words, target, anchor = link.groups()
        path = (
            ROOT if (ROOT / target).exists() and here == DOCS and not (DOCS / target).exists() else here
        ) / target
        path = path.resolve()
        if path.is_relative_to(DOCS) or not path.is_relative_to(ROOT):
            return link[0]
        if path == ROOT / "README.md":
            up = "../" * page.file.src_uri.count("/")
            return f"{words}({up}index.md{anchor or ''})"
        found = _address()
        place = path.relative_to(ROOT).as_posix()
        return f"{words}({found}/blob/main/{place}{anchor or ''})" if found else words[1:-1]

    return _LINK.sub(replace, markdown)


def _address() -> str | None:
    return address((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
