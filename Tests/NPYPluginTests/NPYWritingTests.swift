import Foundation
import IOLinkCore
import NPYPlugin
import Testing

@Suite struct NPYWritingTests {
  private let registry = CodecRegistry([NPYCodec()], runtime: Runtime(executor: SerialExecutor()))

  private func numbers(_ count: Int) -> [UInt8] {
    (0..<count).flatMap { index -> [UInt8] in [UInt8(index & 0xFF), UInt8(index >> 8 & 0xFF)] }
  }

  /// The bytes of a version 1.0 file as NumPy's documentation describes them: little-endian uint16 in C order.
  private func expected(_ shape: String, _ data: [UInt8], in file: [UInt8]) -> Bool {
    let header = String(decoding: file[10..<(file.count - data.count)], as: UTF8.self)
    return header.hasPrefix("{'descr': '<u2', 'fortran_order': False, 'shape': (\(shape)), }")
      && Array(file[(file.count - data.count)...]) == data
  }

  @Test func framesAreAppendedAndTheHeaderFollows() throws {
    let stream = MemoryStream()
    let properties = try ImageProperties(fileAxes: [Axis(.sequence, length: 0), Axis(.row, length: 3), Axis(.column, length: 4)])
    let image = ImageDescription(dataType: .uint16, properties: properties)
    let writer = try registry.create(image, on: stream, format: "NPY")
    let all = numbers(5 * 12)
    let layout = try StridedLayout(dense: [4, 3, 1], .uint16)
    for frame in 0..<5 {
      let bytes = Array(all[(frame * 24)..<((frame + 1) * 24)])
      try writer.append(unsafe bytes.span.bytes, layout: layout)
    }
    _ = try writer.finish()
    #expect(expected("5, 3, 4", all, in: stream.bytes))
  }

  @Test func regionsComeInAnyOrder() throws {
    let stream = MemoryStream()
    let properties = try ImageProperties(fileAxes: [Axis(.slice, length: 4), Axis(.row, length: 6), Axis(.column, length: 8)])
    let image = ImageDescription(dataType: .uint16, properties: properties)
    let writer = try registry.create(image, on: stream, format: "NPY")
    let all = numbers(4 * 6 * 8)
    let whole = try StridedLayout(dense: [8, 6, 4], .uint16)
    for x in [4, 0] {
      for z in [3, 1, 0, 2] {
        let region = try Region(origin: [x, 0, z], size: [4, 6, 1])
        var layout = whole
        layout.byteOffset = whole.offset(of: region.origin)
        try writer.write(region, from: unsafe all.span.bytes, layout: layout)
      }
    }
    _ = try writer.finish()
    #expect(expected("4, 6, 8", all, in: stream.bytes))
  }

