"""What is known about an image besides its pixels."""

import collections
import math

from ._arguments import choice, instance, integer, items, number, text, wrong_value
from ._enumerations import ImageInterpretation, ImageTypeId, axis_name, image_type
from ._errors import InvalidArgumentError
from ._types import DataTypeInterpretation, data_type
from ._vectors import Vector3d, integers, vector3


SPATIAL = ("column", "row", "slice")


class SpatialDirections(collections.namedtuple("SpatialDirections", "column row slice")):
    """The directions of COLUMN, ROW and SLICE in the world: three vectors; without SLICE, which makes them right-handed."""

    __slots__ = ()

    def __new__(cls, column=(1, 0, 0), row=(0, 1, 0), slice=None):
        column, row = vector3(column, "column"), vector3(row, "row")
        if slice is None:
            (a, b, c), (d, e, f) = column, row
            slice = (b * f - c * e, c * d - a * f, a * e - b * d)
            if not any(slice):
                raise wrong_value("row", tuple(row), f"a direction that spans a plane with the column {tuple(column)}")
        return super().__new__(cls, column, row, vector3(slice, "slice"))

    def _parts(self):
        return tuple(map(tuple, self))

    @property
    def column_direction(self):
        """As ``column``."""
        return self.column

    @property
    def row_direction(self):
        """As ``row``."""
        return self.row

    @property
    def slice_direction(self):
        """As ``slice``."""
        return self.slice

    def to_string(self):
        """As ``repr``."""
        return repr(self)

    def __repr__(self):
        return "SpatialDirections({}, {}, {})".format(*self._parts())


class Axis(collections.namedtuple("Axis", "name length spacing origin unit", defaults=(0, None, None, None))):
    """A dimension of an image: ``name`` is empty for an unknown axis; what the file does not state is None.

    The centre of sample i is at ``origin + i * spacing``, in ``unit``.
    """

    __slots__ = ()


class ImageInfo:
    """What the axes and the numbers of an image are."""

    __slots__ = ("_axes", "_names_axes", "interpretation", "bit_depth", "has_alpha")

    def __init__(self):
        self._axes = ImageTypeId.UNKNOWN
        # Whether it was changed: UNKNOWN is also what axes of no combination have.
        self._names_axes = False
        self.interpretation = ImageInterpretation.UNKNOWN
        self.bit_depth = 0
        self.has_alpha = False

    @property
    def axes_interpretation(self):
        """IOLink's name for the combination of axes; UNKNOWN where it has none."""
        return self._axes

    @axes_interpretation.setter
    def axes_interpretation(self, value):
        value = image_type(value, "axes_interpretation")
        # UNKNOWN over UNKNOWN says nothing of axes that have names of their own.
        self._names_axes = self._names_axes or value is not self._axes
        self._axes = value

    def set_axes_interpretation(self, value):
        """Names the axes by one of IOLink's combinations; UNKNOWN takes their names away."""
        self.axes_interpretation = value

    def set_interpretation(self, value):
        """Says what the numbers mean: an ``ImageInterpretation`` or its name."""
        if not isinstance(value, ImageInterpretation):
            names = ", ".join(ImageInterpretation.__members__)
            if text(value, "interpretation", f"one of {names}") not in ImageInterpretation.__members__:
                raise wrong_value("interpretation", value, f"one of {names}")
            value = ImageInterpretation[value]
        self.interpretation = value

    def _all(self):
        # The bit depth follows from the type.
        return self.axes_interpretation, self.interpretation, self.has_alpha

    def __eq__(self, other):
        return self._all() == other._all() if isinstance(other, ImageInfo) else NotImplemented

    __hash__ = None

    def __repr__(self):
        return f"ImageInfo({self.axes_interpretation.name}, {self.interpretation.name}, {self.bit_depth} bits)"


