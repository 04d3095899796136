import IOLinkCore
import IOLinkSystem

@testable import HDF5Plugin

/// What our reader says about a file.
struct HDF5ReaderFacts {
  private let reader: HDF5StructureReader
  private let listing: HDF5Listing

  init(_ path: String) throws {
    reader = try HDF5StructureReader(FileRandomAccess(path: path), limits: ReadLimits())
    listing = try reader.objects()
  }

  /// The objects that could not be opened.
  var unreadable: [String] { listing.unreadable.map { "\($0.path): \($0.error)" } }

  var file: HDF5FileFacts { HDF5FileFacts(groupCount: listing.groupCount, datasets: listing.datasets.map(\.path)) }

  /// - Returns: `nil` for a dataset without a shape, which our reader does not describe.
  func dataset(_ path: String) throws -> HDF5DatasetFacts? {
    guard listing.datasets.first(where: { $0.path == path })?.isNull != true else { return nil }
    let dataset = try reader.dataset(at: path)
    let isNumeric = (try? HDF5PixelType(dataset.datatype)) != nil
    let zeros = [UInt8](repeating: 0, count: dataset.datatype.byteCount)
    return HDF5DatasetFacts(
      space: HDF5Dataspace(lengths: dataset.shape, maximum: dataset.maximum), datatype: dataset.datatype.withoutReferenceSizes,
      fillValue: isNumeric ? dataset.fillValue ?? zeros : nil, storage: try storage(of: dataset),
      filters: dataset.filters.map { HDF5DatasetFacts.Filter(id: $0.id, clientData: $0.clientData) })
  }

  private func storage(of dataset: HDF5Dataset) throws -> HDF5DatasetFacts.Storage {
    switch dataset.layout {
    case .compact: return .compact
    case .contiguous(let address): return .contiguous(offset: address)
    case .external(let parts): return .external(parts)
    case .virtual(let layout):
      return .virtual(layout.mappings.map { HDF5DatasetFacts.Source(file: $0.file, dataset: $0.dataset) })
    case .chunked(let layout):
      var chunks: [HDF5DatasetFacts.Chunk] = []
      let index = try reader.chunkIndex(layout, of: dataset)
      try index.forEachWritten { chunk, location throws(IOLinkError) in
        chunks.append(HDF5DatasetFacts.Chunk(start: zip(chunk, layout.shape).map { $0 * $1 }, location: location))
        return true
      }
      return .chunked(shape: layout.shape, chunks.sorted { $0.start.lexicographicallyPrecedes($1.start) })
    }
  }

  /// Whether the index finds the chunks one by one where it lists them.
  func findsEveryChunk(_ path: String) throws -> Bool {
    let dataset = try reader.dataset(at: path)
    guard case .chunked(let layout) = dataset.layout, case .chunked(_, let chunks) = try storage(of: dataset) else { return true }
    let index = try reader.chunkIndex(layout, of: dataset)
    for chunk in chunks {
      guard try index.location(of: zip(chunk.start, layout.shape).map { $0 / $1 }) == chunk.location else { return false }
    }
    return true
  }

  /// The attributes of the group or dataset at a path, in the order in which our reader gives them.
  func attributes(_ path: String) throws -> [HDF5AttributeFacts] {
    let header = try reader.header(at: reader.address(of: path))
    var messages = header.messages(.attribute)
    if messages.allSatisfy({ $0.creationOrder != nil }) { messages.sort { $0.creationOrder ?? 0 < $1.creationOrder ?? 0 } }
    return try (messages.map(\.body) + denseAttributeBlocks(of: header, in: reader.context)).map { block in
      let message = try HDF5AttributeMessage(block, in: reader.context)
      return HDF5AttributeFacts(
        name: message.name, space: message.dataspace, datatype: message.datatype.withoutReferenceSizes,
        bytes: message.datatype.refersElsewhere ? nil : message.data)
    }
  }
}
