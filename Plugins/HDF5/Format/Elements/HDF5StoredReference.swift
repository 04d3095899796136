import IOLinkCore

/// A reference to an object, to a part of a dataset or to an attribute.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.d, class 7. What it leaves open about references of version 4 was found with
/// the files that libhdf5 writes: two bytes with the kind and flags, and for objects of the same file the token that follows; for all
/// others a size (4) and an object of the global heap with the token and what else belongs to it.
struct HDF5StoredReference: Hashable, Sendable {
  /// The address of the object's header; `nil` for a reference to nothing.
  let address: Int?
  let target: Target

  enum Target: Hashable, Sendable {
    case object
    /// A part of the dataset.
    case region
    /// The attribute of this name.
    case attribute(String)
    /// An object of another file, of this name.
    case external(file: String)
  }

  private init(_ address: Int?, _ target: Target) {
    self.address = address
    self.target = target
  }

  /// - Parameter block: One stored reference.
  init(_ block: HDF5Block, _ type: HDF5Reference, _ heap: HDF5GlobalHeapCache) throws(IOLinkError) {
    var block = block
    switch type.kind {
    case .object: self.init(Self.defined(try block.address()), .object)
    case .region:
      guard let collection = Self.defined(try block.address()) else {
        self.init(nil, .region)
        return
      }
      let index = try block.integer(4)
      var object = HDF5Block(
        try heap.object(at: collection, index: index), at: block.origin, "region reference", block.offsetSize, block.lengthSize)
      self.init(Self.defined(try object.address()), .region)
    case .newObject, .newRegion, .attribute: try self.init(new: &block, heap)
    }
  }

  /// Reads a reference of version 4, which states its own kind, so that one type serves all kinds.
  private init(new block: inout HDF5Block, _ heap: HDF5GlobalHeapCache) throws(IOLinkError) {
    let kind = try block.byte()
    let isExternal = try block.byte() & 1 != 0
    guard kind != 0 else {
      self.init(nil, .object)
      return
    }
    guard kind != HDF5Reference.Kind.newObject.rawValue || isExternal else {
      self.init(try Self.token(&block), .object)
      return
    }
    let size = try block.integer(4)
    guard let collection = Self.defined(try block.address()) else {
      self.init(nil, .object)
      return
    }
    let stored = try heap.object(at: collection, index: try block.integer(4))
    var object = HDF5Block(Array(stored.prefix(size)), at: block.origin, "reference", block.offsetSize, block.lengthSize)
    let address = try Self.token(&object)
    if isExternal {
      self.init(address, .external(file: try Self.text(&object)))
      return
    }
    switch HDF5Reference.Kind(rawValue: kind) {
    case .newRegion: self.init(address, .region)
    case .attribute: self.init(address, .attribute(try Self.text(&object)))
    default: throw block.error("the kind of a reference is \(kind), expected 2 to 4", .unsupported)
    }
  }

  /// The address of an object, behind its size.
  private static func token(_ block: inout HDF5Block) throws(IOLinkError) -> Int? {
    let size = try block.byte()
    guard size <= 8 else { throw block.error("a token has \(size) bytes, expected at most 8", .unsupported) }
    return Self.defined(try block.integer(size))
  }

  /// A text behind its size.
  private static func text(_ block: inout HDF5Block) throws(IOLinkError) -> String {
    String(decoding: try block.take(try block.integer(2)).prefix { $0 != 0 }, as: UTF8.self)
  }

  /// References that were never set are zeros.
  private static func defined(_ address: Int?) -> Int? { address == 0 ? nil : address }

  /// Describes the reference as text.
  ///
  /// - Parameter path: Returns the path of the object at an address.
  /// - Returns: The path of an object; empty for a reference to nothing.
  func text(_ path: (Int) -> String?) -> String {
    guard let address else { return "" }
    if case .external(let file) = target { return "an object of \(file)" }
    let object = path(address) ?? "an object without a path"
    switch target {
    case .object, .external: return object
    case .region: return "a region of \(object)"
    case .attribute(let name): return "attribute \(name) of \(object)"
    }
  }
}
