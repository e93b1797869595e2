from __future__ import annotations


def lsp() -> int:
    """Run the language server for editors, over standard input.

    It offers diagnostics, hover texts, completion and quick fixes. Needs the extra `lsp`.

    Example:
        lipbuild lsp
    """
    from lipbuild.errors import UnusableError
    from lipbuild.missing import install_command

    try:
        from lipbuild.cli.editor.language_server import make_server
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UnusableError(
            "the language server needs the package `pygls`, which is not installed", install_command("lsp")
        ) from None
    make_server().start_io()
    return 0
