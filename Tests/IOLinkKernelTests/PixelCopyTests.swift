import Testing

@testable import IOLinkCore

/// The checked wrapper: components, byte order, and what it refuses.
struct PixelCopyTests {
  func copy(
    _ shape: Shape, _ type: DataType, _ bytes: [UInt8], _ source: StridedLayout, into count: Int,
    _ destination: StridedLayout, _ swap: ByteSwap = .none
  ) throws(IOLinkError) -> [UInt8] {
    var result = [UInt8](repeating: 0xEE, count: count)
    var span = result.mutableSpan
    var target = unsafe span.mutableBytes
    try PixelCopy.copy(
      shape, type, from: unsafe bytes.span.bytes, source, to: &target, destination, swappingBytes: swap)
    return result
  }

  // Two RGB pixels, two rows: R, G, B are 1, 2, 3 in the ones place, the pixel in the tens place.
  let interleaved: [UInt8] = [1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33]
  let planar: [UInt8] = [1, 11, 21, 31, 2, 12, 22, 32, 3, 13, 23, 33]

  @Test func interleavedToPlanarAndBack() throws {
    let type = try DataType(.uint8, componentCount: 3)
    let packed = try StridedLayout(dense: [2, 2], type)
    let planes = StridedLayout(strides: [1, 2], componentStride: 4)
    #expect(try copy([2, 2], type, interleaved, packed, into: 12, planes) == planar)
    #expect(try copy([2, 2], type, planar, planes, into: 12, packed) == interleaved)
  }

  @Test func bgrIsANegativeComponentStride() throws {
    let type = try DataType(.uint8, componentCount: 3)
    let packed = try StridedLayout(dense: [4], type)
    let reversed = StridedLayout(byteOffset: 2, strides: [3], componentStride: -1)
    #expect(try copy([4], type, interleaved, reversed, into: 12, packed) == [3, 2, 1, 13, 12, 11, 23, 22, 21, 33, 32, 31])
  }

  @Test func complexNumbersSwapByHalves() throws {
    let layout = StridedLayout(strides: [8], componentStride: 8)
    let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    #expect(try copy([1], .complex64, bytes, layout, into: 8, layout, .swap) == [4, 3, 2, 1, 8, 7, 6, 5])
  }

  @Test func rankZeroIsOneElement() throws {
    let layout = StridedLayout(byteOffset: 2, strides: [], componentStride: 2)
    #expect(try copy([], .uint16, [1, 2, 3, 4], layout, into: 4, layout, .swap) == [0xEE, 0xEE, 4, 3])
  }

  @Test func emptyImagesNeedNoBytes() throws {
    let layout = try StridedLayout(dense: [0, 5], .uint16)
    #expect(try copy([0, 5], .uint16, [], layout, into: 0, layout) == [])
  }

  @Test func refusesWhatLiesOutside() throws {
    let dense = try StridedLayout(dense: [4], .uint16)
    let bytes = [UInt8](repeating: 0, count: 8)
    let bad: [(Shape, [UInt8], StridedLayout, Int, StridedLayout)] = [
      ([4], Array(bytes.dropLast()), dense, 8, dense),
      ([4], bytes, dense, 7, dense),
      ([4], bytes, StridedLayout(byteOffset: -1, strides: [2], componentStride: 2), 8, dense),
      ([4], bytes, StridedLayout(strides: [-2], componentStride: 2), 8, dense),
      ([4], bytes, dense, 8, StridedLayout(byteOffset: 1, strides: [2], componentStride: 2)),
      ([4, 1], bytes, dense, 8, dense),
      ([-4], bytes, dense, 8, dense),
      ([-4, 0], bytes, try StridedLayout(dense: [1, 0], .uint16), 8, try StridedLayout(dense: [1, 0], .uint16)),
    ]
    for (shape, bytes, source, count, destination) in bad {
      let error = #expect(throws: IOLinkError.self) { try copy(shape, .uint16, bytes, source, into: count, destination) }
      #expect(error?.code == .invalidArgument)
    }
    let far = StridedLayout(byteOffset: 8, strides: [Int.max], componentStride: 2)
    let error = #expect(throws: IOLinkError.self) { try copy([4], .uint16, bytes, far, into: 8, dense) }
    #expect(error?.code == .limitExceeded)
  }

  @Test(arguments: [(2, [2, 1, 4, 3, 6, 5, 8, 7]), (4, [4, 3, 2, 1, 8, 7, 6, 5]), (8, [8, 7, 6, 5, 4, 3, 2, 1])])
  func swapsInPlace(width: Int, group: [UInt8]) throws {
    // 41 groups, so that vector loops and their remainders run; not aligned to the width.
    var bytes: [UInt8] = [0]
    var expected: [UInt8] = [0]
    for index in 0..<41 {
      bytes += (1...8).map { UInt8($0 + index) }
      expected += group.map { $0 + UInt8(index) }
    }
    var span = bytes.mutableSpan
    var raw = unsafe span.mutableBytes
    var rest = raw._mutatingExtracting(1...)
    try PixelCopy.swapBytes(&rest, width: width)
    #expect(bytes == expected)
  }

  @Test func refusesPartsOfNumbers() {
    var bytes: [UInt8] = [1, 2, 3]
    for width in [2, 3, 0, -1] {
      var span = bytes.mutableSpan
      var raw = unsafe span.mutableBytes
      var caught: IOLinkError?
      do throws(IOLinkError) { try PixelCopy.swapBytes(&raw, width: width) } catch { caught = error }
      #expect(caught?.code == .invalidArgument)
    }
    #expect(bytes == [1, 2, 3])
  }
}
