import Foundation
import IOLinkCore

@testable import HDF5Plugin

/// A fixture of the format's structures, opened with our own code.
struct HDF5FormatFile: Sendable {
  let context: HDF5FileContext

  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")

  init(_ name: String) throws {
    let data = try Data(contentsOf: Self.fixtures.appending(path: name))
    try self.init([UInt8](data))
  }

  init(_ bytes: [UInt8]) throws(IOLinkError) {
    context = try HDF5FileContext(MemoryRandomAccess(bytes), limits: ReadLimits())
  }

  /// Returns the header of an object at a path of hard links.
  func header(_ path: String) throws(IOLinkError) -> HDF5ObjectHeader {
    var header = try HDF5ObjectHeader(at: context.superblock.rootAddress, in: context)
    for name in path.split(separator: "/") {
      guard case .hard(let address) = try HDF5Group(header, in: context).link(named: String(name))?.target else {
        throw IOLinkError(.notFound, path)
      }
      header = try HDF5ObjectHeader(at: address, in: context)
    }
    return header
  }

  func dataspace(_ header: HDF5ObjectHeader) throws(IOLinkError) -> HDF5Dataspace {
    guard let message = header.message(.dataspace) else { throw IOLinkError(.notFound, "dataspace") }
    return try HDF5Dataspace(message.body)
  }

  func layout(_ header: HDF5ObjectHeader) throws(IOLinkError) -> HDF5LayoutMessage {
    guard let message = header.message(.layout) else { throw IOLinkError(.notFound, "layout") }
    return try HDF5LayoutMessage(message.body)
  }

  /// Makes the chunk index of a dataset.
  func chunkIndex(_ name: String) throws(IOLinkError) -> (index: any HDF5ChunkIndexReader, layout: HDF5ChunkedLayout, shape: [Int]) {
    let header = try header(name)
    let space = try dataspace(header)
    guard case .chunked(let layout) = try layout(header) else { throw IOLinkError(.notFound, "chunks") }
    let pipeline = try header.message(.filterPipeline).map { message throws(IOLinkError) in try HDF5FilterPipeline(message.body) }
    let index = try makeHDF5ChunkIndex(
      layout, shape: space.lengths, maximum: space.maximum, hasFilters: pipeline?.filters.isEmpty == false, in: context.bytes)
    return (index, layout, space.lengths)
  }
}
