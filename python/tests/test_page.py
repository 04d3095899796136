"""Every snippet of the page on NumPy, verbatim, in a fresh namespace, prints what the page prints."""

import ast
import contextlib
import io
import pathlib

import pytest

PAGE = sorted((pathlib.Path(__file__).parent / "page").glob("*.py"))
PRELUDE = "import io, numpy, iolink; from iolink import *"


def test_the_page_is_complete():
    assert len(PAGE) == 8


@pytest.mark.parametrize("path", PAGE, ids=lambda path: path.stem)
def test_snippet(path):
    namespace = {"__name__": "__main__"}
    exec(PRELUDE, namespace)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        # As a console runs it: the value of an expression is shown.
        for statement in ast.parse(path.read_text()).body:
            exec(compile(ast.Interactive([statement]), str(path), "single"), namespace)
    assert printed.getvalue() == path.with_suffix(".out").read_text()
