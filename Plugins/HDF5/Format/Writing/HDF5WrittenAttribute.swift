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
    case .text(let text): (type, shape, data) = (Self.type(of: [text]), [], try Self.data([text], &heap))
    case .texts(let texts): (type, shape, data) = (Self.type(of: texts), [texts.count], try Self.data(texts, &heap))
    case .bytes(let bytes): (type, shape, data) = (.number(.uint8), [bytes.count], bytes)
    case .numbers(let numbers): (type, shape, data) = (.number(numbers.componentType), numbers.shape, numbers.bytes)
    }
    guard shape.count <= HDF5Dataspace.maximumRank, !name.isEmpty, !name.utf8.contains(0), name.utf8.count < 65_535,
      type.byteCount <= Int(UInt32.max)
    else { throw .hdf5(.invalidArgument, "attribute \(name) of shape \(shape) cannot be stored") }
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
