"""Wrong arguments: each is an error of the library that names the argument, what was found and what was expected."""

import enum
import inspect
import io
import types

import numpy
import pytest

import iolink
from iolink import *

ARRAY = numpy.arange(6 * 7 * 8, dtype=numpy.uint16).reshape(6, 7, 8)
NOTHING = object()

# For each kind of argument what is of a wrong type, and what is of the right type and wrong all the same.
KINDS = {
    "view": ([None, 3, "a", b"x", [], ARRAY, NOTHING], []),
    "views": ([None, 3, "a", [None], [ARRAY]], []),
    "index": ([None, "0", 1.5, [], True, NOTHING], [-1, 99, 2**70]),
    "count": ([None, "0", 1.5, [], True, NOTHING], [-1, 2**70]),
    "integer": ([None, "0", 1.5, [], True, NOTHING], [2**70]),
    "shape": ([None, "12", b"ab", (1, "a"), (1.5, 2), True, NOTHING, [None]], [(-1, 2), (2**70, 1)]),
    "position": ([None, "12", b"ab", (1, "a"), (1.5, 2), True, NOTHING, [None]], [(-1, 2, 3), (0, 0), (9, 9, 9)]),
    "region": ([None, "ab", 3, NOTHING, ((0, 0, 0), None), ((0, 0, 0), ("a", 1, 1))],
               [((0, 0, 0), (-1, 1, 1)), ((0, 0), (1, 1)), ((0, 0, 0), (1, 1))]),
    "text": ([3, b"x", [], NOTHING, True], []),
    "flag": ([None, "yes", 1, [], NOTHING], []),
    "type": ([None, "nonsense", {}, NOTHING, True, 1.5, "object", "U3", PrimitiveTypeId.OPAQUE], [7]),
    "axis": ([None, 3, b"x", [], NOTHING, True], ["a\n", "nonsense"]),
    "free axis": ([None, 3, b"x", [], NOTHING, True], ["a\n"]),
    "axes": ([3, b"x", NOTHING, [3], [None]], [["a\n"]]),
    "numbers": ([None, "abc", 3, NOTHING, ("a", 1, 2), (1, 2, None), (True, 1, 2)], []),
    "range": ([None, "ab", 3, NOTHING, ("0", 1)], [(1,), (0, 1, 2), (0, float("nan")), (2, 1)]),
    "number": (["2", b"2", [], NOTHING, True, 1j], [float("nan"), float("inf")]),
    "capabilities": ([None, 1.5, NOTHING, True, ["READ", None]], ["nonsense", 1 << 20, ["nonsense"], -1]),
    "image type": ([None, 3, [ROW, COLUMN], NOTHING], ["nonsense"]),
    "buffer": ([None, "text", 3, NOTHING], []),
    "target": ([None, "text", 3, NOTHING, b"read-only"], []),
    "values": ([None, "text", NOTHING, ["a"]], [numpy.zeros((3, 3, 3)), [1.5], -1, 1 << 20, [[1, 2], [3]]]),
    "properties": ([3, "a", {}, NOTHING, [1]], []),
    "metadata": ([NOTHING, {"a": NOTHING}, {3: 4}, {"a": [[1, 2], [3]]}], [{"a": 1, "a/b": 2}]),
    "path": ([None, 3, [], NOTHING], ["a\0b"]),
    "folder": ([3, [], NOTHING], ["a\0b"]),
    "mode": ([None, 3, b"r"], ["nonsense", ""]),
    "source": ([None, 3, [], {}, NOTHING, io.StringIO("text"), io.BytesIO, ARRAY], ["a\0b"]),
    "file": ([None, 3, [], {}, NOTHING, io.StringIO("text"), io.BytesIO, b"a.npy"], ["a\0b"]),
    "image": ([1.5, b"x", [], NOTHING, True], ["nonsense", 99, -99, 2**70]),
    "anything of an image": ([None, "a.npy", b"x", NOTHING, {1}, ["a"], [None]], [{}, [[1, 2], [3]]]),
    "registry": ([3, "a", NOTHING, iolink.CodecRegistry], []),
    "limits": ([3, "chunk=4G", [("chunk", 4)], {"chunk": 1.5}, {3: 4}], [{"colour": 1}, {"chunk": -1}, {"chunk": "4X"}]),
    "calibration": ([3, NOTHING, {"X": "2"}, {3: 4.0}, "2", (1, 2, "3")], [{"C": 1}, (1, 2), {"X": float("nan")}]),
    "spacing": ([3, NOTHING, {"X": "2"}, {3: 4.0}, "2"], [{"C": 1}, (1, 2), {"X": 0}]),
    "unit": ([3, NOTHING, {"X": 2}, {3: "m"}], [{"C": "m"}, ("m", "m")]),
    "function": ([3, "print", NOTHING, []], []),
    "object": ([None, 3, "a", NOTHING], []),
    "handle": ([None, 3, NOTHING], []),
    "codec": ([None, 3, NOTHING, "raw"], []),
    "key": ([], ["a", 1.5, NOTHING, [0.5], [[1, 2], [3]], True, 99, (0, 0, 0, 0), (..., ...), [99]]),
    "column": ([None, 1.5, [], NOTHING, True], ["nonsense", -1, 99]),
    "names": ([None, "ab", 3, [1, 2]], [["a"], ["a", "a"]]),
    "types": ([None, "ab", 3, [None, None]], [["u1"], ["u1", "u1", "u1"]]),
    "levels": ([None, 3, [], [3], "ab"], []),
    "children": ([3, [3], {3: 4}, "ab"], []),
    "value": ([NOTHING, [NOTHING], 2**70, [[1, 2], [3]]], []),
    "order": ([None, "ab", 1.5, (0, 1, "a"), (0, 1, 1.5)], [(0, 1), (0, 1, 1), (0, 1, 9)]),
    "stride": (["12", (1, "a"), (1.5, 2)], [(1, 2, 3)]),
    "options": ([3, "level=9", [("a", 1)], NOTHING, {3: 4}], [{"nonsense": 1}]),
    "crop": ([3, "x=1:2", [("x", 1)], NOTHING, {"Z": "a"}, {"Z": True}, {"Z": range(2)}, {"Z": (0, 1, 2)}, {"Z": ("0", 1)}, {3: 1}],
             [{"Q": 1}, {"Z": 99}, {"Z": (5, 3)}, {"Z": (0, 99)}, {"Z": slice(0, 4, 2)}, {"a\n": 1}]),
    "step": ([3, "x=2", [("x", 2)], NOTHING, {"Z": "2"}, {"Z": 1.5}, {"Z": None}, {3: 1}], [{"Q": 1}, {"Z": 0}, {"Z": -1}]),
    "format": ([3, b"x", [], NOTHING, True], ["nonsense", "", "\udc80"]),
    "out": ([3, "text", NOTHING, b"read-only", [0]], [bytearray(1), numpy.zeros(3), numpy.zeros((9, 9, 9), "u2")]),
}


