"""Images of what callers give to be written: views, files and arrays, with the axes and the calibration that they name."""

import collections.abc
import os

from . import _core, _recipes
from ._arguments import items, wrong_type, wrong_value
from ._errors import InvalidArgumentError, UnsupportedError
from ._interop import NumpyInterop, wrap
from ._multi_image import LodImageView, MultiImageView
from ._properties import SPATIAL
from ._types import is_number
from ._view import ArrayView, ImageView


def as_image(value, axes=None):
    """A view of what can be written: a view, a file with a main image, or an array by the rule of plain arrays."""
    if isinstance(value, MultiImageView):
        value = value.image()
    if isinstance(value, LodImageView):
        value = value.resolution(0)
    if isinstance(value, ArrayView):
        value = _in_its_order(value)
    if isinstance(value, ImageView):
        return value if axes is None else _named(value, axes)
    import numpy

    if value is None or isinstance(value, (str, bytes, os.PathLike, dict, set)):
        raise wrong_type("image", value, "a view or an array")
    try:
        array = numpy.asarray(value)
    except ValueError:  # lists of different lengths
        raise wrong_value("image", value, "a view or an array") from None
    if not is_number(array.dtype) or isinstance(value, numpy.ma.MaskedArray):
        wrap(value if isinstance(value, numpy.ma.MaskedArray) else array)  # says why it is refused
    if axes is not None:
        names = axes
        if "component" in names:
            return NumpyInterop.order_from_numpy_array(array, names)
        if array.ndim == len(names) + 1 and not 1 < array.shape[-1] <= 4:
            raise InvalidArgumentError(
                f"axes names {len(names)} axes, expected one for each dimension of the array's shape {array.shape}; a further last "
                "dimension of 2 to 4 holds components"
            )
        return wrap(array, names, len(names) if array.ndim == len(names) + 1 else -1)
    names, has_components = _core.infer_axes(array.shape, array.dtype.name, 1)
    return wrap(array, names, array.ndim - 1 if has_components else -1)


def _in_its_order(array):
    """The image of an array, stored in the order of its dimensions."""
    view = array.image
    rank = view.dimension_count
    dimensions = _core.dimensions(array)
    if rank in dimensions[:-1]:
        raise UnsupportedError("components are stored last; transpose the array, or make them an axis (disassemble_channels)")
    order = tuple(axis for axis in dimensions if axis < rank)
    properties = view.properties
    if len(order) != rank or properties.source_order == order:
        return view
    properties.source_order = order
    return view.with_properties(properties)


def _named(view, names):
    """A view under other names of axes, slowest first as in its source; not one that has names of its own."""
    properties = _core.properties(view)
    own = tuple(properties[0][axis][0] for axis in properties[1])
    if own == names or (*own, "component") == names and _core.type(view)[1] > 1:
        return view
    if "" not in own and not properties[-1]:
        raise InvalidArgumentError(
            f"axes is {', '.join(names)}, but the view's axes have names already: {', '.join(own)}, slowest first; the format's "
            "option order= chooses another order, ImageViewFactory.reinterpret_axes other names"
        )
    return _recipes.apply("name_axes", [view], names, False)


def calibrated(view, spacing, origin, unit):
    """A view with what is given of its calibration."""
    given = {"spacing": spacing, "origin": origin, "unit": unit}
    given = {key: value for key, value in given.items() if value is not None}
    if not given:
        return view
    properties = view.properties
    for key, value in given.items():
        if key == "unit" and isinstance(value, str):
            value = {axis.name: value for axis in properties.axes if axis.name in SPATIAL}
        if isinstance(value, collections.abc.Mapping):
            for name, each in value.items():
                properties.calibrate(name, **{key: each})
            continue
        values, order = items(value, key, "a value for each axis, slowest first, or a dictionary by axis"), properties.source_order
        if len(values) != len(order):
            names = ", ".join(properties.axes[index].name or "unknown" for index in order)
            raise wrong_value(key, value, f"{len(order)} values, for the axes {names}")
        for index, each in zip(order, values):
            properties.calibrate_index(index, **{key: each})
    return view.with_properties(properties)
