import IOLinkCore

/// An object of the global heap, as an element of variable length refers to it.
struct HDF5GlobalHeapReference: Hashable, Sendable {
  let byteCount: Int
  /// The address of the collection, and the number of the object in it.
  let address: Int
  let index: Int
  /// Where the bytes of the object begin.
  let contentAddress: Int

  /// The size of the reference itself.
  static let size = 16

  var encoded: [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.integer(byteCount, 4)
    builder.address(address)
    builder.integer(index, 4)
    return builder.bytes
  }
}

/// Gathers objects of the global heap in collections of about 64 KiB, one behind the other; long objects have their own.
///
/// Source: HDF5 File Format Specification 4.0, III.E.
struct HDF5GlobalHeapBuilder: Sendable {
  /// The address of the first collection.
  private let base: Int
  /// The complete collections.
  private var collections = HDF5BlockBuilder()
  /// The objects of the present collection.
  private var objects = HDF5BlockBuilder()
  private var objectCount = 0

  private static let headByteCount = 16
  private static let objectHeadByteCount = 16
  private static let minimumByteCount = 4096
  private static let usualByteCount = 64 << 10

  init(at base: Int) { self.base = base }

  /// Adds an object.
  ///
  /// - Throws: `unsupported` when it has more bytes than a reference can state.
  mutating func add(_ bytes: [UInt8]) throws(IOLinkError) -> HDF5GlobalHeapReference {
    guard bytes.count <= Int(UInt32.max) else {
      throw .hdf5(.unsupported, "a text has \(bytes.count) bytes, expected less than 4 GiB")
    }
    if objects.count + bytes.count > Self.usualByteCount || objectCount == Int(UInt16.max) { completeCollection() }
    objectCount += 1
    let content = base + collections.count + Self.headByteCount + objects.count + Self.objectHeadByteCount
    objects.integer(objectCount, 2)
    objects.zeros(6)  // References are not counted.
    objects.length(bytes.count)
    objects.append(bytes.aligned)
    return HDF5GlobalHeapReference(byteCount: bytes.count, address: base + collections.count, index: objectCount, contentAddress: content)
  }

  private mutating func completeCollection() {
    guard objectCount > 0 else { return }
    // What is left is an object, too, which has at least the size of its head.
    let used = Self.headByteCount + objects.count
    let size = max(Self.minimumByteCount, used + Self.headByteCount)
    collections.signature("GCOL")
    collections.append([1, 0, 0, 0])
    collections.length(size)
    collections.append(objects.bytes)
    collections.zeros(8)
    collections.length(size - used)
    collections.zeros(size - used - Self.headByteCount)
    objects = HDF5BlockBuilder()
    objectCount = 0
  }

  /// Returns all collections.
  mutating func finish() -> [UInt8] {
    completeCollection()
    return collections.bytes
  }
}