class World:
    """One of everything."""

    def __init__(self, folder):
        self.path = folder / "volume.npy"
        numpy.save(self.path, ARRAY)
        self.target = folder / "target.npy"
        self.file = iolink.open(self.path)
        self.view = NumpyInterop.from_numpy_array(ARRAY.copy(), ImageTypeId.VOLUME)
        self.memory = ImageViewFactory.allocate((8, 7, 6), "uint16")
        self.rgb = NumpyInterop.from_numpy_array(numpy.zeros((4, 5, 3), "u1"), ImageTypeId.IMAGE)
        self.channels = ImageViewFactory.disassemble_channels(self.rgb)
        self.stream = StreamAccessFactory.from_bytes(bytes(100))
        self.access = RandomAccessFactory.from_bytes(bytes(100))
        self.frame = DataFrameViewFactory.allocate((2, 5), ["area", "name"], ["float64", str])
        self.registry = iolink.CodecRegistry()
        self.properties = self.view.properties
        self.metadata = MetadataNode(children={"a": MetadataNode("text")})
        self.tiles = TilingInfoExtension(self.view, (4, 4, 4))
        self.folder = folder


AREA = RegionXu64((0, 0, 0), (2, 2, 2))

# Per function: how to find it, and for each of its parameters a good value, its kind (or wrong types and wrong values of its own),
# and what messages call it: its own name unless stated, None where the name is not looked for. A kind of None allows everything.
CALLS = {
    "open": (lambda w: iolink.open, lambda w: {
        "source": (w.path, "source"), "format": ("NPY", "format", None), "mode": ("read", "mode"), "axes": ("ZYX", "axes"),
        "siblings": (False, "flag"), "registry": (w.registry, "registry"), "limits": ({}, "limits", "limit"),
        "options": (None, "named options", None)}),
    "read": (lambda w: iolink.read, lambda w: {
        "source": (w.path, "source"), "image": (0, "image", None), "format": ("NPY", "format", None), "axes": ("ZYX", "axes"),
        "registry": (w.registry, "registry"), "limits": ({}, "limits", "limit"), "options": (None, "named options", None)}),
    "open_view": (lambda w: open_view, lambda w: {
        "source": (w.path, "source"), "format": ("NPY", "format", None), "options": (None, "named options", None)}),
    "read_image": (lambda w: read_image, lambda w: {
        "source": (w.path, "source"), "format": ("NPY", "format", None), "options": (None, "named options", None)}),
    "write": (lambda w: iolink.write, lambda w: {
        "image": (ARRAY, "anything of an image"), "target": (w.target, "file"), "format": ("NPY", "format", None),
        "axes": ("ZYX", "axes"), "spacing": ((1, 2, 3), "spacing", None), "origin": ({"X": 1}, "calibration", None),
        "unit": ("mm", "unit", None), "metadata": ({}, "metadata", None), "sync": (False, "flag"), "progress": (None, "function"),
        "options": (None, "named options", None)}),
    "write_view": (lambda w: write_view, lambda w: {
        "view": (w.view, "view"), "target": (w.target, "file"), "format": ("NPY", "format", None),
        "options": (None, "named options", None)}),
    "create": (lambda w: iolink.create, lambda w: {
        "target": (w.target, "file"), "shape": ((2, 3, 4), "shape"), "dtype": ("uint8", "type"), "format": ("NPY", "format", None),
        "axes": ("ZYX", "axes"), "spacing": ((1, 2, 3), "spacing", None), "origin": ({"X": 1}, "calibration", None),
        "unit": ("mm", "unit", None), "metadata": ({}, "metadata", None), "sync": (False, "flag"),
        "options": (None, "named options", None)}),
    "convert": (lambda w: iolink.convert, lambda w: {
        "source": (w.path, "source"), "target": (w.target, "file"), "image": (0, "image", None),
        "from_format": ("NPY", "format", None),
        "to_format": ("NPY", "format", None), "axes": ("ZYX", (KINDS["axes"][0], [["a\n"], "ZY", "Z=5,Y,X", "Z=a,Y,X"]), None),
        "crop": ({"Z": 1}, "crop", None), "step": ({"X": 2}, "step", None),
        "dtype": ("float32", (KINDS["type"][0][1:], [7, ">f4", "VEC3_UINT16"]), None),
        "rescale": (False, (["yes", 1, [], NOTHING], [])), "read_options": ({}, "options", None),
        "registry": (w.registry, "registry"),
        "limits": ({}, "limits", "limit"), "sync": (False, "flag"), "progress": (None, "function"),
        "options": (None, "named options", None)}),
    "formats": (lambda w: iolink.formats, lambda w: {"registry": (None, "registry")}),

    "CodecRegistry.register": (lambda w: w.registry.register, lambda w: {"codec": (Complete(), "codec"), "priority": (0, "integer")}),
    "CodecRegistry.prioritize": (lambda w: w.registry.prioritize, lambda w: {
        "name": ("NPY", "format", None), "priority": (0, "integer")}),
    "CodecRegistry.register_hdf5_filter": (lambda w: w.registry.register_hdf5_filter, lambda w: {
        "id": (300, "integer"), "decode": (lambda data, parameters: data, "function"), "name": (None, "text")}),
    "CodecRegistry.set_limits": (lambda w: w.registry.set_limits, lambda w: {"limits": ({}, "limits", "limit")}),

    "DataFrameView.__init__": (lambda w: DataFrameView, lambda w: {"handle": (w.frame._handle, "handle")}),
    "DataFrameView.support": (lambda w: w.frame.support, lambda w: {"capabilities": ("READ", "capabilities")}),
    "DataFrameView.column_name": (lambda w: w.frame.column_name, lambda w: {"index": (0, "column", None)}),
    "DataFrameView.column_index": (lambda w: w.frame.column_index, lambda w: {"name": ("area", "text")}),
    "DataFrameView.column_data_type": (lambda w: w.frame.column_data_type, lambda w: {"index": (0, "column", None)}),
    "DataFrameView.read": (lambda w: w.frame.read, lambda w: {
        "column": (0, "column", None), "offset": (0, "index", None), "count": (2, "index", None),
        "dst": (None, ([3, NOTHING, b"ab", (0, 0)], [[0.0], numpy.zeros(9)]))}),
    "DataFrameView.write": (lambda w: w.frame.write, lambda w: {
        "column": (0, "column", None), "offset": (0, "index", None), "count": (2, "index", None),
        "src": ([1.0, 2.0], ([None, 3, "ab", ["a", "b"], [None, None]], [[1.0], [[1, 2], [3, 4]], [[1], [2, 3]]]))}),
    "DataFrameView.at": (lambda w: w.frame.at, lambda w: {"column": (0, "column", None), "row": (0, "index", None)}),
    "DataFrameView.set_at": (lambda w: w.frame.set_at, lambda w: {
        "column": (0, "column", None), "row": (0, "index", None), "value": (1.0, ([None, "a", NOTHING], [[1, 2]]), "src")}),
    "DataFrameView.add_column": (lambda w: w.frame.add_column, lambda w: {
        "name": ("new", "text"), "dtype": ("uint8", (KINDS["type"][0][:-1] + [DataType()], [7]))}),
    "DataFrameView.add_rows": (lambda w: w.frame.add_rows, lambda w: {"offset": (0, "index", None), "count": (1, "count", None)}),
    "DataFrameView.remove_column": (lambda w: w.frame.remove_column, lambda w: {"index": (0, "column", None)}),
    "DataFrameView.remove_rows": (lambda w: w.frame.remove_rows, lambda w: {"offset": (0, "index", None), "count": (1, "index", None)}),
    "DataFrameViewFactory.allocate": (lambda w: DataFrameViewFactory.allocate, lambda w: {
        "shape": ((2, 3), "shape"), "column_names": (["a", "b"], "names", None), "column_types": (["u1", str], "types")}),

    "DataType.__init__": (lambda w: DataType, lambda w: {
        "kind": (PrimitiveTypeId.UNSIGNED_INTEGER, (["nonsense", NOTHING, {}, None], [7, -1]), None),
        "dimension": (1, (KINDS["count"][0], [0, -1, 2**70])), "bit_depth": (8, "index"),
        "interpretation": (None, (["nonsense", 1, NOTHING], []))}),
    "DataType.is_convertible_to": (lambda w: DataType("uint8").is_convertible_to, lambda w: {"other": ("uint16", "type", None)}),
    "DataType.extract_scalar_type": (lambda w: DataType.extract_scalar_type, lambda w: {"dtype": ("uint16", "type", None)}),
    "DataType.standard_range": (lambda w: DataType.standard_range, lambda w: {"dtype": ("uint16", "type", None)}),

    "ImageInfo.set_axes_interpretation": (lambda w: w.properties.image_info.set_axes_interpretation, lambda w: {
        "value": ("IMAGE", "image type", "axes_interpretation")}),
    "ImageInfo.set_interpretation": (lambda w: w.properties.image_info.set_interpretation, lambda w: {
        "value": ("RGB", ([None, 3, NOTHING], ["nonsense"]), "interpretation")}),
    "ImageProperties.__init__": (lambda w: ImageProperties, lambda w: {
        "axes": ([], ([3, "ab", [3], ["x"], None], [])), "image_info": (None, "properties")}),
    "ImageProperties.from_data_type": (lambda w: ImageProperties.from_data_type, lambda w: {"dtype": ("uint8", "type", None)}),
    "ImageProperties.calibrate": (lambda w: w.properties.calibrate, lambda w: {
        "name": ("X", "axis"), "spacing": (1, (KINDS["number"][0], [0, float("nan"), float("inf")])), "origin": (1, "number"),
        "unit": ("mm", ([3, b"mm", NOTHING], []))}),
    "ImageProperties.calibrate_index": (lambda w: w.properties.calibrate_index, lambda w: {
        "index": (0, "index"), "spacing": (1, (KINDS["number"][0], [0, float("nan"), float("inf")])), "origin": (1, "number"),
        "unit": ("mm", ([3, b"mm", NOTHING], []))}),

    "ImageView.support": (lambda w: w.view.support, lambda w: {"capabilities": ("READ", "capabilities")}),
    "ImageView.ordered": (lambda w: w.view.ordered, lambda w: {
        "axes": ("ZYX", (KINDS["axes"][0] + [None], [["a\n"], "ZY", "ZYXC", "ZZX"]))}),
    "ImageView.read": (lambda w: w.view.read, lambda w: {
        "index": ((0, 0, 0), "position"), "dst": (None, (KINDS["target"][0][1:], [bytearray(1), numpy.zeros(3)]))}),
    "ImageView.write": (lambda w: w.view.write, lambda w: {
        "index": ((0, 0, 0), "position"), "src": (1, ([None, "a", NOTHING], [1.5, -1, 1 << 20, [1, 2]]), None)}),
    "ImageView.read_region": (lambda w: w.view.read_region, lambda w: {"region": (AREA, "region"), "dst": (None, "out")}),
    "ImageView.write_region": (lambda w: w.view.write_region, lambda w: {
        "region": (AREA, "region"), "src": (numpy.zeros((2, 2, 2)), "values", None)}),
    "ImageView.reshape": (lambda w: w.memory.reshape, lambda w: {
        "shape": ((2, 3), "shape"), "dtype": ("uint8", (KINDS["type"][0][1:], [7]), None)}),
    "ImageView.with_properties": (lambda w: w.view.with_properties, lambda w: {
        "properties": (w.properties, (KINDS["properties"][0] + [None], []))}),
    "ImageView.with_metadata": (lambda w: w.view.with_metadata, lambda w: {"metadata": ({}, "metadata", None)}),
    "ArrayView.transpose": (lambda w: w.view.array.transpose, lambda w: {"order": ((0, 1, 2), "order")}),
    "ArrayView.__getitem__": (lambda w: w.view.array.__getitem__, lambda w: {"key": (0, "key", None)}),
    "ArrayView.__setitem__": (lambda w: w.view.array.__setitem__, lambda w: {"key": (0, "key", None), "value": (0, "values", None)}),

    "ImageViewFactory.allocate": (lambda w: ImageViewFactory.allocate, lambda w: {
        "shape": ((2, 3), "shape"), "type": ("uint8", "type"), "properties": (None, "properties"),
        "metadata": (None, "metadata", None)}),
    "ImageViewFactory.copy_in_memory": (lambda w: ImageViewFactory.copy_in_memory, lambda w: {"image": (w.view, "view")}),
    "ImageViewFactory.from_image_view": (lambda w: ImageViewFactory.from_image_view, lambda w: {
        "view": (w.view, "view"), "properties": (None, "properties"), "metadata": (None, "metadata", None)}),
    "ImageViewFactory.from_buffer": (lambda w: ImageViewFactory.from_buffer, lambda w: {
        "shape": ((2, 3), "shape"), "dtype": ("uint8", "type"),
        "buffer": (bytes(6), (KINDS["buffer"][0], [bytes(5), b""]), None), "properties": (None, "properties"),
        "metadata": (None, "metadata", None)}),
    "ImageViewFactory.from_random_access": (lambda w: ImageViewFactory.from_random_access, lambda w: {
        "access": (w.access, "view"), "shape": ((2, 3), "shape"), "dtype": ("uint8", "type"), "byte_offset": (0, "index", None),
        "properties": (None, "properties"), "metadata": (None, "metadata", None)}),
    "ImageViewFactory.create_on_disk": (lambda w: ImageViewFactory.create_on_disk, lambda w: {
        "shape": ((2, 3), ([None, b"ab", (1, "a"), (1.5, 2), True], [(-1, 2), (2**70, 1), (2**40, 2**40)])),
        "type": ("uint8", "type"), "properties": (None, "properties"), "metadata": (None, "metadata", None),
        "folder": (None, "folder", None)}),
    "ImageViewFactory.copy_on_disk": (lambda w: ImageViewFactory.copy_on_disk, lambda w: {
        "image": (w.view, "view"), "folder": (None, "folder", None)}),
    "ImageViewFactory.uniform": (lambda w: ImageViewFactory.uniform, lambda w: {
        "shape": ((2, 3), "shape"), "type": ("uint8", "type"),
        "value": (0, ([None, "a", NOTHING], [1.5, -1, 300, [1, 2], [[1], [2, 3]]])),
        "properties": (None, "properties"), "metadata": (None, "metadata", None)}),
    "ImageViewFactory.extract_region": (lambda w: ImageViewFactory.extract_region, lambda w: {
        "view": (w.view, "view"), "region": (AREA, "region")}),
    "ImageViewFactory.extract_adjusted_region": (lambda w: ImageViewFactory.extract_adjusted_region, lambda w: {
        "view": (w.view, "view"), "region": (AREA, "region")}),
    "ImageViewFactory.extract_channel": (lambda w: ImageViewFactory.extract_channel, lambda w: {
        "view": (w.rgb, "view"), "index": (0, "index")}),
    "ImageViewFactory.extract_slice": (lambda w: ImageViewFactory.extract_slice, lambda w: {
        "view": (w.view, "view"), "dimension": ("Z", "axis"), "index": (0, "index")}),
    "ImageViewFactory.sub_sample": (lambda w: ImageViewFactory.sub_sample, lambda w: {
        "image": (w.view, "view"), "step": ((1, 2, 1), (KINDS["shape"][0], [(1, 2), (1, 0, 1), (1, -1, 1)]))}),
    "ImageViewFactory.flip_dimension": (lambda w: ImageViewFactory.flip_dimension, lambda w: {
        "image": (w.view, "view"), "dimension": ("Z", "axis")}),
    "ImageViewFactory.flip": (lambda w: ImageViewFactory.flip, lambda w: {"image": (w.view, "view"), "dimension": ("Z", "axis")}),
    "ImageViewFactory.flip_dimension_index": (lambda w: ImageViewFactory.flip_dimension_index, lambda w: {
        "image": (w.view, "view"), "index": (0, "index")}),
    "ImageViewFactory.stack": (lambda w: ImageViewFactory.stack, lambda w: {
        "views": ([w.view], (KINDS["views"][0], [[]])), "dimension": ("T", "free axis")}),
    "ImageViewFactory.interlace": (lambda w: ImageViewFactory.interlace, lambda w: {"views": ([w.view], (KINDS["views"][0], [[]]))}),
    "ImageViewFactory.assemble_channels": (lambda w: ImageViewFactory.assemble_channels, lambda w: {"image": (w.channels, "view")}),
    "ImageViewFactory.disassemble_channels": (lambda w: ImageViewFactory.disassemble_channels, lambda w: {"image": (w.rgb, "view")}),
    "ImageViewFactory.reinterpret": (lambda w: ImageViewFactory.reinterpret, lambda w: {
        "image": (w.view, "view"), "image_type_id": ("VOLUME", (KINDS["image type"][0], ["nonsense", "IMAGE"]))}),
    "ImageViewFactory.reinterpret_axes": (lambda w: ImageViewFactory.reinterpret_axes, lambda w: {
        "image": (w.view, "view"),
        "dimensions": (["x", "y", "z"], ([None, "XYZ", 3, [3]], [["a\n", "y", "z"], ["x", "y"], ["x", "x", "x"]]), None)}),
    "ImageViewFactory.adapt_data_type": (lambda w: ImageViewFactory.adapt_data_type, lambda w: {
        "view": (w.view, "view"), "type": ("uint8", "type")}),
    "ImageViewFactory.cast_data_type": (lambda w: ImageViewFactory.cast_data_type, lambda w: {
        "view": (w.view, "view"), "type": ("uint8", "type")}),
    "ImageViewFactory.adapt_dynamic_range": (lambda w: ImageViewFactory.adapt_dynamic_range, lambda w: {
        "view": (w.view, "view"), "type": ("uint8", "type"),
        "input_range": ((0, 1), (KINDS["range"][0], KINDS["range"][1] + [(1, 1)])),
        "output_range": ((0, 1), "range")}),
    "ImageViewFactory.read_only": (lambda w: ImageViewFactory.read_only, lambda w: {"view": (w.view, "view")}),
    "ImageViewFactory.make_thread_safe": (lambda w: ImageViewFactory.make_thread_safe, lambda w: {"image": (w.view, "view")}),
    "ImageViewProvider.is_image": (lambda w: ImageViewProvider.is_image, lambda w: {"view": (w.view, None)}),
    "ImageViewProvider.to_image": (lambda w: ImageViewProvider.to_image, lambda w: {"view": (w.view, "view")}),
    "MultiImageViewProvider.is_multi_image": (lambda w: MultiImageViewProvider.is_multi_image, lambda w: {"view": (w.file, None)}),
    "MultiImageViewProvider.to_multi_image": (lambda w: MultiImageViewProvider.to_multi_image, lambda w: {"view": (w.file, "view")}),

    "Indexer.__init__": (lambda w: Indexer, lambda w: {
        "shape": ((2, 3), "shape"), "dtype": ("uint8", "type", None), "byte_stride": (None, "stride", None)}),
    "Indexer.offset": (lambda w: Indexer((3, 4, 5), "u1").offset, lambda w: {"index": ((0, 0, 0), "position")}),
    "Indexer.byte_offset": (lambda w: Indexer((3, 4, 5), "u1").byte_offset, lambda w: {"index": ((0, 0, 0), "position")}),
    "LodImageView.__init__": (lambda w: LodImageView, lambda w: {"levels": ([w.view], "levels")}),
    "LodImageView.resolution": (lambda w: LodImageView([w.view]).resolution, lambda w: {"level": (0, "index")}),
    "MetadataNode.__init__": (lambda w: MetadataNode, lambda w: {"value": (None, "value"), "children": ({}, "children", None)}),
    "MetadataNode.child": (lambda w: w.metadata.child, lambda w: {"name": ("a", (KINDS["text"][0], ["b"]))}),
    "MetadataNode.__getitem__": (lambda w: w.metadata.__getitem__, lambda w: {"path": ("a", (KINDS["text"][0], ["b", "a/b"]))}),
    "MetadataNode.get": (lambda w: w.metadata.get, lambda w: {"path": ("a", "text"), "default": (None, None)}),
    "MetadataNode.__contains__": (lambda w: w.metadata.__contains__, lambda w: {"path": ("a", None)}),
    "MultiImageView.__getitem__": (lambda w: w.file.__getitem__, lambda w: {"key": (0, "image", None)}),
    "MultiImageView.__contains__": (lambda w: w.file.__contains__, lambda w: {"name": ("array", None)}),
    "MultiImageView.image": (lambda w: w.file.image, lambda w: {"name": (0, "image", None)}),
    "MultiImageView.levels": (lambda w: w.file.levels, lambda w: {"name": (0, "image", None)}),

    "NumpyInterop.from_numpy_array": (lambda w: NumpyInterop.from_numpy_array, lambda w: {
        "a": (ARRAY, ([None, 3, "text", [[1, 2]], NOTHING], [numpy.zeros((6, 7)), numpy.array(["text"])]), None),
        "image_type": ("VOLUME", (KINDS["image type"][0][1:], ["nonsense", "IMAGE"]), None)}),
    "NumpyInterop.order_from_numpy_array": (lambda w: NumpyInterop.order_from_numpy_array, lambda w: {
        "a": (ARRAY, ([None, 3, "text", [[1, 2]], NOTHING], [])),
        "axes": ([SLICE, ROW, COLUMN], (KINDS["axes"][0] + [None, "ZYX"], [[ROW], [ROW, ROW, ROW], []]))}),
    "NumpyInterop.to_numpy_array": (lambda w: NumpyInterop.to_numpy_array, lambda w: {"view": (w.view, "view")}),
    "NumpyInterop.order_to_numpy_array": (lambda w: NumpyInterop.order_to_numpy_array, lambda w: {
        "view": (w.view, "view"),
        "axes": ([SLICE, ROW, COLUMN], (KINDS["axes"][0] + [None, "ZYX"], [[ROW], [ROW, ROW, ROW], []]))}),

    "RandomAccess.__init__": (lambda w: RandomAccess, lambda w: {"handle": (w.access._handle, "handle")}),
    "RandomAccess.support": (lambda w: w.access.support, lambda w: {"capabilities": ("READ", "capabilities")}),
    "RandomAccess.read": (lambda w: w.access.read, lambda w: {"offset": (0, "count", None), "count": (1, "count", None)}),
    "RandomAccess.readinto": (lambda w: w.access.readinto, lambda w: {
        "offset": (0, "count", None), "buffer": (bytearray(3), "target")}),
    "RandomAccess.write": (lambda w: w.access.write, lambda w: {"offset": (0, "count", None), "content": (b"abc", "buffer")}),
    "RandomAccessFactory.allocate": (lambda w: RandomAccessFactory.allocate, lambda w: {"size": (3, "count")}),
    "RandomAccessFactory.from_bytes": (lambda w: RandomAccessFactory.from_bytes, lambda w: {"content": (b"abc", "buffer")}),
    "RandomAccessFactory.open_file": (lambda w: RandomAccessFactory.open_file, lambda w: {
        "path": (w.path, "path"), "mode": ("r", "mode")}),
    "RegionXu64.__init__": (lambda w: RegionXu64, lambda w: {"origin": ((0, 0), "shape"), "size": ((1, 1), "shape")}),
    "RegionXu64.create_full_region": (lambda w: RegionXu64.create_full_region, lambda w: {"shape": ((1, 1), "shape")}),
    "Serialization.encode": (lambda w: Serialization.encode, lambda w: {
        "object": (w.view, "object"), "stream": (w.stream, "view")}),
    "Serialization.decode": (lambda w: Serialization.decode, lambda w: {"stream": (encoded(), "view")}),
    "SpatialDirections.__new__": (lambda w: SpatialDirections, lambda w: {
        "column": ((1, 0, 0), "numbers", None), "row": ((0, 1, 0), "numbers", None),
        "slice": ((0, 0, 1), (KINDS["numbers"][0][1:], []), None)}),
    "StreamAccess.__init__": (lambda w: StreamAccess, lambda w: {"handle": (w.stream._handle, "handle")}),
    "StreamAccess.support": (lambda w: w.stream.support, lambda w: {"capabilities": ("READ", "capabilities")}),
    "StreamAccess.read": (lambda w: w.stream.read, lambda w: {"count": (1, "count")}),
    "StreamAccess.write": (lambda w: w.stream.write, lambda w: {"content": (b"abc", "buffer")}),
    "StreamAccess.seek": (lambda w: w.stream.seek, lambda w: {"position": (1, "count")}),
    "StreamAccess.resize": (lambda w: w.stream.resize, lambda w: {"size": (1, "count")}),
    "StreamAccessFactory.from_bytes": (lambda w: StreamAccessFactory.from_bytes, lambda w: {"content": (b"abc", "buffer")}),
    "StreamAccessFactory.open_file": (lambda w: StreamAccessFactory.open_file, lambda w: {
        "path": (w.path, "path"), "mode": ("r", "mode")}),
    "TilingInfoExtension.__init__": (lambda w: TilingInfoExtension, lambda w: {
        "view": (w.view, "view"), "tile_shape": ((1, 1, 1), (KINDS["shape"][0], [(1, 1), (0, 1, 1), (-1, 1, 1)]))}),
    "TilingInfoExtension.tile_region": (lambda w: w.tiles.tile_region, lambda w: {"index": (0, "index")}),
    "TilingInfoExtension.read_tile": (lambda w: w.tiles.read_tile, lambda w: {"index": (0, "index"), "dst": (None, "out")}),
    "TilingInfoExtension.write_tile": (lambda w: w.tiles.write_tile, lambda w: {"index": (0, "index"), "src": (0, "values", None)}),
    "io.readinto": (lambda w: w.stream.to_raw_io().readinto, lambda w: {"target": (bytearray(3), "target", "buffer")}),
    "io.write": (lambda w: w.stream.to_raw_io().write, lambda w: {"content": (b"abc", "buffer")}),
    "io.seek": (lambda w: w.stream.to_raw_io().seek, lambda w: {
        "offset": (0, "integer"), "whence": (0, (["a", None, 9, -1], []))}),
    "io.truncate": (lambda w: w.stream.to_raw_io().truncate, lambda w: {"size": (0, (KINDS["count"][0][1:], [-1, 2**70]))}),
    "io of a RandomAccess": (lambda w: w.access.to_raw_io().seek, lambda w: {
        "offset": (0, (KINDS["integer"][0], [2**70, -1]), None), "whence": (0, (["a", None, 9, -1], []))}),
    "io of a RandomAccess.readinto": (lambda w: w.access.to_raw_io().readinto, lambda w: {"buffer": (bytearray(3), "target")}),
}

