import IOLinkCore
import Testing

/// Limits by name, as the command line and Python set them.
struct ReadLimitsTests {
  @Test("Named limits are set, the others stay")
  func set() throws {
    var limits = ReadLimits()
    try limits.set(["chunk": "4G", "metadata": "512kib", "images": "7"])
    #expect(limits.chunkByteCount == 4 << 30 && limits.metadataByteCount == 512 << 10 && limits.imageCount == 7)
    #expect(limits.nesting == ReadLimits().nesting && limits.entryCount == ReadLimits().entryCount)
    #expect(limits.values.map(\.name) == ["chunk", "metadata", "images", "nesting", "entries"])
    #expect(limits.values.map(\.value) == [4 << 30, 512 << 10, 7, limits.nesting, limits.entryCount])
  }

  @Test(
    "What is not a limit is refused, and nothing is set",
    arguments: [
      ("colour", "1"), ("Chunk", "1"), ("chunk", "0"), ("chunk", "-1"), ("chunk", "4Gx"), ("chunk", "4GG"), ("chunk", "B4"), ("chunk", ""),
      ("chunk", "1.5G"), ("images", "0"), ("images", "-1"), ("images", "4K"), ("nesting", ""), ("entries", "99999999999999999999"),
    ])
  func refused(name: String, text: String) {
    var limits = ReadLimits()
    #expect { try limits.set([name: text]) } throws: { ($0 as? IOLinkError)?.code == .invalidArgument }
    #expect { try limits.set(["metadata": "3", name: text]) } throws: { ($0 as? IOLinkError)?.code == .invalidArgument }
    #expect(limits == ReadLimits())
  }
}
