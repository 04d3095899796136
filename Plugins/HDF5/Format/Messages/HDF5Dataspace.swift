import IOLinkCore

/// The shape of a dataset or attribute.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.b.
struct HDF5Dataspace: Hashable, Sendable {
  /// Whether there are neither elements nor a shape.
  let isNull: Bool
  /// The lengths, slowest first; empty for a single element.
  let lengths: [Int]
  /// The lengths to which the dimensions can grow, as many as there are `lengths`; `nil` is unlimited.
  let maximum: [Int?]

  init(isNull: Bool = false, lengths: [Int], maximum: [Int?]? = nil) {
    self.isNull = isNull
    self.lengths = lengths
    self.maximum = maximum ?? lengths
  }

  init(_ block: HDF5Block) throws(IOLinkError) {
    throw block.error("dataspaces", .unsupported)
  }
}
