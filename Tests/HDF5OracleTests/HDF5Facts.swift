@testable import HDF5Plugin

/// What a program says about a dataset.
struct HDF5DatasetFacts {
  var space: HDF5Dataspace
  var datatype: HDF5Datatype
  /// The fill value as one element; `nil` where it is not compared.
  var fillValue: [UInt8]?
  var storage: Storage
  var filters: [Filter]

  enum Storage: Equatable {
    case compact
    /// The offset from the beginning of the file; `nil` when nothing was written.
    case contiguous(offset: Int?)
    case external([HDF5Storage.ExternalPart])
    /// The chunks that were written, in row-major order.
    case chunked(shape: [Int], [Chunk])
    case virtual([Source])
  }

  struct Chunk: Hashable {
    /// Where the chunk begins in the dataset.
    let start: [Int]
    let location: HDF5ChunkLocation
  }

  struct Source: Hashable {
    let file: String
    let dataset: String
  }

  struct Filter: Hashable {
    let id: Int
    let clientData: [UInt32]
  }
}

/// What a program says about an attribute.
struct HDF5AttributeFacts: Equatable {
  var name: String
  var space: HDF5Dataspace
  var datatype: HDF5Datatype
  /// The elements as stored; `nil` when a part of them is elsewhere in the file.
  var bytes: [UInt8]?
}

/// The objects of a file in the order of a walk that begins at the root: the object that a hard link leads to comes directly after its
/// group, and once, however many links lead to it.
struct HDF5FileFacts {
  var groupCount = 0
  /// The paths of the datasets.
  var datasets: [String] = []
}

extension HDF5Datatype {
  /// The type without the sizes of references to other parts of the file, which in memory are not those in the file.
  var withoutReferenceSizes: HDF5Datatype {
    switch self {
    case .string(var string) where string.isVariable:
      string.byteCount = 0
      return .string(string)
    case .sequence(let base, _): return .sequence(of: base.withoutReferenceSizes, byteCount: 0)
    case .reference(let reference): return .reference(HDF5Reference(kind: reference.kind, byteCount: 0))
    case .array(let lengths, let base): return .array(lengths, of: base.withoutReferenceSizes)
    case .compound(let byteCount, var members):
      let isHere = !refersElsewhere
      for index in members.indices {
        members[index].type = members[index].type.withoutReferenceSizes
        if !isHere { members[index].byteOffset = 0 }
      }
      return .compound(byteCount: isHere ? byteCount : 0, members: members)
    default: return self
    }
  }

  /// Whether elements consist of references to other parts of the file, or have such members.
  var refersElsewhere: Bool {
    switch self {
    case .string(let string): string.isVariable
    case .sequence, .reference: true
    case .array(_, let base): base.refersElsewhere
    case .compound(_, let members): members.contains { $0.type.refersElsewhere }
    default: false
    }
  }
}