# What takes anything by intent, or is not made by callers.
EXEMPT = {
    "ArrayView.__contains__", "ArrayView.to_dask", "ImageView.to_dask", "MultiImageView.__init__", "Codec.detect", "Codec.open",
    "Codec.__init__",
}


class Complete:
    """A codec that has all it needs."""

    name = "nothing"

    def detect(self, prefix, name):
        return False

    def open(self, access):
        raise iolink.UnrecognizedError("never")


def encoded():
    stream = StreamAccessFactory.allocate()
    Serialization.encode(VectorXu64(2, 3), stream)
    stream.seek(0)
    return stream


def _cases():
    """(function, parameter) of the table, without the values, which a world has."""
    world = types.SimpleNamespace(**dict.fromkeys(
        "path target file view memory rgb channels stream access frame registry properties metadata tiles folder".split(),
        types.SimpleNamespace(_handle=None)))
    return [(name, parameter) for name, (_, parameters) in CALLS.items() for parameter in parameters(world)]


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.mark.parametrize("name, parameter", _cases(), ids=lambda value: value)
def test_wrong_arguments(world, name, parameter):
    find, parameters = CALLS[name]
    good, kind, *label = parameters(world)[parameter]
    if kind == "named options":
        return check_options(name, find(world), parameters(world))
    label = label[0] if label else parameter
    wrong_types, wrong_values = ((), ()) if kind is None else KINDS[kind] if isinstance(kind, str) else kind
    variadic = any(each.kind is each.VAR_POSITIONAL for each in inspect.signature(find(world)).parameters.values())

    def call(value, world):
        given = {key: entry[0] for key, entry in parameters(world).items() if entry[1] != "named options"}
        given[parameter] = value
        if variadic and "folder" not in given or name.endswith("__"):
            return find(world)(*given.values())
        return find(world)(**given)

    call(good, world)
    checked = 0
    for wrong, builtin in [(value, TypeError) for value in wrong_types] + [(value, (ValueError, LookupError)) for value in wrong_values]:
        with pytest.raises(iolink.IOLinkError) as caught:
            call(wrong, World(world.folder))
            pytest.fail(f"{wrong!r} was taken")
        message = str(caught.value)
        assert isinstance(caught.value, builtin), f"{wrong!r}: {type(caught.value).__name__}: {message}"
        assert builtin is not TypeError or "expected" in message, f"{wrong!r}: {message}"
        names = ("region", "origin", "size") if label == "region" else (label,)
        assert label is None or any(name in message for name in names), f"{wrong!r}: {message}"
        checked += 1
    assert checked or kind is None