  @Test func writingTwiceIsRefused() throws {
    let properties = try ImageProperties(fileAxes: [Axis(.row, length: 6), Axis(.column, length: 8)])
    let image = ImageDescription(dataType: .uint16, properties: properties)
    let writer = try registry.create(image, on: MemoryStream(), format: "NPY")
    let all = numbers(48)
    let layout = try StridedLayout(dense: [8, 6], .uint16)
    let region = try Region(origin: [0, 0], size: [8, 3])
    try writer.write(region, from: unsafe all.span.bytes, layout: layout)
    #expect { try writer.write(region, from: unsafe all.span.bytes, layout: layout) } throws: {
      ($0 as? IOLinkError)?.code == .invalidArgument
    }
  }

  @Test func whatWasNeverWrittenIsZero() throws {
    let stream = MemoryStream()
    let properties = try ImageProperties(fileAxes: [Axis(.row, length: 2), Axis(.column, length: 2)])
    let image = ImageDescription(dataType: .uint16, properties: properties)
    let writer = try registry.create(image, on: stream, format: "NPY")
    let one: [UInt8] = [7, 1]
    try writer.write(Region(origin: [1, 1], size: [1, 1]), from: unsafe one.span.bytes, layout: StridedLayout(dense: [1, 1], .uint16))
    _ = try writer.finish()
    #expect(expected("2, 2", [0, 0, 0, 0, 0, 0, 7, 1], in: stream.bytes))
  }

  @Test func lossesAreListed() throws {
    let axes = [Axis(.row, length: 1, spacing: 0.5, unit: "µm"), Axis(.column, length: 1)]
    var metadata = MetadataNode()
    metadata["/description"] = .text("cells")
    let image = try MemoryImageView.allocate([1, 1], .uint8, properties: ImageProperties(fileAxes: axes), metadata: metadata)
    let report = try registry.write(image, to: MemoryStream(), format: "npy")
    #expect(report.lost.map(\.path) == ["/axes/row/spacing", "/axes/row/unit", "/description"])
  }

  @Test func orderAndByteOrderAreOptions() throws {
    let image = try MemoryImageView.allocate([2, 1, 2], .uint16, properties: ImageProperties(.volume, shape: [2, 1, 2]))
    let layout = try StridedLayout(dense: [2, 1, 2], .uint16)
    let bytes = numbers(4)
    try image.write(Region(of: [2, 1, 2]), from: unsafe bytes.span.bytes, layout: layout, context: .default)
    let stream = MemoryStream()
    _ = try registry.write(image, to: stream, format: "NPY", options: ["order": "XYZ", "byte-order": "big"])
    #expect(Array(stream.bytes.suffix(8)) == [0, 0, 0, 2, 0, 1, 0, 3])
    #expect { try registry.write(image, to: MemoryStream(), format: "NPY", options: ["order": "XY"]) } throws: {
      ($0 as? IOLinkError)?.code == .invalidArgument
    }
  }

  /// The result of `numpy.lib.format.header_data_from_array_1_0`. The data begin at a multiple of 64 bytes.
  @Test(arguments: [
    ("|u1", DataType.uint8), ("|i1", .int8), ("|b1", .boolean), ("<f2", .float16), ("<u4", .uint32), ("<i8", .int64), ("<f8", .float64),
    ("<c8", .complex64), ("<c16", .complex128),
  ])
  func headersAreThoseOfNumPy(_ descr: String, _ type: DataType) throws {
    for (lengths, shape) in [([], "()"), ([3], "(3,)"), ([2, 3], "(2, 3)")] as [([Int], String)] {
      for (option, mark) in [("little", descr), ("big", descr.replacingOccurrences(of: "<", with: ">"))] {
        let image = try MemoryImageView.allocate(
          ImageProperties(fileAxes: AxisInference.axes(lengths)).shape, type,
          properties: ImageProperties(fileAxes: AxisInference.axes(lengths)))
        let stream = MemoryStream()
        _ = try registry.write(image, to: stream, format: "NPY", options: ["byte-order": option])
        let offset = 10 + Int(stream.bytes[8]) + Int(stream.bytes[9]) << 8
        #expect(offset % 64 == 0 && stream.bytes.count - offset == lengths.reduce(type.byteCount, *))
        let header = String(decoding: stream.bytes[10..<offset], as: UTF8.self)
        #expect(header.hasPrefix("{'descr': '\(mark)', 'fortran_order': False, 'shape': \(shape), }"))
        #expect(header.hasSuffix(" \n") && Array(stream.bytes.prefix(8)) == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
      }
    }
  }

  @Test func componentsAreTheLastLength() throws {
    let properties = try ImageProperties(fileAxes: [Axis(.row, length: 2), Axis(.column, length: 5)])
    let image = try MemoryImageView.allocate([5, 2], DataType(.uint8, componentCount: 3), properties: properties)
    let stream = MemoryStream()
    _ = try registry.write(image, to: stream, format: "NPY")
    #expect(String(decoding: stream.bytes.dropFirst(10), as: UTF8.self).contains("'shape': (2, 5, 3), }"))
  }
}
