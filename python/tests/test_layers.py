"""The modules of the package form layers: imports point down only."""

import ast
import importlib.resources

import iolink

FILES = [path for path in importlib.resources.files(iolink).iterdir() if path.name.endswith(".py")]
SOURCES = {path.name.removesuffix(".py"): path.read_text() for path in FILES}


def imports(name, tree):
    """The modules of the package that a module imports anywhere, each with whether a function does it."""
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Lambda))]
    inside = {node for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        found = []
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("iolink")):
            module = (node.module or "").removeprefix("iolink").strip(".")
            found = [module] if module else [each.name for each in node.names if each.name in SOURCES]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names if each.name.split(".")[0] == "iolink"]
            found = [name.removeprefix("iolink").strip(".") or "__init__" for name in names]
        for each in found:
            if each in SOURCES and each != name:
                yield each, node in inside


GRAPH = {name: set(imports(name, ast.parse(text))) for name, text in SOURCES.items()}


def test_imports_form_layers():
    assert len(GRAPH) > 20 and sum(map(len, GRAPH.values())) > 100
    left, layers = {name: {module for module, _ in found} for name, found in GRAPH.items()}, []
    while left:
        layer = {name for name, below in left.items() if not below & left.keys()}
        assert layer, f"these modules import each other in a circle, or what does: {sorted(left)}"
        layers.append(layer)
        left = {name: below for name, below in left.items() if name not in layer}
    assert layers[0] >= {"_errors"} and layers[-1] == {"__init__"}


def test_no_module_imports_another_inside_a_function():
    assert [f"{name}: {module}" for name, found in GRAPH.items() for module, is_inside in found if is_inside] == []


def test_nothing_imports_the_whole_package():
    assert [name for name, found in GRAPH.items() if "__init__" in {module for module, _ in found}] == []


def test_modules_are_short():
    assert {name: lines for name, text in SOURCES.items() if (lines := len(text.splitlines())) > 350} == {}
