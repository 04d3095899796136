import IOLinkCore

/// An attribute that is being written: its name, type, shape and data, the latter with references to the global heap.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.m.
struct HDF5WrittenAttribute: Sendable {
  let name: String
  let type: HDF5WrittenType
  let shape: [Int]
  let data: [UInt8]

  /// - Parameter heap: Takes the texts of variable length.
  /// - Throws: `invalidArgument` when the name or the shape cannot be stored; `unsupported` for texts of 4 GiB.
  init(_ attribute: HDF5WritePlan.Attribute, heap: inout HDF5GlobalHeapBuilder) throws(IOLinkError) {
    name = attribute.name
    switch attribute.value {
    case .text(let text) where attribute.form == .fixed:
      (type, shape, data) = (.terminatedText(text.utf8.count + 1), [], Array(text.utf8) + [0])
    case .text(let text) where attribute.form == .characters:
      (type, shape, data) = (.terminatedText(1), [text.utf8.count], Array(text.utf8))
    case .text(let text): (type, shape, data) = (Self.type(of: [text]), [], try Self.data([text], &heap))
    case .texts(let texts): (type, shape, data) = (Self.type(of: texts), [texts.count], try Self.data(texts, &heap))
    case .bytes(let bytes): (type, shape, data) = (.number(.uint8), [bytes.count], bytes)
    case .numbers(let numbers): (type, shape, data) = (.number(numbers.componentType), numbers.shape, numbers.bytes)
    }
    guard shape.count <= HDF5Dataspace.maximumRank, !name.isEmpty, !name.utf8.contains(0), name.utf8.count < 65_535,
      type.byteCount <= Int(UInt32.max)
    else { throw .hdf5(.invalidArgument, "attribute \(name) of shape \(shape) cannot be stored") }
  }

  private init(_ name: String, _ type: HDF5WrittenType, _ shape: [Int], _ data: [UInt8]) {
    (self.name, self.type, self.shape, self.data) = (name, type, shape, data)
  }

  /// Makes a text of fixed size, as the attributes have it by which scales are recognised.
  static func terminatedText(_ name: String, _ text: String) -> HDF5WrittenAttribute {
    let bytes = Array(text.utf8) + [0]
    return HDF5WrittenAttribute(name, .terminatedText(bytes.count), [], bytes)
  }

  /// Makes the attribute that names the scales of each dimension.
  ///
  /// - Parameters:
  ///   - scaleCounts: How many scales each dimension has.
  ///   - places: Gets the places of the addresses of the scales of each dimension, which are zero until they are known.
  /// - Throws: Nothing that references this short can cause.
  static func dimensionList(
    _ scaleCounts: [Int], heap: inout HDF5GlobalHeapBuilder, places: inout [[Int]]
  ) throws(IOLinkError) -> HDF5WrittenAttribute {
    var builder = HDF5BlockBuilder()
    for count in scaleCounts {
      guard count > 0 else {
        builder.zeros(HDF5GlobalHeapReference.size)
        places.append([])
        continue
      }
      let reference = try heap.add([UInt8](repeating: 0, count: 8 * count))
      places.append((0..<count).map { reference.contentAddress + 8 * $0 })
      // The length of a list counts elements.
      builder.integer(count, 4)
      builder.append(Array(reference.encoded.dropFirst(4)))
    }
    return HDF5WrittenAttribute("DIMENSION_LIST", .references, [scaleCounts.count], builder.bytes)
  }

  /// Makes the attribute that names the dimensions to which a scale is attached.
  static func referenceList(_ users: [HDF5DimensionReference]) -> HDF5WrittenAttribute {
    var builder = HDF5BlockBuilder()
    for user in users {
      var dimension: [UInt8] = []
      dimension.append(UInt32(user.dimension), order: .native)
      builder.address(user.dataset)
      builder.append(dimension.aligned)
    }
    return HDF5WrittenAttribute("REFERENCE_LIST", .dimensionReference, [users.count], builder.bytes)
  }

  /// Texts have a variable length, as h5py writes them, and a fixed one where a text has a zero inside.
  private static func type(of texts: [String]) -> HDF5WrittenType {
    guard texts.contains(where: { $0.utf8.contains(0) }) else { return .text }
    return .paddedText(max(1, texts.map(\.utf8.count).max() ?? 1))
  }

  private static func data(_ texts: [String], _ heap: inout HDF5GlobalHeapBuilder) throws(IOLinkError) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    if case .paddedText(let size) = type(of: texts) {
      for text in texts {
        builder.append(Array(text.utf8))
        builder.zeros(size - text.utf8.count)
      }
      return builder.bytes
    }
    for text in texts { builder.append(try heap.add(Array(text.utf8)).encoded) }
    return builder.bytes
  }

  /// The body of the attribute message: version 3 where the name is not ASCII and in the latest form, otherwise version 1.
  func encoded(_ form: HDF5WriteForm) -> [UInt8] {
    let isNew = form == .latest || !name.utf8.allSatisfy { $0 < 128 }
    let space = HDF5Dataspace(lengths: shape).encoded(form)
    let text = Array(name.utf8) + [0]
    var builder = HDF5BlockBuilder()
    builder.append([isNew ? 3 : 1, 0])
    for size in [text.count, type.encoded.count, space.count] { builder.integer(size, 2) }
    if isNew { builder.integer(1, 1) }  // UTF-8
    for part in [text, type.encoded, space] { builder.append(isNew ? part : part.aligned) }
    builder.append(data)
    return builder.bytes
  }

}
