import IOLinkCore
import IOLinkSystem
import Testing

@Suite struct HugePageAllocatorTests {
  @Test(arguments: [0, 1, 4 << 20 - 1, 4 << 20, 4 << 20 + 1, 9_999_999])
  func memoryIsThereAlignedAndZero(byteCount: Int) throws {
    var blocks: [MemoryBlock] = []
    for round in 0..<3 {
      let block = try HugePageAllocator().allocate(byteCount: byteCount, .zeroed)
      #expect(block.byteCount == byteCount)
      #expect(block.isWritable)
      #expect(UInt(bitPattern: unsafe block.baseAddress) % 64 == 0)
      #expect(block.withBytes { $0.byteArray() }.allSatisfy { $0 == 0 })
      let bytes = pattern(byteCount, seed: round)
      block.withMutableBytes { $0.copy(from: unsafe bytes.span.bytes) }  // bytes have no padding
      blocks.append(block)
    }
    for (round, block) in blocks.enumerated() {
      #expect(block.withBytes { $0.byteArray() } == pattern(byteCount, seed: round))
    }
  }

  @Test func memoryThatIsNotThereIsAnError() throws {
    for byteCount in [1 << 60, Int.max] {
      let error = #expect(throws: IOLinkError.self) { try HugePageAllocator().allocate(byteCount: byteCount, .zeroed) }
      #expect(error?.code == .limitExceeded)
    }
    let stream = MemoryStream([1, 2], allocator: HugePageAllocator())
    #expect(throws: IOLinkError.self) { try stream.truncate(to: 1 << 60) }
    try stream.seek(to: 1 << 50)
    #expect(throws: IOLinkError.self) { try stream.write([3]) }
    #expect(stream.bytes == [1, 2])
  }

  @Test func readersUseIt() throws {
    let image = try MemoryImageView.allocate(Shape([2048, 2048]), .uint8)
    let copy = try image.copyInMemory(context: OperationContext(allocator: HugePageAllocator()))
    let address = UInt(bitPattern: unsafe try #require(copy.memory).block.baseAddress)
    #expect(address % (2 << 20) == 0)
  }
}
