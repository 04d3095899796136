import IOLinkCore

/// Values that attributes of HDF5 could hold as they are, but then other programs could not read them.
///
/// Byte strings are stored as one-dimensional arrays of `uint8`, because many programs cannot read opaque values. Arrays of several
/// dimensions that have no name outside this library are stored as one-dimensional arrays, because netCDF refuses a file that has others.
/// Further attributes of the same object list their names, and the lengths of the dimensions. Programs that copy the attributes of an
/// object copy the lists with them.
enum HDF5AttributeForms {
  private typealias Mark = HDF5Attributes.Mark

  /// Returns the attributes in the form in which they are stored, and the lists.
  static func stored(_ attributes: [HDF5WritePlan.Attribute]) -> [HDF5WritePlan.Attribute] {
    var (bytes, arrays): ([String], [String]) = ([], [])
    var result = attributes
    for (index, attribute) in attributes.enumerated() {
      switch attribute.value {
      case .bytes: bytes.append(attribute.name)
      case .numbers(let numbers) where numbers.shape.count > 1 && attribute.name.hasPrefix("/"):
        guard let flat = reshaped(numbers, [numbers.count]) else { continue }
        result[index] = HDF5WritePlan.Attribute(name: attribute.name, value: .numbers(flat))
        arrays.append(numbers.shape.map { "\($0)" }.joined(separator: ",") + " " + attribute.name)
      default: continue
      }
    }
    for (mark, names) in [(Mark.bytes, bytes), (Mark.arrays, arrays)] where !names.isEmpty {
      result.append(HDF5WritePlan.Attribute(name: mark, value: .texts(names)))
    }
    return result
  }

  /// Returns the attributes in their own form, without the lists.
  ///
  /// A listed attribute with another kind of value was changed since and stays as it is. A list that names no attribute that fits is not
  /// one of ours, and remains an attribute.
  static func restored(_ stored: [HDF5Attribute]) -> [HDF5Attribute] {
    guard !stored.isEmpty else { return stored }
    let bytes = Set(texts(Mark.bytes, of: stored))
    let shapes = Dictionary(texts(Mark.arrays, of: stored).compactMap(shape)) { first, _ in first }
    guard !bytes.isEmpty || !shapes.isEmpty else { return stored }
    var found: Set<String> = []
    let attributes = stored.map { attribute -> HDF5Attribute in
      guard case .metadata(.numbers(let numbers)) = attribute.value, numbers.shape.count == 1 else { return attribute }
      if bytes.contains(attribute.name), numbers.componentType == .uint8 {
        found.insert(Mark.bytes)
        return HDF5Attribute(name: attribute.name, value: .metadata(.bytes(numbers.bytes)))
      }
      guard let shape = shapes[attribute.name], let array = reshaped(numbers, shape) else { return attribute }
      found.insert(Mark.arrays)
      return HDF5Attribute(name: attribute.name, value: .metadata(.numbers(array)))
    }
    return attributes.filter { !found.contains($0.name) }
  }

  private static func texts(_ mark: String, of attributes: [HDF5Attribute]) -> [String] {
    guard case .metadata(.texts(let texts))? = attributes.first(where: { $0.name == mark })?.value else { return [] }
    return texts
  }

  /// Returns the name and the lengths of an entry such as `2,3,1 /planes/time`.
  private static func shape(_ entry: String) -> (name: String, lengths: [Int])? {
    let parts = entry.split(separator: " ", maxSplits: 1)
    let lengths = parts.first?.split(separator: ",").map { Int($0) } ?? []
    guard parts.count == 2, !lengths.contains(nil) else { return nil }
    return (String(parts[1]), lengths.compactMap { $0 })
  }

  /// Returns the numbers as an array of another shape; `nil` when it has another number of elements.
  private static func reshaped(_ numbers: NumericArray, _ shape: [Int]) -> NumericArray? {
    guard shape.count <= AxisVector.maximumRank, (try? AxisVector(shape).elementCount()) == numbers.count else { return nil }
    return try? NumericArray(numbers.componentType, shape: shape, bytes: numbers.bytes)
  }
}
