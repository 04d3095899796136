"""The type stubs name what there is."""

import ast
import importlib.resources
import inspect
import types

import iolink


def test_stubs_and_module_agree():
    tree = ast.parse(importlib.resources.files(iolink).joinpath("__init__.pyi").read_text())
    names, members = set(), {}
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.add(node.name)
            if isinstance(node, ast.ClassDef):
                members[node.name] = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
        elif isinstance(node, ast.AnnAssign):
            names.add(node.target.id)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets)
    public = {name for name in vars(iolink) if not name.startswith("_") and not isinstance(vars(iolink)[name], types.ModuleType)}
    assert public == {name for name in names if not name.startswith("_")}
    for name in ("ImageView", "ArrayView", "ImageViewFactory", "NumpyInterop", "StreamAccess", "MultiImageView", "DataType"):
        there = {key for key in vars(getattr(iolink, name)) if not key.startswith("_")}
        assert there <= members[name] | {"closed", "format", "names", "main_index"}, name


def parameters(function):
    """The names of a function's parameters, as the stubs or as Python gives them; None where Python does not know them."""
    if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        given = function.args
        names = [each.arg for each in (*given.posonlyargs, *given.args)] + ([given.vararg.arg] if given.vararg else [])
        return names + [each.arg for each in given.kwonlyargs] + ([given.kwarg.arg] if given.kwarg else [])
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None


def test_stubs_name_the_parameters():
    checked = 0
    for node in ast.parse(importlib.resources.files(iolink).joinpath("__init__.pyi").read_text()).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            place, items = getattr(iolink, node.name), node.body
        elif isinstance(node, ast.FunctionDef):
            place, items = iolink, [node]
        else:
            continue
        for item in items:
            there = getattr(place, item.name, None) if isinstance(item, ast.FunctionDef) else None
            if isinstance(there, types.FunctionType) and not item.name.startswith("__"):
                assert parameters(there) == parameters(item), f"{place.__name__}.{item.name}"
                checked += 1
    assert checked > 100


def test_star_import_shadows_nothing():
    import builtins

    namespace = {}
    exec("from iolink import *", namespace)
    assert not {name for name in namespace if name in vars(builtins)} - {"__builtins__"}
    assert {"ROW", "COLUMN", "ImageTypeId_IMAGE", "NumpyInterop"} <= set(namespace) and "open" not in namespace
