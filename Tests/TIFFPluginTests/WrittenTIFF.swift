import IOLinkCore

@testable import TIFFPlugin

/// A written file as the specification describes it. It shares no code with the reader of the library.
struct WrittenTIFF {
  struct Field: Equatable {
    var type: Int
    /// The values of integer fields, and alternating numerators and denominators of rational ones.
    var values: [Int]
    var text: String
  }

  let bytes: [UInt8]
  let isBig: Bool
  /// The directories by tag, in the order of their links.
  private(set) var pages: [[Int: Field]] = []
  /// The tags in the order of the first directory.
  private(set) var tags: [Int] = []
  /// The offsets of the directories.
  private(set) var places: [Int] = []

  /// - Parameter bytes: A little-endian file.
  init(_ bytes: [UInt8]) {
    func number(_ offset: Int, _ width: Int) -> Int {
      (0..<width).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
    self.bytes = bytes
    let big = number(2, 2) == 43
    isBig = big
    let width = big ? 8 : 4
    let sizes = [1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8]
    var place = big ? number(8, 8) : number(4, 4)
    while place != 0 {
      places.append(place)
      let count = number(place, big ? 8 : 2)
      var page: [Int: Field] = [:]
      var entry = place + (big ? 8 : 2)
      for _ in 0..<count {
        let (tag, type, valueCount) = (number(entry, 2), number(entry + 2, 2), number(entry + 4, width))
        let size = sizes[type] ?? 0
        let inside = entry + 4 + width
        let start = size * valueCount <= width ? inside : number(inside, width)
        let unit = type == 5 ? 4 : size
        let values = (0..<(size * valueCount / unit)).map { number(start + $0 * unit, unit) }
        let text = String(decoding: bytes[start..<(start + size * valueCount)], as: UTF8.self)
        if pages.isEmpty { tags.append(tag) }
        page[tag] = Field(type: type, values: values, text: type == 2 ? text : "")
        entry += 4 + 2 * width
      }
      pages.append(page)
      place = number(entry, width)
    }
  }

  /// The values of a field of the first page; empty without the field.
  func values(_ tag: Int, page: Int = 0) -> [Int] { pages[page][tag]?.values ?? [] }

  /// The text of a field of the first page, without the zero byte that must end it; `nil` if it is missing.
  func text(_ tag: Int) -> String? {
    guard let field = pages[0][tag], field.type == 2, field.text.utf8.last == 0 else { return nil }
    return String(field.text.unicodeScalars.dropLast())
  }

  /// The bytes of all strips or tiles of a page.
  func stored(page: Int = 0) -> [[UInt8]] {
    let isTiled = pages[page][324] != nil
    return zip(values(isTiled ? 324 : 273, page: page), values(isTiled ? 325 : 279, page: page)).map { Array(bytes[$0..<($0 + $1)]) }
  }
}

extension WrittenTIFF {
  /// What the codec writes for an image, and what it lists as lost.
  static func write(
    _ image: any ImageView, _ options: [String: String] = [:], to stream: MemoryStream = MemoryStream()
  ) throws -> (file: WrittenTIFF, lost: [LostItem]) {
    let codec = TIFFCodec()
    // A registry tells images that it opens which of their metadata only say how the file was stored.
    let metadata = image.metadata.bound(by: codec.descriptor.bindings)
    let sink = try codec.create(
      ImageDescription(dataType: image.dataType, properties: image.properties, metadata: metadata), on: stream,
      options: CodecOptions(options, declared: codec.descriptor.writeOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
    try Transfer(image, to: sink.chunks, runtime: Runtime(executor: SerialExecutor())).run()
    return (WrittenTIFF(stream.bytes), sink.lost)
  }

  /// An image of these bytes, with the last of `axes` fastest.
  static func image(
    _ axes: [Axis], _ dataType: DataType = .uint8, _ bytes: [UInt8]? = nil, metadata: MetadataNode = MetadataNode(),
    _ change: (inout ImageProperties) -> Void = { _ in }
  ) throws -> any ImageView {
    var properties = try ImageProperties(fileAxes: axes)
    change(&properties)
    let image = try MemoryImageView.allocate(properties.shape, dataType, properties: properties)
    if let memory = image.memory {
      memory.block.withMutableBytes { target in
        let given = bytes ?? (0..<target.byteCount).map { UInt8(truncatingIfNeeded: $0 + 1) }
        target.copy(from: unsafe given.span.bytes)
      }
    }
    return image.with(metadata: metadata)
  }
}