def check_options(name, function, parameters):
    """Options of formats: unknown ones are refused with the names there are, and so are values of a wrong type."""
    given = {key: entry[0] for key, entry in parameters.items() if entry[1] != "named options"}
    with pytest.raises(iolink.InvalidArgumentError, match="nonsense"):
        function(**given, nonsense=1)
    for wrong in ({}, {"level": 9}, NOTHING, [NOTHING], {1}):
        with pytest.raises(iolink.ArgumentTypeError, match="option options is .*expected"):
            function(**given, options=wrong)


def test_every_public_function_is_in_the_table():
    missing = set()
    for name, thing in vars(iolink).items():
        if name.startswith("_") or name in ("AxesInterpretationId", "ImageAxes"):
            continue
        if isinstance(thing, types.FunctionType):
            missing.add(name)
        elif isinstance(thing, type) and thing.__module__.startswith("iolink") and not issubclass(thing, (Exception, enum.Enum)):
            for member, function in vars(thing).items():
                function = getattr(function, "__func__", function)
                if not isinstance(function, types.FunctionType) or function.__module__ in ("collections", "typing"):
                    continue
                if function.__doc__ and function.__doc__.startswith("Reads the array; then as"):
                    continue
                named = not member.startswith("_") or member in ("__init__", "__new__", "__getitem__", "__setitem__", "__contains__")
                if named and len(inspect.signature(function).parameters) > (not isinstance(vars(thing)[member], staticmethod)):
                    missing.add(f"{name}.{member}")
    missing = {name for name in missing if not name.startswith(("Lost.", "Report.", "Option.", "Format.", "Axis."))}
    assert missing - EXEMPT == {name for name in CALLS if not name.startswith("io")}


