"""Views of several images: the images of a file, and the resolutions of one image."""

from . import _core, _recipes
from ._arguments import instance, integer, items, wrong_type
from ._errors import ArgumentIndexError, ArgumentTypeError, InvalidArgumentError, NotFoundError, make
from ._metadata import MetadataNode
from ._vectors import Vector2i64
from ._view import ImageView


class LodImageView:
    """An image in several resolutions: level 0 is the original, and a higher level is coarser."""

    def __init__(self, levels):
        expected = "one ImageView or more, finest first"
        self._levels = tuple(instance(level, "levels", ImageView, expected) for level in items(levels, "levels", expected))
        if not self._levels:
            raise wrong_type("levels", levels, expected)

    @property
    def level_range(self):
        """The numbers of the finest and the coarsest level: ``Vector2i64(0, count - 1)``."""
        return Vector2i64(0, len(self._levels) - 1)

    def resolution(self, level):
        """The ``ImageView`` of a level. Raises ``InvalidArgumentError`` for a level outside ``level_range``."""
        return self._levels[integer(level, "level", 0, len(self._levels) - 1)]

    def to_string(self):
        """As ``repr``."""
        return repr(self)

    def __repr__(self):
        return f"<LodImageView of {len(self._levels)} levels>"


class MultiImageView:
    """The images of a file, by index and by name: ``file[0]``, ``file["name"]``. A context manager that closes the file.

    Attributes that a file does not have itself (``shape``, ``read_region``, ``to_dask`` …) are those of its main image.
    """

    def __init__(self, handle, recipe, axes):
        self._handle = handle
        self._recipe = recipe
        self._axes = axes
        self._closed = False
        self._listed = None
        self._problems = None

    @property
    def format(self):
        """The name of the file's format."""
        return _core.file_format(self._handle)

    def _list(self):
        """The names of all entries, which are listed when they are first asked for."""
        if self._listed is None:
            self._listed = _core.file_names(self._handle)
        return self._listed

    @property
    def names(self):
        """The names of all entries, those in ``problems`` included, in file order."""
        return list(self._list())

    @property
    def main_index(self):
        """The index of the main image; None when no image is the main one, or an entry in ``problems`` could have been it."""
        return _core.file_roles(self._handle)[0]

    @property
    def roles(self):
        """What each entry is: a dictionary of their names to ``image``, ``mask``, ``thumbnail``, ``coordinates``, ``text`` or ``other``.

        All but the images describe images. The main image has the role ``image``.
        """
        return dict(zip(self._list(), _core.file_roles(self._handle)[1]))

    @property
    def problems(self):
        """The entries that cannot be opened: a dictionary of their names to the exceptions that opening them raises."""
        if self._problems is None:
            self._problems = {name: make(*error) for name, *error in _core.file_problems(self._handle)}
        return dict(self._problems)

    def __len__(self):
        return len(self._list())

    def __iter__(self):
        return (self[index] for index in range(len(self)))

    def __getitem__(self, key):
        return self._named(self._opened(key), key)

    def _opened(self, key):
        """The view that a name or an index chooses; None chooses the main image. A name is found without listing the others."""
        if key is None:
            return _core.file_main(self._handle)
        if isinstance(key, str):
            return _core.file_named(self._handle, key)
        return _core.file_image(self._handle, self._index(key))

    def _index(self, key):
        """The index of the image that a name or an index chooses; None chooses the main image."""
        if key is None:
            _core.file_main(self._handle)  # raises when there is none
            return self.main_index
        if isinstance(key, str):
            return _core.file_index(self._handle, key)
        if isinstance(key, bool) or not hasattr(key, "__index__"):
            raise wrong_type("image", key, "the name or the index of an image")
        index = integer(key, "image")
        if not -len(self) <= index < len(self):
            raise ArgumentIndexError(f"image is {index}, expected the index of one of {len(self)} images")
        return index % len(self)

    def __contains__(self, name):
        if not isinstance(name, str):
            return False
        try:
            _core.file_index(self._handle, name)
            return True
        except NotFoundError:
            return False

    def _named(self, view, key, level=None):
        view._with_recipe(("file", self._recipe, key, level) if isinstance(self._recipe, tuple) else ("never", self._recipe))
        if self._axes is None:
            return view
        return _recipes.apply("name_axes", [view], self._axes, False)

    def image(self, name=None):
        """The ``ImageView`` of that name or index; without one the main image.

        Raises ``NotFoundError`` (a ``KeyError``) for an unknown name, ``ArgumentIndexError`` (an ``IndexError``) for an index that
        is out of range, and ``InvalidArgumentError`` when the file has several images of which none is the main one.
        """
        return self[name]

    def levels(self, name=None):
        """The resolutions of an image as a ``LodImageView``; None where it has just one. Raises what ``image`` raises."""
        index = self._index(name)
        views = _core.file_levels(self._handle, index)
        if views is None:
            return None
        return LodImageView([self._named(view, index, level) for level, view in enumerate(views)])

    @property
    def array(self):
        """The main image as a lazy array in NumPy order."""
        return self.image().array

    @array.setter
    def array(self, value):
        ImageView.array.fset(self, value)

    @property
    def metadata(self):
        """The metadata that the file has for all its images."""
        return MetadataNode._of(_core.file_metadata(self._handle))

    @property
    def closed(self):
        """Whether ``close()`` was called."""
        return self._closed

    def close(self):
        """Makes later reads of its images fail. Arrays that share memory stay valid."""
        self._closed = True
        _core.file_close(self._handle)

    def __enter__(self):
        if self._closed:
            raise InvalidArgumentError("the file has been closed; open it again")
        return self

    def __exit__(self, *_):
        self.close()

    def __reduce__(self):
        if isinstance(self._recipe, str):
            raise ArgumentTypeError(f"the file cannot be pickled: {self._recipe}")
        return _recipes.reopened, (self._recipe, self._axes)

    def _only_index(self):
        """The index of the main image; None where there is another beside what describes it and what cannot be opened."""
        main, roles = _core.file_roles(self._handle)
        others = [name for index, (name, role) in enumerate(zip(self._list(), roles)) if index != main and role == "image"]
        return None if others and any(name not in self.problems for name in others) else main

    def _only(self):
        """The main image. Raises ``InvalidArgumentError`` where there is another."""
        image = self.image()
        if self._only_index() is None:
            shown = ", ".join(self.names[:20]) + (" …" if len(self) > 20 else "")
            raise InvalidArgumentError(f"the file holds {len(self)} images; name one of {shown}, or open it")
        return image

    def _under(self, axes):
        """The same images of the same open file, under other names of axes."""
        return MultiImageView(self._handle, self._recipe, axes)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(f"MultiImageView has no attribute {name!r}")
        if not hasattr(ImageView, name):
            raise AttributeError(f"neither MultiImageView nor ImageView has an attribute {name!r}")
        return getattr(self.image(), name)

    def __array__(self, dtype=None, copy=None):
        return self.image().__array__(dtype, copy)

    def to_string(self):
        """As ``repr``."""
        return repr(self)

    def __repr__(self):
        return f"<MultiImageView {self.format} {self.names}>"
