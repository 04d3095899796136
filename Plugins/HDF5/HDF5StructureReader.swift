import IOLinkCore

/// Reads the structure of one HDF5 file: everything except the elements of datasets.
///
/// Shapes are in file order, slowest first. All methods can be called from several threads at once.
final class HDF5StructureReader: Sendable {
  let context: HDF5FileContext
  let globalHeap: HDF5GlobalHeapCache
  private let isClosed = Guarded(false)
  private let headers: HDF5StructureCache<Int, HDF5ObjectHeader>

  /// Reads the superblock and its extension.
  ///
  /// - Parameter head: The first bytes of the file, where they are known.
  /// - Throws: What ``HDF5FileContext`` throws.
  init(_ source: any RandomAccess, head: [UInt8] = [], limits: ReadLimits) throws(IOLinkError) {
    context = try HDF5FileContext(source, head: head, limits: limits)
    globalHeap = HDF5GlobalHeapCache(context.bytes)
    headers = HDF5StructureCache(byteCount: min(1 << 20, limits.metadataByteCount)) { header in
      header.messages.reduce(0) { $0 + MemoryLayout<HDF5Message>.stride + $1.body.bytes.count }
    }
  }

  var limits: ReadLimits { context.bytes.limits }

  /// Closes the file. Later calls fail.
  func close() { isClosed.withLock { $0 = true } }

  /// Reads the header of the object at an address. Headers are kept, unless another program may be changing them.
  func header(at address: Int) throws(IOLinkError) -> HDF5ObjectHeader {
    guard !isClosed.withLock({ $0 }) else { throw .hdf5(.invalidArgument, "the file is closed") }
    guard !context.superblock.isMarkedAsOpen else {
      return try context.retrying { () throws(IOLinkError) in try HDF5ObjectHeader(at: address, in: context) }
    }
    return try headers.structure(address) { () throws(IOLinkError) in try HDF5ObjectHeader(at: address, in: context) }
  }

  // MARK: Attributes

  /// Returns the attributes of a group or dataset. Attributes that cannot be read are left out.
  ///
  /// - Throws: `notFound` when the object does not exist; `malformed` when the attributes cannot be listed; `limitExceeded` when they
  ///   take more bytes than the limits allow.
  func attributes(at path: String) throws(IOLinkError) -> [HDF5Attribute] { try attributes(of: try header(at: address(of: path))) }

  func attributes(of header: HDF5ObjectHeader) throws(IOLinkError) -> [HDF5Attribute] {
    var compact = header.messages(.attribute)
    if compact.allSatisfy({ $0.creationOrder != nil }) { compact = compact.ordered { $0.creationOrder ?? 0 < $1.creationOrder ?? 0 } }
    let blocks = compact.map(\.body) + (try denseAttributeBlocks(of: header, in: context))
    try limits.check(blocks.count, atMost: \.entryCount, "attributes")
    var attributes: [HDF5Attribute] = []
    var budget = limits.metadataByteCount
    for block in blocks {
      do throws(IOLinkError) {
        let message = try HDF5AttributeMessage(block, in: context)
        let value = try HDF5AttributeValue(message, globalHeap, context.bytes).value(&budget)
        attributes.append(HDF5Attribute(name: message.name, value: value))
      } catch where error.code != .limitExceeded {
        // One damaged attribute does not hide the others.
        attributes.append(HDF5Attribute(name: HDF5AttributeMessage.name(in: block), value: .unreadable(error)))
      }
    }
    return attributes
  }

  // MARK: Datasets

  /// Returns the description of a dataset.
  ///
  /// - Throws: `notFound` when an object does not exist at that path; `unsupported` when it is not a dataset, or has neither elements nor
  ///   a shape; `malformed` when its description is damaged.
  func dataset(at path: String) throws(IOLinkError) -> HDF5Dataset { try dataset(path, at: address(of: path)) }

  /// Returns the description of the dataset whose header is at an address.
  ///
  /// - Throws: As for a path.
  func dataset(_ path: String, at address: Int) throws(IOLinkError) -> HDF5Dataset {
    let header = try header(at: address)
    guard let type = header.message(.datatype), let space = header.message(.dataspace), let layout = header.message(.layout) else {
      throw .hdf5(.unsupported, "\(path) is not a dataset")
    }
    let dataspace = try HDF5Dataspace(space.body)
    guard !dataspace.isNull else { throw .hdf5(.unsupported, "\(path) has no elements and no shape") }
    var block = type.body
    let datatype = try HDF5Datatype(parsing: &block, nesting: limits.nesting)
    let filters = try header.message(.filterPipeline).map { message throws(IOLinkError) in try HDF5FilterPipeline(message.body).filters }
    // The fill value of elements that are not numbers is never needed.
    let isNumeric = (try? HDF5PixelType(datatype)) != nil
    let fill = isNumeric ? try HDF5FillValue(of: header).value : nil
    if let fill, fill.count != datatype.byteCount {
      throw .hdf5(.malformed, "\(path): the fill value has \(fill.count) bytes, an element has \(datatype.byteCount)", at: header.address)
    }
    return HDF5Dataset(
      path: path, address: address, shape: dataspace.lengths, maximum: dataspace.maximum, datatype: datatype,
      layout: try storage(try HDF5LayoutMessage(layout.body), header, rank: dataspace.lengths.count, path), filters: filters ?? [],
      fillValue: fill, comment: try? header.comment)
  }

  private func storage(
    _ layout: HDF5LayoutMessage, _ header: HDF5ObjectHeader, rank: Int, _ path: String
  ) throws(IOLinkError) -> HDF5Storage {
    switch layout {
    case .compact(let bytes): return .compact(bytes)
    case .contiguous(let address, _):
      if let files = header.message(.externalFiles) { return .external(try HDF5ExternalFiles(files.body, in: context).parts) }
      return .contiguous(address: try address.map { address throws(IOLinkError) in try Checked.add(address, context.bytes.base) })
    case .chunked(let chunks):
      guard chunks.shape.count == rank else {
        throw .hdf5(.malformed, "\(path) has chunks of rank \(chunks.shape.count), its shape has \(rank)", at: header.address)
      }
      return .chunked(chunks)
    case .virtual(nil): return .virtual(HDF5VirtualLayout(mappings: []))
    case .virtual(let heap?):
      let object = try globalHeap.object(at: heap.address, index: heap.index)
      return .virtual(HDF5VirtualLayout(mappings: try HDF5VirtualMapping.mappings(object, in: context.bytes)))
    }
  }

  /// Returns the index of a dataset's chunks.
  func chunkIndex(_ layout: HDF5ChunkedLayout, of dataset: HDF5Dataset) throws(IOLinkError) -> any HDF5ChunkIndexReader {
    let index = try context.retrying { () throws(IOLinkError) in
      try makeHDF5ChunkIndex(
        layout, shape: dataset.shape, maximum: dataset.maximum, hasFilters: !dataset.filters.isEmpty, in: context.bytes)
    }
    return context.superblock.isMarkedAsOpen ? HDF5LiveChunkIndex(base: index, file: context) : index
  }
}
