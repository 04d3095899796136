import IOLinkCore

/// Writes dimension scales and texts.
///
/// Source: HDF5 Dimension Scale Specification, version 1.0; for scales without coordinates, NetCDF-4 Format Specification, "Dimensions
/// without coordinate variables".
struct HDF5SmallDatasetWriter: Sendable {
  private let form: HDF5WriteForm

  init(_ form: HDF5WriteForm) { self.form = form }

  /// Writes a dataset, and returns the address of its header.
  ///
  /// - Parameters:
  ///   - length: The length of the dimensions to which the scale is attached.
  ///   - users: The dimensions, and the addresses of the headers of their datasets.
  func write(
    _ plan: HDF5SmallDataset, length: Int, _ users: [HDF5DimensionReference], to output: inout HDF5Output
  ) throws(IOLinkError) -> Int {
    if case .texts(let texts, let isList) = plan.content {
      return try write(texts, isList: isList, plan, Self.structure(plan.name, users), to: &output)
    }
    let coordinates = plan.coordinates(count: length)
    let structure = Self.structure(coordinates == nil ? Self.sentence(length) : plan.name, users)
    let object = try HDF5WrittenObject(attributes: plan.attributes, structure: structure, form, to: &output)
    let type: ComponentType = coordinates == nil ? .float32 : .float64
    var address: Int?
    if let coordinates, !coordinates.isEmpty {
      try output.align()
      address = try output.append(unsafe coordinates.span.bytes.byteArray())  // numbers without padding
    }
    return try finish(
      object, .number(type), [length], address: address, byteCount: try Checked.multiply(length, type.byteCount), to: &output)
  }

  private func write(
    _ texts: [String], isList: Bool, _ plan: HDF5SmallDataset, _ structure: [HDF5WrittenAttribute], to output: inout HDF5Output
  ) throws(IOLinkError) -> Int {
    let object = try HDF5WrittenObject(attributes: plan.attributes, structure: structure, form, to: &output)
    try output.align()
    var heap = HDF5GlobalHeapBuilder(at: output.end)
    let value: MetadataValue = isList ? .texts(texts) : .text(texts.first ?? "")
    let elements = try HDF5WrittenAttribute(HDF5WritePlan.Attribute(name: plan.name, value: value), heap: &heap)
    try output.append(heap.finish())
    try output.align()
    let address = elements.data.isEmpty ? nil : try output.append(elements.data)
    return try finish(object, elements.type, elements.shape, address: address, byteCount: elements.data.count, to: &output)
  }

  private func finish(
    _ object: HDF5WrittenObject, _ type: HDF5WrittenType, _ shape: [Int], address: Int?, byteCount: Int, to output: inout HDF5Output
  ) throws(IOLinkError) -> Int {
    try output.align()
    return try output.append(
      object.header([
        .dataspace(HDF5Dataspace(lengths: shape), form), .datatype(type), .fillValue(address == nil ? .never : .contiguous, form),
        .contiguousLayout(address: address, byteCount: byteCount, form),
      ]))
  }

  /// The attributes of a scale; none if nothing is attached to it.
  private static func structure(_ name: String, _ users: [HDF5DimensionReference]) -> [HDF5WrittenAttribute] {
    users.isEmpty ? [] : scaleMarks(name) + [.referenceList(users)]
  }

  /// The attributes by which libraries recognise a scale.
  static func scaleMarks(_ name: String) -> [HDF5WrittenAttribute] {
    [.terminatedText("CLASS", "DIMENSION_SCALE"), .terminatedText("NAME", name)]
  }

  /// What netCDF-4 writes as the name of a scale without coordinates: the sentence, and the length in ten places.
  private static func sentence(_ length: Int) -> String {
    let digits = String(length)
    return "This is a netCDF dimension but not a netCDF variable." + String(repeating: " ", count: max(0, 10 - digits.count)) + digits
  }
}

/// A dimension of a dataset, as scales refer to it.
struct HDF5DimensionReference: Sendable {
  /// The address of the header of the dataset.
  let dataset: Int
  let dimension: Int
}