@pytest.mark.parametrize("attribute, wrong", [
    ("spatial_directions", 3), ("spatial_directions", (1, 2, 3)), ("spatial_spacing", 3), ("spatial_spacing", "abc"),
    ("spatial_spacing", (1, 2)), ("spatial_spacing", (1, 2, "3")), ("spatial_spacing", (1, 2, 0)), ("spatial_origin", None),
    ("spatial_origin", (1, 2, float("inf"))), ("spatial_unit", 3),
])
def test_attributes_of_properties(world, attribute, wrong):
    with pytest.raises(iolink.InvalidArgumentError, match="expected"):
        setattr(world.properties, attribute, wrong)


@pytest.mark.parametrize("attribute, wrong", [
    ("axes", 3), ("axes", "abc"), ("axes", [1, 2, 3]), ("axes", [iolink.Axis(3)] * 3), ("axes", [iolink.Axis("x", "8")] * 3),
    ("axes", [iolink.Axis("x", 8, "1")] * 3), ("axes", [iolink.Axis("x", 8, 1, 0, 5)] * 3), ("source_order", "abc"),
    ("source_order", (0, 1)), ("source_order", (0, 0, 0)), ("significant_bits", "12"), ("significant_bits", -1), ("alpha", 3),
    ("alpha", "nonsense"), ("image_info", 3), ("image_info", None),
])
def test_attributes_that_are_looked_at_when_they_are_used(world, attribute, wrong):
    setattr(world.properties, attribute, wrong)
    with pytest.raises(iolink.IOLinkError):
        world.view.with_properties(world.properties)


@pytest.mark.parametrize("make, wrong", [
    (VectorXu64, ("a",)), (VectorXu64, (-1,)), (VectorXu64, (1.5,)), (VectorXu64, (2**64,)), (VectorXu64, (None,)), (VectorXi64, (2**63,)),
    (VectorXd, ("12",)), (VectorXd, (1j,)), (VectorXd, (None, 1)), (Vector3d, (1, 2)), (Vector3d, ("1", 2, 3)), (Vector2i64, (1, 2, 3)),
])
def test_vectors(make, wrong):
    with pytest.raises(iolink.InvalidArgumentError, match=f"{make.__name__}.* expected"):
        make(*wrong)


def test_the_message_of_an_option_that_is_a_dictionary(tmp_path):
    with pytest.raises(iolink.ArgumentTypeError) as caught:
        iolink.write(ARRAY, tmp_path / "x.npy", options={"level": 9})
    assert str(caught.value) == (
        "option options is {'level': 9} (dict), expected a text, a number, True or False, a type, or a list of these"
    )
    assert not (tmp_path / "x.npy").exists()
