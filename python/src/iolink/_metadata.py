"""Metadata: a tree of named, typed values."""

import struct

from ._arguments import text, wrong_type, wrong_value
from ._buffers import CODES
from ._errors import NotFoundError


class MetadataNode:
    """A value, and children by name. ``node["/tiff/Software"]`` is a value below; ``node.child("tiff")`` a node.

    A value is None, a ``str``, a list of ``str``, ``bytes``, a number, or a NumPy array of the type that the file has.
    """

    __slots__ = ("_parts",)

    def __init__(self, value=None, children=()):
        try:
            items = [(name, child) for name, child in (children.items() if hasattr(children, "items") else children)]
        except (TypeError, ValueError):
            raise wrong_type("children", children, "a dictionary, or pairs of name and child") from None
        self._parts = (
            packed_value(value, "value"), tuple((text(name, "the name of a child"), metadata_parts(child)) for name, child in items)
        )

    @classmethod
    def _of(cls, parts):
        made = object.__new__(cls)
        made._parts = parts
        return made

    @property
    def value(self):
        """The node's own value, or None."""
        return metadata_value(self._parts[0])

    @property
    def children(self):
        """The nodes below, by name, in order."""
        return {name: MetadataNode._of(parts) for name, parts in self._parts[1]}

    def child(self, name):
        """The node below of that name. Raises ``NotFoundError``, a ``KeyError``, for any other."""
        children = self.children
        if text(name, "name") not in children:
            raise NotFoundError(f'name is "{name}", expected a child of the node: {", ".join(children) or "it has none"}')
        return children[name]

    def __getitem__(self, path):
        value = self._find(text(path, "path"))
        if value is None:
            raise NotFoundError(f'path is "{path}", expected the path of a value, as keys() gives them')
        return value

    def _find(self, path):
        """The value at a path, or None."""
        parts = self._parts
        for name in path.strip("/").split("/"):
            parts = next((below for child, below in parts[1] if child == name), None)
            if parts is None:
                return None
        return metadata_value(parts[0])

    def get(self, path, default=None):
        """The value at a path such as ``"/tiff/Software"``, or the default."""
        value = self._find(text(path, "path"))
        return default if value is None else value

    def __contains__(self, path):
        return isinstance(path, str) and self._find(path) is not None

    def keys(self):
        """The paths of all values."""
        return iter(self)

    def items(self):
        """Every value of the tree with its path, depth first."""
        stack = [("", self._parts)]
        while stack:
            path, (value, children) = stack.pop()
            if value is not None:
                yield path or "/", metadata_value(value)
            stack.extend((f"{path}/{name}", parts) for name, parts in reversed(children))

    def __iter__(self):
        return (path for path, _ in self.items())

    def __len__(self):
        return sum(1 for _ in self.items())

    def __bool__(self):
        return self._parts[0] is not None or bool(self._parts[1])

    def __eq__(self, other):
        return self._parts == other._parts if isinstance(other, MetadataNode) else NotImplemented

    __hash__ = None

    def __repr__(self):
        return f"MetadataNode({dict(self.items())!r})"

    def __reduce__(self):
        return MetadataNode._of, (self._parts,)


def metadata_parts(value):
    """The nested tuples of a node, a dictionary (of paths or of dictionaries), a value, or None."""
    if value is None:
        return (None, ())
    if isinstance(value, MetadataNode):
        return value._parts
    if not hasattr(value, "items"):
        return (packed_value(value, "metadata"), ())
    tree = {}
    for path, item in value.items():
        node = tree
        *folders, name = [part for part in text(path, "a path of metadata").split("/") if part] or [""]
        for folder in folders:
            node = node.setdefault(folder, {})
            if not isinstance(node, dict):
                raise wrong_value("a path of metadata", path, "one that does not lie below a value")
        node[name] = item
    return (None, tuple((name, metadata_parts(item)) for name, item in tree.items()))


def metadata_value(value):
    """A value of what the library gives."""
    if not isinstance(value, tuple):
        return value
    if len(value) == 2:
        return list(value[1])
    name, shape, content = value
    if not shape and not name.startswith("complex"):
        return struct.unpack("=" + CODES[name], content)[0]
    import numpy

    array = numpy.frombuffer(content, name).reshape(shape)
    return array[()] if not shape else array


def packed_value(value, argument="values"):
    """What the library takes of a value."""
    if value is None or type(value) in (str, bytes):
        return value
    if type(value) is bool:
        return ("bool", (), bytes([value]))
    if type(value) is int and -(2**63) <= value < 2**63:
        return ("int64", (), struct.pack("=q", value))
    if type(value) is float:
        return ("float64", (), struct.pack("=d", value))
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, str) for item in value):
        return ("texts", tuple(value))
    import numpy

    try:
        array = numpy.asarray(value)
    except ValueError:  # lists of different lengths
        array = None
    if array is None or array.dtype.kind not in "biufc":
        raise wrong_type(argument, value, "None, a text, texts, bytes or numbers")
    array = array.astype(array.dtype.newbyteorder("="), order="C")
    return (array.dtype.name, array.shape, array.tobytes())
