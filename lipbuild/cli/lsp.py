from __future__ import annotations


def lsp() -> int:
    """Run the language server: diagnostics, hover, completion and quick fixes for editors, over standard input."""
    from lipbuild.errors import UnusableError

    try:
        from lipbuild.cli.editor.language_server import make_server
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UnusableError(
            "the language server needs the package `pygls`", "install it: `pip install 'lipbuild[lsp]'`"
        ) from None
    make_server().start_io()
    return 0
