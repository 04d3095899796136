import IOLinkCore

@testable import HDF5Plugin

extension FuzzTarget {
  /// The number by which an input chooses the parser of a message: the type of the message, or one of these.
  enum HDF5Parser {
    static let selection = 30
    static let virtualMappings = 31
    static let virtualLayout = 32
    static let sharedMessage = 33
    static let count = 34
  }

  /// One message, or a structure that is stored like one: its content is the input.
  static func message(_ input: inout FuzzInput) throws(IOLinkError) {
    let kind = input.byte() % HDF5Parser.count
    let sizes = [(8, 8), (4, 4), (2, 2), (8, 4)][input.byte() % 4]
    let bytes = input.rest()
    let file = HDF5Bytes(
      source: MemoryRandomAccess(bytes), base: 0, offsetSize: sizes.0, lengthSize: sizes.1, limits: limits)
    var block = HDF5Block(bytes, at: 0, "message", sizes.0, sizes.1)
    switch kind {
    case HDF5Parser.selection: try selection(&block)
    case HDF5Parser.virtualMappings: try virtualLayout(HDF5VirtualMapping.mappings(bytes, in: file), shape: [8, 8])
    case HDF5Parser.virtualLayout:
      let mapping = try HDF5VirtualMapping(
        file: try block.terminatedText(), dataset: "d", source: HDF5Selection(parsing: &block), destination: HDF5Selection(parsing: &block))
      try virtualLayout([mapping], shape: [Int](repeating: 8, count: mapping.destination.rank ?? 2))
    case HDF5Parser.sharedMessage: _ = try HDF5SharedMessage(block)
    default: try headerMessage(HDF5MessageType(rawValue: kind) ?? .datatype, block)
    }
  }

  private static func headerMessage(_ type: HDF5MessageType, _ block: HDF5Block) throws(IOLinkError) {
    var block = block
    switch type {
    case .dataspace: _ = try HDF5Dataspace(block).elementCount()
    case .linkInfo: _ = try HDF5DenseInfo(block, of: .links)
    case .attributeInfo: _ = try HDF5DenseInfo(block, of: .attributes)
    case .oldFillValue: _ = try HDF5FillValue(old: block)
    case .fillValue: _ = try HDF5FillValue(block)
    case .link: _ = try HDF5Link(block)
    case .layout: _ = try HDF5LayoutMessage(block)
    case .filterPipeline:
      let filters = try HDF5FilterPipeline(block).filters
      _ = try HDF5Filters(filters, chunkByteCount: 64, elementByteCount: 4)
    case .symbolTable: _ = try HDF5SymbolTable(block)
    case .attribute, .externalFiles, .sharedMessageTable: try messageOfFile(type, block)
    case .comment: _ = try block.terminatedText()
    default:
      let datatype = try HDF5Datatype(parsing: &block, nesting: limits.nesting)
      let pixel = try HDF5PixelType(datatype)
      _ = try pixel?.native(block.bytes)
    }
  }

  /// Messages with addresses of other structures: the file is the message itself behind a superblock.
  private static func messageOfFile(_ type: HDF5MessageType, _ block: HDF5Block) throws(IOLinkError) {
    let bytes = superblock(byteCount: block.bytes.count) + block.bytes
    let file = try HDF5FileContext(MemoryRandomAccess(bytes), limits: limits)
    switch type {
    case .attribute:
      let message = try HDF5AttributeMessage(block, in: file)
      var budget = limits.metadataByteCount
      _ = try HDF5AttributeValue(message, HDF5GlobalHeapCache(file.bytes), file.bytes).value(&budget)
    case .externalFiles: _ = try HDF5ExternalFiles(block, in: file)
    default: _ = try HDF5SharedMessageTable(block, in: file.bytes)
    }
  }

  // MARK: Selections

  private static func selection(_ block: inout HDF5Block) throws(IOLinkError) {
    let selection = try HDF5Selection(parsing: &block)
    let rank = selection.rank ?? 2
    for length in [8, 100, Int.max] {
      attempt { () throws(IOLinkError) in
        let order = try HDF5SelectionOrder(selection, shape: [Int](repeating: length, count: rank))
        let count = try order.count()
        if count > 0 { _ = (order.run(at: 0), order.run(at: count - 1)) }
        try visit(order, rank: rank)
      }
    }
  }

  private static func visit(_ order: HDF5SelectionOrder, rank: Int) throws(IOLinkError) {
    var runs = 0
    let box = HDF5Box(origin: [Int](repeating: 0, count: rank), size: [Int](repeating: rank > 3 ? 2 : 8, count: rank))
    try order.forEachRun(in: box) { _, _, length throws(IOLinkError) in
      check(length > 0, "an empty run")
      runs += 1
      // Enough: a selection of any number of runs is right.
      guard runs < 1000 else { throw IOLinkError(.limitExceeded, "many runs") }
    }
  }

  private static func virtualLayout(_ mappings: [HDF5VirtualMapping], shape: [Int]) throws(IOLinkError) {
    let layout = HDF5VirtualLayout(mappings: mappings)
    func sourceShape(_ file: String, _ dataset: String) throws(IOLinkError) -> [Int]? {
      file.utf8.count > 3 ? nil : [Int](repeating: 8, count: mappings.first?.source.rank ?? shape.count)
    }
    let grown = try layout.shape(stored: shape, maximum: shape.map { _ in nil }, sourceShape: sourceShape)
    let box = HDF5Box(origin: shape.map { _ in 0 }, size: grown.map { min(8, $0) })
    var pieces = 0
    try layout.forEachPiece(in: box, shape: grown, sourceShape: sourceShape) { piece throws(IOLinkError) in
      check(piece.source.size.reduce(1, *) == piece.destination.size.reduce(1, *), "boxes of different sizes")
      pieces += 1
      guard pieces < 1000 else { throw IOLinkError(.limitExceeded, "many pieces") }
    }
  }
}
