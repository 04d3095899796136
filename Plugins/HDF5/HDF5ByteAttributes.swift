import IOLinkCore

/// Byte strings, such as colour profiles, as attributes that other programs can read.
///
/// They are stored as one-dimensional arrays of `uint8`. A further attribute of the same object lists their names, so that they are
/// read as bytes and lists of small numbers are not. Programs that copy the attributes of an object copy the list with them.
enum HDF5ByteAttributes {
  /// Adds the list of the attributes that are byte strings, if there are any.
  static func marking(_ attributes: [HDF5WritePlan.Attribute]) -> [HDF5WritePlan.Attribute] {
    let names = attributes.compactMap { attribute -> String? in
      if case .bytes = attribute.value { attribute.name } else { nil }
    }
    return names.isEmpty ? attributes : attributes + [HDF5WritePlan.Attribute(name: HDF5Attributes.Mark.bytes, value: .texts(names))]
  }

  /// Turns the listed arrays of `uint8` into byte strings and removes the list.
  ///
  /// A listed attribute with another kind of value was changed since and stays as it is. A list that names no array of `uint8` is not
  /// one of ours, and remains an attribute.
  static func restored(_ stored: [HDF5Attribute]) -> [HDF5Attribute] {
    guard let mark = stored.first(where: { $0.name == HDF5Attributes.Mark.bytes }), case .metadata(.texts(let names)) = mark.value
    else { return stored }
    var found = false
    let listed = Set(names)
    let attributes = stored.filter { $0.name != mark.name }.map { attribute -> HDF5Attribute in
      guard listed.contains(attribute.name), case .metadata(.numbers(let numbers)) = attribute.value, numbers.componentType == .uint8,
        numbers.shape.count == 1
      else { return attribute }
      found = true
      return HDF5Attribute(name: attribute.name, value: .metadata(.bytes(numbers.bytes)))
    }
    return found ? attributes : stored
  }
}
