"""How views travel to other processes: by opening their source again, and repeating what was done to it."""

import collections
import os
import threading
import weakref

from . import _core
from ._enumerations import ImageCapability
from ._errors import ArgumentTypeError

# A recipe is a tuple: ("file", source, key, level), ("op", name, parents, arguments), ("value", view) or
# ("never", why). A view without one is pickled by its pixels. A source has ``check()``, which raises when it has changed, and
# ``opened()``, which gives its images.


_open_files = weakref.WeakValueDictionary()
_recent = collections.OrderedDict()
_lock = threading.Lock()
_KEPT = 16


def _opened(source):
    """The file of a source; the last few stay open, so that tasks that follow each other share one."""
    source.check()
    with _lock:
        found = _open_files.get(source)
        if found is not None and not found.closed:
            _recent.pop(source, None)
        else:
            found = source.opened()
            _open_files[source] = found
        _recent[source] = found
        while len(_recent) > _KEPT:
            _recent.popitem(last=False)
        return found


def _forget():
    """A forked child opens files of its own, and makes a lock of its own."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget)


def extended(view, name, *arguments):
    """The recipe of what an operation makes of a view."""
    recipe = view.recipe
    return None if recipe is None else ("op", name, (recipe,), arguments)


def combined(views, name, *arguments):
    """The recipe of what an operation makes of several views."""
    if all(view.recipe is None for view in views):
        return None
    return ("op", name, tuple(view.recipe or ("value", view) for view in views), arguments)


def reopened(source, axes):
    """The images of a source, in another process, under these names of axes, or the file's where they are None."""
    return _opened(source)._under(axes)


def _walk(recipe, visit):
    """What ``visit(recipe, results of its parents)`` gives, each recipe visited once: views share their origins."""
    results, stack = {}, [recipe]
    while stack:
        each = stack[-1]
        parents = each[2] if each[0] == "op" else ()
        missing = [parent for parent in parents if id(parent) not in results]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        if id(each) not in results:
            results[id(each)] = visit(each, [results[id(parent)] for parent in parents])
    return results[id(recipe)]


def make(recipe):
    """The view of a recipe."""
    return _walk(recipe, _made)


def _made(recipe, parents):
    if recipe[0] == "file":
        _, source, key, level = recipe
        file = _opened(source)
        return file[key] if level is None else file.levels(key).resolution(level)
    if recipe[0] == "value":
        return recipe[1]
    _, name, _, arguments = recipe
    return _OPERATIONS[name](parents, *arguments)._with_recipe(recipe)


def _reason(recipe):
    """Why a recipe cannot be made elsewhere; None when it can."""
    return _walk(recipe, lambda each, reasons: each[1] if each[0] == "never" else next(filter(None, reasons), None))


def is_bound(recipe):
    """Whether something of it lives in this process only: a value, or what cannot be opened again."""
    return _walk(recipe, lambda each, bound: each[0] in ("never", "value") or any(bound))


def token(recipe):
    """What tells one recipe from another, the same in every process."""
    import hashlib
    import pickle

    return hashlib.sha256(pickle.dumps(recipe, 4)).hexdigest()


def reduce(view):
    """What pickle needs of a view."""
    recipe = view.recipe
    if recipe is not None:
        reason = _reason(recipe)
        if reason:
            raise ArgumentTypeError(f"the view cannot be pickled: {reason}")
        return make, (recipe,)
    import numpy

    array = numpy.asarray(view)
    return _from_pixels, (
        array, _core.dimensions(view), type(view), _core.properties(view), _core.metadata(view),
        bool(_core.capabilities(view) & ImageCapability.WRITE),
    )


def _from_pixels(array, dimensions, cls, properties, metadata, is_writable):
    """A view over a pickled array."""
    rank = len(properties[0])
    component = dimensions.index(rank) if rank in dimensions else -1
    view = _reordered(array, dimensions, rank, component)
    view = _core.with_metadata(_core.with_properties(view, properties), metadata)
    if not is_writable:
        view = _core.read_only(view)
    return _core.order(view, dimensions, cls)


def _reordered(array, dimensions, rank, component):
    """The array with its dimensions in the view's order of axes, as a view with unknown axes."""
    places = [dimensions.index(axis) for axis in range(rank)]
    if component >= 0:
        return _core.wrap(array.transpose((*places, component)), None, rank)
    return _core.wrap(array.transpose(places), None, -1)


_OPERATIONS = {
    "array": lambda views: views[0].array,
    "image": lambda views: views[0].image,
    "order": lambda views, dimensions: _core.order(views[0], dimensions, type(views[0])),
    "slice": lambda views, key: _core.select(views[0], key, type(views[0])),
    "properties": lambda views, parts: _core.with_properties(views[0], parts),
    "metadata": lambda views, parts: _core.with_metadata(views[0], parts),
    "transform": lambda views, *arguments: _core.transform(views[0], *arguments, None, None),
    "convert": lambda views, *arguments: _core.convert(views[0], *arguments),
    "stack": lambda views, axis: _core.stack(tuple(views), axis),
    "axis_to_components": lambda views, axis: _core.axis_to_components(views[0], axis),
    "components_to_axis": lambda views, axis: _core.components_to_axis(views[0], axis),
    "name_axes": lambda views, names, by_index: _core.name_axes(views[0], names, by_index),
    "read_only": lambda views: _core.read_only(views[0]),
}


def apply(name, views, *arguments):
    """An operation on views, with the recipe for doing it again."""
    recipe = combined(views, name, *arguments)
    return _OPERATIONS[name](views, *arguments)._with_recipe(recipe)
