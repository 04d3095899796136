"""What is known about an image besides its pixels."""

import collections

from ._enumerations import ImageInterpretation, ImageTypeId, axis_name, image_type
from ._errors import InvalidArgumentError
from ._types import DataTypeInterpretation, data_type
from ._vectors import Vector3d


class SpatialDirections:
    """How the spatial axes lie in the world: three unit vectors, right-handed."""

    __slots__ = ("column", "row", "slice")

    def __init__(self, column=(1, 0, 0), row=(0, 1, 0), slice=None):
        self.column = Vector3d(*column)
        self.row = Vector3d(*row)
        if slice is None:
            (a, b, c), (d, e, f) = self.column, self.row
            slice = (b * f - c * e, c * d - a * f, a * e - b * d)
        self.slice = Vector3d(*slice)

    def _parts(self):
        return tuple(self.column), tuple(self.row), tuple(self.slice)

    def __eq__(self, other):
        return self._parts() == other._parts() if isinstance(other, SpatialDirections) else NotImplemented

    __hash__ = None

    def __repr__(self):
        return "SpatialDirections({}, {}, {})".format(*self._parts())


class Axis(collections.namedtuple("Axis", "name length spacing origin unit", defaults=(0, None, None, None))):
    """A dimension of an image: ``name`` is empty for an unknown axis; what the file does not state is None.

    The centre of sample i is at ``origin + i * spacing``, in ``unit``.
    """

    __slots__ = ()


class ImageInfo:
    """What the axes and the numbers of an image are."""

    __slots__ = ("axes_interpretation", "interpretation", "bit_depth", "has_alpha")

    def __init__(self):
        self.axes_interpretation = ImageTypeId.UNKNOWN
        self.interpretation = ImageInterpretation.UNKNOWN
        self.bit_depth = 0
        self.has_alpha = False

    def set_axes_interpretation(self, value):
        """Names the axes by one of IOLink's combinations."""
        self.axes_interpretation = image_type(value)

    def set_interpretation(self, value):
        """Says what the numbers mean."""
        self.interpretation = ImageInterpretation(value)

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
        self.image_info = image_info or ImageInfo()
        self.axes = tuple(axes)
        self.source_order = None
        self.axes_are_inferred = False
        self.significant_bits = None
        self.alpha = "none"
        self.spatial_directions = None

    @staticmethod
    def from_data_type(dtype):
        """The properties that images of a type usually have."""
        dtype = data_type(dtype)
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
        info.axes_interpretation = next((kind for kind in ImageTypeId if names and kind.value == names), ImageTypeId.UNKNOWN)
        info.interpretation = ImageInterpretation(interpretation)
        info.bit_depth = bits or bit_depth
        info.has_alpha = alpha != "none"
        made.source_order = order
        made.axes_are_inferred = inferred
        made.significant_bits = bits
        made.alpha = alpha
        made.spatial_directions = SpatialDirections(*directions) if directions else None
        return made

    @staticmethod
    def _detached(parts):
        """Properties that were those of no image: without lengths, axes are only what ``image_info`` names."""
        made = ImageProperties._of(parts, parts[3] or 0)
        if not any(axis.length for axis in made.axes):
            made.source_order = None
            if all(axis == Axis(axis.name) for axis in made.axes):
                made.axes = ()
        return made

    def _parts(self, shape=None):
        """The tuple that the library takes for an image of this shape; without one for the axes there are."""
        names = [axis.name for axis in self.axes]
        wanted = self.image_info.axes_interpretation.value
        if shape is None:
            shape = [axis.length for axis in self.axes] or [0] * len(wanted)
        axes, order = self.axes, self.source_order
        if wanted and tuple(names) != wanted[: len(names)] or len(axes) != len(shape):
            order = None
            if wanted and len(shape) > len(wanted):
                kind = self.image_info.axes_interpretation.name
                raise InvalidArgumentError(f"{kind} names {len(wanted)} axes, the shape {tuple(shape)} has {len(shape)}")
            known = {axis.name: axis for axis in self.axes}
            axes = [known.get(name, Axis(name)) for name in wanted[: len(shape)]] or [Axis("") for _ in shape]
            if not wanted:
                order = tuple(range(len(shape)))
        bits = self.significant_bits
        alpha = self.alpha if self.alpha != "none" or not self.image_info.has_alpha else "unspecified"
        directions = self.spatial_directions
        return (
            tuple((axis.name, length, axis.spacing, axis.origin, axis.unit) for axis, length in zip(axes, shape)),
            order,
            self.image_info.interpretation.value,
            bits,
            alpha,
            directions._parts() if directions else None,
            self.axes_are_inferred,
        )

    def calibrate(self, name, spacing=None, origin=None, unit=None):
        """Sets spacing, origin and unit of one axis."""
        name = axis_name(name)
        if not self.axes:
            self.axes = tuple(Axis(each) for each in self.image_info.axes_interpretation.value)
        if all(axis.name != name for axis in self.axes):
            raise InvalidArgumentError(f"no axis {name!r}; there are {', '.join(axis.name for axis in self.axes)}")
        self.axes = tuple(
            axis._replace(spacing=spacing, origin=origin, unit=unit) if axis.name == name else axis
            for axis in self.axes
        )

    def _spatial(self, attribute, default):
        found = {axis.name: getattr(axis, attribute) for axis in self.axes}
        return [found.get(name) if found.get(name) is not None else default for name in ("column", "row", "slice")]

    @property
    def spatial_spacing(self):
        """Spacing along COLUMN, ROW, SLICE; 1 where nothing is stated."""
        return Vector3d(*self._spatial("spacing", 1.0))

    @property
    def spatial_origin(self):
        """Origin along COLUMN, ROW, SLICE; 0 where nothing is stated."""
        return Vector3d(*self._spatial("origin", 0.0))

    @property
    def spatial_unit(self):
        """The unit of the spatial axes; empty where nothing is stated."""
        return next((unit for unit in self._spatial("unit", None) if unit), "")

    def __eq__(self, other):
        if not isinstance(other, ImageProperties):
            return NotImplemented
        return self._all() == other._all()

    def _all(self):
        return (
            self.axes, self.image_info, self.source_order, self.axes_are_inferred, self.significant_bits, self.alpha,
            self.spatial_directions,
        )

    __hash__ = None

    def __repr__(self):
        axes = ", ".join(f"{axis.name or 'unknown'}={axis.length}" for axis in self.axes)
        return f"ImageProperties({self.image_info.axes_interpretation.name}, {axes})"
