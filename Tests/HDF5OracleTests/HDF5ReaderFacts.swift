import IOLinkCore
import IOLinkSystem

@testable import HDF5Plugin

/// What our reader says about a file.
struct HDF5ReaderFacts {
  private let reader: HDF5StructureReader
  private let listing: HDF5Listing
  private let objects: HDF5Objects

  init(_ path: String) throws {
    var context = OpenContext(runtime: Runtime(executor: SerialExecutor()))
    context.permissions.insert(.siblings)
    objects = try HDF5Objects(DataSource.file(path, permissions: .siblings), context: context, decoders: .none)
    reader = objects.structure
    listing = try reader.listing()
  }

  /// The paths of the objects and links that could not be opened.
  var unreadable: [String] {
    listing.entries.compactMap { entry in
      if case .unreadable = entry.content { entry.path } else { nil }
    }
  }

  var file: HDF5FileFacts {
    HDF5FileFacts(
      groupCount: listing.groupCount,
      datasets: listing.entries.compactMap { entry in
        if case .dataset = entry.content { entry.path } else { nil }
      })
  }

  /// - Returns: `nil` for a dataset without a shape, which our reader does not describe.
  func dataset(_ path: String) throws -> HDF5DatasetFacts? {
    let entry = listing.entries.first { $0.path == path }
    if case .dataset(_, _, nil)? = entry?.content { return nil }
    let dataset = try reader.dataset(at: path)
    let isNumeric = (try? HDF5PixelType(dataset.datatype)) != nil
    let zeros = [UInt8](repeating: 0, count: dataset.datatype.byteCount)
    var shape = dataset.shape
    // A virtual dataset is as long as its sources.
    if case .virtual = dataset.layout, isNumeric { shape = try HDF5Image(plain: dataset, in: objects).layout.dimensions }
    return HDF5DatasetFacts(
      space: HDF5Dataspace(lengths: shape, maximum: dataset.maximum), datatype: dataset.datatype.withoutReferenceSizes,
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
      let chunks = try chunks(of: dataset, layout).map {
        HDF5DatasetFacts.Chunk(start: zip($0.chunk, layout.shape).map { $0 * $1 }, location: $0.location)
      }
      return .chunked(shape: layout.shape, chunks.sorted { $0.start.lexicographicallyPrecedes($1.start) })
    }
  }

  private func chunks(
    of dataset: HDF5Dataset, _ layout: HDF5ChunkedLayout
  ) throws(IOLinkError) -> [(chunk: [Int], location: HDF5ChunkLocation)] {
    var chunks: [(chunk: [Int], location: HDF5ChunkLocation)] = []
    try reader.chunkIndex(layout, of: dataset).forEachWritten { chunk, location throws(IOLinkError) in
      chunks.append((chunk, location))
      return true
    }
    return chunks
  }

  /// Whether an extensible array has the chunks of a dataset.
  func hasExtensibleArray(_ path: String) throws -> Bool {
    if case .chunked(let layout) = try reader.dataset(at: path).layout, case .extensibleArray = layout.index { true } else { false }
  }

  /// Whether the index finds the chunks one by one where it lists them.
  func findsEveryChunk(_ path: String) throws -> Bool {
    let dataset = try reader.dataset(at: path)
    guard case .chunked(let layout) = dataset.layout else { return true }
    let index = try reader.chunkIndex(layout, of: dataset)
    return try chunks(of: dataset, layout).allSatisfy { try index.location(of: $0.chunk) == $0.location }
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
