"""Writes NumPyConversions.swift: what NumPy and Python's exact integers say conversions give.

    python3 make_conversions.py > NumPyConversions.swift

Integers among integers are clamped as Python integers; fractions are rounded by Python's round() (ties to even) and
clamped; every conversion to a float or a complex type is NumPy's astype.
"""
import math
import numpy as np

REAL = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]


def limits(name):
    info = np.iinfo(name)
    return int(info.min), int(info.max)


def values(name):
    if name == "bool":
        return np.array([0, 1, 2, 128, 255], np.uint8)
    if name in COMPLEX:
        return np.array([0, 1.5 - 2.5j, complex(math.inf, -0.0), complex(math.nan, 7), 1e-40 + 16777217j, -3e38 + 65519j], name)
    if name.startswith("float"):
        wanted = [0.0, -0.0, 0.4, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, 127.5, -128.5, 255.5, 256, 32767.5, -32768.5, 65503,
                  65504, math.inf, -math.inf, math.nan, 6e-8, -6e-5]
        if name != "float16":
            wanted += [65519.996, 65520, 65535.5, 8388607.5, 16777217, 2147483520, 2147483648, -2147483904, 4294967040, 4294967296,
                       9.2233715e18, 9.3e18, -9.3e18, 1.85e19, 3e38, 2.9802322e-08, 2.9802326e-08, 1e-45]
        if name == "float64":
            wanted += [2147483647.4, 2147483647.5, -2147483648.5, 4294967295.5, 4503599627370495.5, 4503599627370497.5,
                       9007199254740993, 9223372036854774784, 18446744073709549568, 1e300, 1 + 2 ** -11 + 2 ** -40, 1e-310]
        with np.errstate(over="ignore"):
            return np.array(wanted, "float64").astype(name)
    low, high = limits(name)
    wanted = {0, 1, 2, 100, 127, 128, 129, 255, 256, 257, 2049, 2051, 32767, 32768, 65504, 65519, 65520, 65535, 65536, 16777217, 16777219,
              2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 + 1, 2**53 + 3, 2**63 - 1, 2**63, 2**64 - 1, -1, -2, -128, -129, -255,
              -32768, -32769, -(2**31), -(2**31) - 1, -(2**53) - 1, -(2**63), low, high}
    return np.array(sorted(v for v in wanted if low <= v <= high), name)


def saturated(number, name):
    low, high = limits(name)
    if isinstance(number, float):
        if math.isnan(number):
            return 0
        number = high if number == math.inf else low if number == -math.inf else round(number)
    return min(max(number, low), high)


def cast(source, array, target):
    if source == "bool":
        array = (array != 0).astype(np.uint8)
    if target == "bool":
        return (array != 0).astype(np.uint8)
    if target.startswith(("float", "complex")):
        with np.errstate(over="ignore", invalid="ignore"):
            return array.astype(target)
    return np.array([saturated(v, target) for v in array.tolist()], target)


def full_range(name):
    return (0.0, 1.0) if name == "bool" or name.startswith(("float", "complex")) else tuple(map(float, limits(name)))


def linear(source, array, target, inputs, outputs):
    if source == "bool":
        array = (array != 0).astype(np.uint8)
    with np.errstate(all="ignore"):
        wide = array.astype("float64")
        mapped = (wide - inputs[0]) * (outputs[1] - outputs[0]) / (inputs[1] - inputs[0]) + outputs[0]
    return cast("float64", mapped, target)


def hexadecimal(array):
    return array.astype(array.dtype.newbyteorder("<")).tobytes().hex()


print("// Made by make_conversions.py with NumPy " + np.__version__ + ". Little-endian bytes in hexadecimal.")
print()
print("enum NumPyConversions {")
print("  /// Source type, its values.")
print("  static let sources: [(type: String, bytes: String)] = [")
for name in REAL + COMPLEX:
    print(f'    ("{name}", "{hexadecimal(values(name))}"),')
print("  ]")
print()
print("  /// Source type, target type, what a cast of the values gives.")
print("  static let casts: [(source: String, target: String, bytes: String)] = [")
for source in REAL + COMPLEX:
    for target in REAL + COMPLEX:
        if source in COMPLEX and target not in COMPLEX:
            continue
        array = values(source)
        result = array if source == target else cast(source, array, target)
        print(f'    ("{source}", "{target}", "{hexadecimal(result)}"),')
print("  ]")
print()
print("  /// Source type, target type, ranges, what a linear map of the values gives.")
print("  static let maps: [(source: String, target: String, input: (Double, Double), output: (Double, Double), bytes: String)] = [")
pairs = [(s, t, full_range(s), full_range(t)) for s, t in [
    ("uint8", "uint16"), ("uint16", "uint8"), ("uint8", "float32"), ("uint16", "float64"), ("float32", "uint8"), ("float64", "uint16"),
    ("int16", "uint16"), ("uint32", "int8"), ("uint64", "uint8"), ("bool", "uint8"), ("uint8", "bool"), ("float16", "int32"),
    ("int64", "float32"), ("float32", "complex64")]]
pairs += [("uint16", "uint8", (100.0, 2049.0), (0.0, 255.0)), ("float32", "int16", (-1.5, 2.5), (10.0, -10.0)[::-1]),
          ("int32", "float16", (-100.0, 300.0), (-0.25, 0.75)), ("float64", "int64", (0.0, 3.0), (0.0, 1e18))]
for source, target, inputs, outputs in pairs:
    result = linear(source, values(source), target, inputs, outputs)
    print(f'    ("{source}", "{target}", {inputs}, {outputs}, "{hexadecimal(result)}"),')
print("  ]")
print("}")