class ImageProperties:
    """The axes of an image with their calibration, and what its numbers mean.

    Those of a view describe each of its axes in ``axes``, COLUMN first. Those made by ``from_data_type`` have none: they
    take the axes that ``image_info`` names.
    """

    def __init__(self, axes=(), image_info=None):
        if image_info is not None:
            instance(image_info, "image_info", ImageInfo, "an ImageInfo")
        self.image_info = image_info or ImageInfo()
        self.axes = tuple(instance(axis, "axes", Axis, "a list of Axis") for axis in items(axes, "axes", "a list of Axis"))
        self.source_order = None
        self.axes_are_inferred = False
        self.significant_bits = None
        self.alpha = "none"
        self._directions = None

    @staticmethod
    def from_data_type(dtype):
        """The properties that images of a type usually have."""
        dtype = data_type(dtype, "dtype")
        properties = ImageProperties()
        properties.image_info.bit_depth = dtype.bit_depth
        if dtype.interpretation is DataTypeInterpretation.SCALAR:
            properties.image_info.interpretation = ImageInterpretation.GRAYSCALE
        return properties

    @staticmethod
    def _of(parts, bit_depth):
        axes, order, interpretation, bits, alpha, directions, inferred = parts
        made = ImageProperties(Axis(*axis) for axis in axes)
        info = made.image_info
        names = tuple(axis.name for axis in made.axes)
        info._axes = next((kind for kind in ImageTypeId if names and kind.value == names), ImageTypeId.UNKNOWN)
        info.interpretation = ImageInterpretation(interpretation)
        info.bit_depth = bits or bit_depth
        info.has_alpha = alpha != "none"
        made.source_order = order
        made.axes_are_inferred = inferred
        made.significant_bits = bits
        made.alpha = alpha
        made._directions = SpatialDirections(*directions) if directions else None
        return made

    @staticmethod
    def _detached(parts):
        """Properties that did not come from an image: without lengths, axes are only what ``image_info`` names."""
        made = ImageProperties._of(parts, parts[3] or 0)
        if not any(axis.length for axis in made.axes):
            made.source_order = None
            if all(axis == Axis(axis.name) for axis in made.axes):
                made.axes = ()
        return made

    def _parts(self, shape=None):
        """The tuple that the library takes for an image of this shape; without one for the axes there are."""
        self._check()
        info = self.image_info
        wanted = info.axes_interpretation.value
        if shape is None:
            shape = [axis.length for axis in self.axes] or [0] * len(wanted)
        axes = self.axes
        order = None if self.source_order is None else integers(self.source_order, "source_order", 0)
        if info._names_axes and not wanted:
            axes = [axis._replace(name="") for axis in axes]
            order = tuple(range(len(axes)))
        names = [axis.name for axis in axes]
        if wanted and tuple(names) != wanted[: len(names)] or len(axes) != len(shape):
            order = None
            if wanted and len(shape) > len(wanted):
                kind = info.axes_interpretation.name
                raise InvalidArgumentError(f"{kind} names {len(wanted)} axes, the shape {tuple(shape)} has {len(shape)}")
            known = {axis.name: axis for axis in self.axes}
            axes = [known.get(name, Axis(name)) for name in wanted[: len(shape)]] or [Axis("") for _ in shape]
            if not wanted:
                order = tuple(range(len(shape)))
        bits = self.significant_bits
        alpha = self.alpha if self.alpha != "none" or not info.has_alpha else "unspecified"
        return (
            tuple((axis.name, length, axis.spacing, axis.origin, axis.unit) for axis, length in zip(axes, shape)),
            order,
            info.interpretation.value,
            bits,
            alpha,
            self._directions._parts() if self._directions else None,
            self.axes_are_inferred,
        )

    def _check(self):
        """Raises when an attribute was set to something that it cannot be."""
        info = instance(self.image_info, "image_info", ImageInfo, "an ImageInfo")
        instance(info.interpretation, "interpretation", ImageInterpretation, "an ImageInterpretation")
        for axis in items(self.axes, "axes", "a tuple of Axis"):
            instance(axis, "axes", Axis, "a tuple of Axis")
            text(axis.name, "the name of an axis")
            integer(axis.length, f"the length of axis {axis.name!r}", 0)
            for key in ("spacing", "origin", "unit"):
                _checked(key, getattr(axis, key))
        if self.significant_bits is not None:
            integer(self.significant_bits, "significant_bits", 1)
        choice(self.alpha, "alpha", ("none", "straight", "premultiplied", "unspecified"))

    @property
    def spatial_directions(self):
        """How COLUMN, ROW and SLICE lie in the world; along its axes where nothing is stated."""
        return self._directions or SpatialDirections()

    @spatial_directions.setter
    def spatial_directions(self, value):
        if value is not None:
            instance(value, "spatial_directions", SpatialDirections, "SpatialDirections or None")
        self._directions = value

    def calibrate(self, name, spacing=..., origin=..., unit=...):
        """Sets those of spacing, origin and unit of an axis that are given; None means that it is not known.

        Spacing and origin are in the unit. Raises ``InvalidArgumentError`` when the properties do not have the axis, and for a
        spacing of 0 or a number that is not finite.
        """
        name = axis_name(name, "name")
        if not self.axes:
            self.axes = tuple(map(Axis, self.image_info.axes_interpretation.value))
        names = [axis.name for axis in self.axes]
        if name not in names:
            listed = ", ".join(names) or "none; name them first (image_info.set_axes_interpretation)"
            raise wrong_value("name", name, f"an axis of the properties: {listed}")
        self.calibrate_index(names.index(name), spacing, origin, unit)

    def calibrate_index(self, index, spacing=..., origin=..., unit=...):
        """As ``calibrate``, for the axis of this index, COLUMN first."""
        index = integer(index, "index")
        if not 0 <= index < len(self.axes):
            raise wrong_value("index", index, f"the index of an axis, below {len(self.axes)}")
        given = {"spacing": spacing, "origin": origin, "unit": unit}
        given = {key: _checked(key, value) for key, value in given.items() if value is not ...}
        self.axes = tuple(axis._replace(**given) if place == index else axis for place, axis in enumerate(self.axes))

    def _spatial(self, attribute, default):
        found = {axis.name: getattr(axis, attribute) for axis in self.axes}
        return [found.get(name) if found.get(name) is not None else default for name in SPATIAL]

    def _set_spatial(self, **values):
        """Sets what ``values`` gives, per spatial axis, of the axes there are; of properties without axes, for those to come."""
        names = [axis.name for axis in self.axes] or self.image_info.axes_interpretation.value or SPATIAL
        if not any(name in names for name in SPATIAL):
            raise InvalidArgumentError("the properties have no spatial axis; name their axes first (set_axes_interpretation)")
        per_axis = {name: {key: _checked(key, each[place]) for key, each in values.items()} for place, name in enumerate(SPATIAL)}
        axes = self.axes or tuple(map(Axis, names))
        self.axes = tuple(axis._replace(**per_axis.get(axis.name, {})) for axis in axes)

    @property
    def spatial_spacing(self):
        """Spacing along COLUMN, ROW, SLICE; 1 where nothing is stated. Can be set."""
        return Vector3d(*self._spatial("spacing", 1.0))

    @spatial_spacing.setter
    def spatial_spacing(self, value):
        self._set_spatial(spacing=vector3(value, "spatial_spacing"))

    @property
    def spatial_origin(self):
        """Origin along COLUMN, ROW, SLICE; 0 where nothing is stated. Can be set."""
        return Vector3d(*self._spatial("origin", 0.0))

    @spatial_origin.setter
    def spatial_origin(self, value):
        self._set_spatial(origin=vector3(value, "spatial_origin"))

    @property
    def spatial_unit(self):
        """The unit of the spatial axes; empty where nothing is stated. Can be set."""
        return next((unit for unit in self._spatial("unit", None) if unit), "")

    @spatial_unit.setter
    def spatial_unit(self, value):
        self._set_spatial(unit=(value,) * 3)

    def __eq__(self, other):
        if not isinstance(other, ImageProperties):
            return NotImplemented
        return self._all() == other._all()

    def _all(self):
        return (
            self.axes, self.image_info, self.source_order, self.axes_are_inferred, self.significant_bits, self.alpha,
            self._directions,
        )

    __hash__ = None

    def __repr__(self):
        axes = ", ".join(f"{axis.name or 'unknown'}={axis.length}" for axis in self.axes)
        return f"ImageProperties({self.image_info.axes_interpretation.name}, {axes})"


def _checked(key, value):
    """A value of a calibration, which must be finite, or a text for the unit; or None."""
    if value is None:
        return None
    if key == "unit":
        return text(value, key, 'a text such as "µm"')
    value = number(value, key)
    if not math.isfinite(value) or key == "spacing" and value == 0:
        raise wrong_value(key, value, "a finite number" + (" other than 0" if key == "spacing" else ""))
    return value


def image_properties(value):
    """What must be ``ImageProperties``."""
    return instance(value, "properties", ImageProperties, "ImageProperties")
