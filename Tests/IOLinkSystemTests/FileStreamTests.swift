import Foundation
import IOLinkCore
import IOLinkSystem
import Testing

@Suite struct FileStreamTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func writesOfAllSizesArriveInOrder() throws {
    let stream = try FileStream(path: folder["a"], .create)
    #expect(stream.capabilities == [.read, .write, .seek])
    var expected: [UInt8] = []
    for (index, count) in [1, 7, 65_535, 2, 65_536, 3, 200_000, 0, 30_000, 30_000, 30_000].enumerated() {
      let piece = pattern(count, seed: index)
      try stream.write(piece)
      expected += piece
      #expect(stream.position == expected.count)
      #expect(stream.byteCount == expected.count)
    }
    try stream.flush()
    #expect(folder.content("a") == expected)
    try stream.close()
    #expect(code { () throws(IOLinkError) in try stream.write([1]) } == .invalidArgument)
  }

  @Test func patchesAndGapsAndRereads() throws {
    let stream = try FileStream(path: folder["a"], .create)
    try stream.write([1, 2, 3, 4])
    try stream.seek(to: 1)
    try stream.write([9])
    try stream.seek(to: 8)
    try stream.write([5])
    #expect(stream.byteCount == 9)
    try stream.seek(to: 0)
    #expect(try read(stream, 100) == [1, 9, 3, 4, 0, 0, 0, 0, 5])
    #expect(stream.position == 9)
    #expect(try read(stream, 1) == [])
    try stream.seek(to: 2)
    #expect(try read(stream, 2) == [3, 4])
    try stream.write([7])  // the position where reading stopped, although more was read ahead
    try stream.seek(to: 0)
    #expect(try read(stream, 100) == [1, 9, 3, 4, 7, 0, 0, 0, 5])
    try stream.truncate(to: 3)
    try stream.seek(to: 0)
    #expect(try read(stream, 100) == [1, 9, 3])
    try stream.truncate(to: 5)
    try stream.close()
    #expect(folder.content("a") == [1, 9, 3, 0, 0])
  }

  /// Compares a stream with an array under random operations. They stay close to the previous ones, and a third of them exceeds the
  /// stream's buffer, so that each kind of operation meets what every other kind has left there.
  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func agreesWithAnArray(seed: UInt64) throws {
    var random = Generator(state: seed)
    let stream = try FileStream(path: folder["a"], .create)
    var model: [UInt8] = []
    var position = 0
    for step in 0..<150 {
      let count = Int.random(in: 0..<(Int.random(in: 0..<3, using: &random) == 0 ? 150_000 : 3_000), using: &random)
      switch Int.random(in: 0..<(model.count > 400_000 ? 8 : 7), using: &random) {
      case 0, 1, 2:
        position = min(model.count + 10, max(0, position + Int.random(in: -160_000...20_000, using: &random)))
        try stream.seek(to: position)
      case 3, 4:
        let wanted = Array(model.dropFirst(position).prefix(count))
        let isSame = try read(stream, count) == wanted
        try #require(isSame, "seed \(seed), step \(step)")
        position += wanted.count
      case 7:
        try stream.truncate(to: count)
        model.removeLast(model.count - count)
        position = Int.random(in: 0...count, using: &random)
        try stream.seek(to: position)
      default:
        let piece = pattern(count, seed: step)
        try stream.write(piece)
        if model.count < position + count, count > 0 {
          model += [UInt8](repeating: 0, count: position + count - model.count)
        }
        model.replaceSubrange(position..<max(position, min(position + count, model.count)), with: piece)
        position += count
      }
      try #require(stream.position == position)
      try #require(stream.byteCount == model.count, "seed \(seed), step \(step)")
    }
    try stream.close()
    let isSame = folder.content("a") == model
    #expect(isSame, "seed \(seed)")
  }

  @Test(arguments: [1, 65_535, 65_536, 65_537, 200_000]) func whatWasReadAheadIsNotReadAfterAWrite(count: Int) throws {
    try folder.file("a", [UInt8](repeating: 1, count: 300_000))
    let stream = try FileStream(path: folder["a"], .update)
    #expect(try read(stream, 10) == [UInt8](repeating: 1, count: 10))
    try stream.write([UInt8](repeating: 2, count: count))
    try stream.seek(to: 5)
    let expected = [UInt8](repeating: 1, count: 5) + [UInt8](repeating: 2, count: count) + [UInt8](repeating: 1, count: 100)
    #expect(try read(stream, count + 105) == expected)
    // The same must hold when the write begins elsewhere and reaches into what was read ahead.
    try stream.seek(to: 1_000)
    #expect(try read(stream, 1).count == 1)
    try stream.seek(to: 0)
    try stream.write([UInt8](repeating: 3, count: 100_000))
    try stream.seek(to: 2_000)
    #expect(try read(stream, 10) == [UInt8](repeating: 3, count: 10))
    try stream.truncate(to: 2_005)
    try stream.seek(to: 2_003)
    #expect(try read(stream, 10) == [3, 3])
  }

  /// Reading past the end gives nothing, and operations that are not possible leave the cursor and the file as they were.
  @Test func nothingIsReadBehindTheEnd() throws {
    try folder.file("a", pattern(100))
    let stream = try FileStream(path: folder["a"], .update)
    try stream.seek(to: 200)
    #expect(try read(stream, 10) == [])
    #expect(stream.position == 200)
    try stream.seek(to: .max)
    #expect(throws: IOLinkError.self) { try stream.write([1]) }
    #expect(stream.position == .max)
    #expect(folder.content("a") == pattern(100))
    #expect(code { () throws(IOLinkError) in try stream.truncate(to: -1) } == .invalidArgument)
  }

  @Test func pipesAreReadInTheOrderInWhichTheyCome() throws {
    try folder.makePipe("pipe")
    let bytes = pattern(300_000)
    let path = folder["pipe"]
    DispatchQueue.global().async {
      signal(SIGPIPE, SIG_IGN)
      let handle = FileHandle(forWritingAtPath: path)
      try? handle?.write(contentsOf: Data(bytes))
      try? handle?.close()
    }
    let stream = try FileStream(path: path, .read)
    #expect(stream.capabilities == .read)
    #expect(stream.byteCount == nil)
    #expect(code { () throws(IOLinkError) in try stream.seek(to: 1) } == .unsupported)
    var got: [UInt8] = []
    for count in [10, 100, 150_000, 7, 140_000, 100_000] {
      got += try read(stream, count)
      #expect(stream.position == got.count)
    }
    let isSame = got == bytes  // compared here, because a list of differences would take minutes to print
    #expect(isSame)
    #expect(try read(stream, 1) == [])
  }

  @Test func closingIsTheEnd() throws {
    try folder.file("a", pattern(100))
    let stream = try FileStream(path: folder["a"], .create)
    #expect(folder.content("a") == [])
    try stream.write([1])
    #expect(stream.byteCount == 1)
    try stream.synchronize()
    #expect(folder.content("a") == [1])
    try stream.write([2])
    try stream.close()
    try stream.close()
    #expect(folder.content("a") == [1, 2])
    #expect(stream.byteCount == nil)
    #expect(code { () throws(IOLinkError) in try stream.seek(to: 0) } == .invalidArgument)
    #expect(code { () throws(IOLinkError) in try stream.truncate(to: 0) } == .invalidArgument)
    #expect(throws: IOLinkError.self) { try read(stream, 1) }
  }

  @Test func droppedStreamKeepsWhatWasWritten() throws {
    do {
      let stream = try FileStream(path: folder["a"], .create)
      try stream.write([1, 2])
    }
    #expect(folder.content("a") == [1, 2])
  }

  @Test func opensAsAsked() throws {
    try folder.file("a", [1, 2, 3])
    let reader = try FileStream(path: folder["a"], .read)
    #expect(reader.capabilities == [.read, .seek])
    #expect(code { () throws(IOLinkError) in try reader.write([1]) } == .unsupported)
    #expect(code { () throws(IOLinkError) in try reader.truncate(to: 0) } == .unsupported)
    #expect(code { () throws(IOLinkError) in try reader.seek(to: -1) } == .invalidArgument)
    let updater = try FileStream(path: folder["a"], .update)
    try updater.seek(to: 3)
    try updater.write([4])
    try updater.close()
    #expect(folder.content("a") == [1, 2, 3, 4])
    #expect(code { () throws(IOLinkError) in try FileStream(path: folder["none"], .update) } == .notFound)
    #expect(code { () throws(IOLinkError) in try FileStream(path: folder["none/a"], .create) } == .io)
    #expect(code { () throws(IOLinkError) in try FileStream(path: folder.path, .read) } == .io)
  }

  @Test func fullDiskIsReportedByTheCallThatMeetsIt() throws {
    let stream = try FileStream(path: "/dev/full", .update)
    #expect(code { () throws(IOLinkError) in try stream.write(pattern(100_000)) } == .io)
    try stream.write([1])
    #expect(code { () throws(IOLinkError) in try stream.flush() } == .io)
    #expect(code { () throws(IOLinkError) in try stream.flush() } == .io, "what was not written is not forgotten")
    #expect(code { () throws(IOLinkError) in try stream.close() } == .io)
  }

  private func read(_ stream: FileStream, _ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var elements = bytes.mutableSpan
    var span = unsafe elements.mutableBytes  // bytes have no padding
    let got = try stream.read(into: &span)
    return Array(bytes.prefix(got))
  }
}

/// Steele, Lea and Flood's SplitMix64.
struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
