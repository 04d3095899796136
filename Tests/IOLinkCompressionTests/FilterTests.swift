import IOLinkCore
import IOLinkCompression
import Testing

@testable import HDF5Plugin

@Suite struct ShuffleTests {
  @Test func agreesWithNumPy() throws {
    for one in try FixtureCase.all("shuffle") {
      let size = try one.integer("size")
      let plain = try filling(one.plain.count) { try Shuffle.unshuffle(unsafe one.stored.span.bytes, into: &$0, elementByteCount: size) }
      #expect(plain == one.plain, "\(one)")
      let stored = try filling(one.plain.count) { try Shuffle.shuffle(unsafe one.plain.span.bytes, into: &$0, elementByteCount: size) }
      #expect(stored == one.stored, "\(one)")
    }
  }

  @Test func elementsLargerThanTheBufferAreCopied() throws {
    let bytes: [UInt8] = [1, 2, 3]
    #expect(try filling(3) { try Shuffle.unshuffle(unsafe bytes.span.bytes, into: &$0, elementByteCount: 100) } == bytes)
  }

  @Test func refusesUnequalSizes() throws {
    let bytes = [UInt8](repeating: 1, count: 8)
    for (room, size) in [(7, 2), (9, 2), (8, 0), (8, -1)] {
      let code = try failure(room) { output in
        try Shuffle.unshuffle(unsafe bytes.span.bytes, into: &output, elementByteCount: size)
      }
      #expect(code == .invalidArgument)
    }
  }

  /// A file may state any size of elements. The loops over their planes went through all of them, even without an element.
  @Test(.timeLimit(.minutes(1))) func elementsLargerThanAnyMemory() throws {
    let bytes: [UInt8] = [1, 2, 3]
    for size in [Int(UInt32.max), .max] {
      #expect(try filling(3) { try Shuffle.unshuffle(unsafe bytes.span.bytes, into: &$0, elementByteCount: size) } == bytes)
      #expect(try filling(3) { try Shuffle.shuffle(unsafe bytes.span.bytes, into: &$0, elementByteCount: size) } == bytes)
    }
  }
}

@Suite struct BitshuffleTests {
  @Test func agreesWithTheHDF5Filter() throws {
    for one in try FixtureCase.all("bitshuffle") {
      let (size, block, kind) = (try one.integer("size"), try one.integer("block"), try one.string("kind"))
      guard let compression = ["lz4": Bitshuffle.Compression.lz4, "zstd": .zstd][kind] else {
        let plain = try filling(one.plain.count) {
          try Bitshuffle.unshuffle(unsafe one.stored.span.bytes, into: &$0, elementByteCount: size, blockElementCount: block)
        }
        #expect(plain == one.plain, "\(one)")
        let stored = try filling(one.plain.count) {
          try Bitshuffle.shuffle(unsafe one.plain.span.bytes, into: &$0, elementByteCount: size, blockElementCount: block)
        }
        #expect(stored == one.stored, "\(one)")
        continue
      }
      let plain = try filling(one.plain.count) {
        let decoded = try Bitshuffle.decompress(unsafe one.stored.span.bytes, into: &$0, elementByteCount: size, compression: compression)
        #expect(decoded == Decoded(written: one.plain.count, consumed: one.stored.count), "\(one)")
      }
      #expect(plain == one.plain, "\(one)")
      let stored = try Bitshuffle.compress(
        unsafe one.plain.span.bytes, elementByteCount: size, compression: compression, blockElementCount: block)
      #expect(stored.prefix(12) == one.stored.prefix(12), "\(one)")
      let back = try filling(one.plain.count) {
        _ = try Bitshuffle.decompress(unsafe stored.span.bytes, into: &$0, elementByteCount: size, compression: compression)
      }
      #expect(back == one.plain, "\(one)")
    }
  }

  @Test func refusesDamagedHeaders() throws {
    let one = try #require(try FixtureCase.all("bitshuffle").first { $0.strings["kind"] == "lz4" && $0.integers["size"] == 4 })
    for (index, value, expected) in [
      (0, UInt8(1), IOLinkError.Code.limitExceeded), (7, one.stored[7] - 1, .malformed), (10, 0xff, .malformed), (12, 0x70, .truncated),
    ] {
      var stored = one.stored
      stored[index] = value
      if index == 10 { stored[11] = 0xff }
      let code = try failure(one.plain.count) {
        _ = try Bitshuffle.decompress(unsafe stored.span.bytes, into: &$0, elementByteCount: 4, compression: .lz4)
      }
      #expect(code == expected, "byte \(index)")
    }
    for length in 0..<one.stored.count {
      let cut = Array(one.stored.prefix(length))
      let code = try failure(one.plain.count) {
        _ = try Bitshuffle.decompress(unsafe cut.span.bytes, into: &$0, elementByteCount: 4, compression: .lz4)
      }
      #expect(code == .truncated, "cut to \(length)")
    }
    let bytes = [UInt8](repeating: 0, count: 64)
    for (room, size, block) in [(63, 4, 8), (64, 3, 8), (64, 0, 8), (64, 4, 7), (64, 4, -8)] {
      let code = try failure(room) {
        try Bitshuffle.unshuffle(unsafe bytes.span.bytes, into: &$0, elementByteCount: size, blockElementCount: block)
      }
      #expect(code == .invalidArgument)
    }
  }
}

@Suite struct PredictorTests {
  @Test func horizontalAgreesWithNumPy() throws {
    for one in try FixtureCase.all("predictor") {
      let (row, bits, samples) = (try one.integer("row"), try one.integer("bits"), try one.integer("samples"))
      let order: ByteOrder = try one.string("order") == "<" ? .little : .big
      let plain = try changing(one.stored) {
        try Predictor.undo(&$0, rowByteCount: row, bitsPerSample: bits, samplesPerPixel: samples, order: order)
      }
      #expect(plain == one.plain, "\(one)")
      let stored = try changing(one.plain) {
        try Predictor.apply(&$0, rowByteCount: row, bitsPerSample: bits, samplesPerPixel: samples, order: order)
      }
      #expect(stored == one.stored, "\(one)")
    }
  }

  @Test func floatingPointAgreesWithImagecodecs() throws {
    for one in try FixtureCase.all("floatingPoint") {
      let (row, bits, samples) = (try one.integer("row"), try one.integer("bits"), try one.integer("samples"))
      let plain = try changing(one.stored) {
        try FloatingPointPredictor.undo(&$0, rowByteCount: row, bitsPerSample: bits, samplesPerPixel: samples)
      }
      #expect(plain == one.plain, "\(one)")
      let stored = try changing(one.plain) {
        try FloatingPointPredictor.apply(&$0, rowByteCount: row, bitsPerSample: bits, samplesPerPixel: samples)
      }
      #expect(stored == one.stored, "\(one)")
    }
  }

  @Test func shortRowsRoundTrip() throws {
    // Other programs do not define incomplete pixels and rows, so these must only survive the round trip.
    for count in 0..<40 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
      for (row, samples) in [(12, 3), (8, 4), (10, 5), (2, 9), (64, 1), (8, 3)] {
        for order in [ByteOrder.little, .big] {
          let stored = try changing(bytes) {
            try Predictor.apply(&$0, rowByteCount: row, bitsPerSample: 16, samplesPerPixel: samples, order: order)
          }
          let back = try changing(stored) {
            try Predictor.undo(&$0, rowByteCount: row, bitsPerSample: 16, samplesPerPixel: samples, order: order)
          }
          #expect(back == bytes, "\(count) bytes, rows of \(row), \(samples) samples")
        }
      }
    }
  }

  @Test func refusesWhatThePredictorsAreNotDefinedFor() throws {
    for (row, bits, samples, code) in [
      (8, 4, 1, IOLinkError.Code.unsupported), (8, 24, 1, .unsupported), (0, 16, 1, .invalidArgument), (8, 16, 0, .invalidArgument),
    ] {
      let found = try failure(16) { output in
        try Predictor.undo(&output, rowByteCount: row, bitsPerSample: bits, samplesPerPixel: samples)
      }
      #expect(found == code)
    }
    for (row, bits, samples, code) in [
      (8, 8, 1, IOLinkError.Code.unsupported), (6, 32, 1, .invalidArgument), (-8, 32, 1, .invalidArgument),
    ] {
      let found = try failure(16) { output in
        try FloatingPointPredictor.undo(&output, rowByteCount: row, bitsPerSample: bits, samplesPerPixel: samples)
      }
      #expect(found == code)
    }
  }
}

@Suite struct BitUnpackerTests {
  @Test func agreesWithImagecodecs() throws {
    for one in try FixtureCase.all("bits") {
      let (bits, width, container) = (try one.integer("bits"), try one.integer("width"), try one.integer("container") / 8)
      let plain = try filling(one.plain.count) {
        try BitUnpacker.unpack(
          unsafe one.stored.span.bytes, into: &$0, bitsPerSample: bits, samplesPerRow: width, sampleByteCount: container)
      }
      #expect(plain == one.plain, "\(one)")
      if bits == 1 {
        #expect(try BitUnpacker.packBits(unsafe one.plain.span.bytes, samplesPerRow: width) == one.stored, "\(one)")
      }
      // Wider integers hold the same values in little-endian order, followed by zeros.
      if container < 8, ByteOrder.native == .little {
        let wide = try filling(one.plain.count / container * 8) {
          try BitUnpacker.unpack(unsafe one.stored.span.bytes, into: &$0, bitsPerSample: bits, samplesPerRow: width, sampleByteCount: 8)
        }
        let narrow = stride(from: 0, to: wide.count, by: 8).flatMap { wide[$0..<($0 + container)] }
        #expect(narrow == one.plain, "\(one)")
      }
    }
  }

  @Test func refusesWhatDoesNotFit() throws {
    let bytes = [UInt8](repeating: 0xff, count: 12)
    for (room, bits, width, size, code) in [
      (16, 12, 8, 1, IOLinkError.Code.invalidArgument), (16, 0, 8, 2, .invalidArgument), (16, 65, 8, 8, .invalidArgument),
      (16, 12, 8, 3, .invalidArgument), (17, 12, 8, 2, .invalidArgument), (32, 12, 8, 2, .truncated), (16, 12, 0, 2, .invalidArgument),
      (16, 12, .max, 2, .limitExceeded), (16, 1, .max, 2, .invalidArgument),
    ] {
      let found = try failure(room) { output in
        try BitUnpacker.unpack(unsafe bytes.span.bytes, into: &output, bitsPerSample: bits, samplesPerRow: width, sampleByteCount: size)
      }
      #expect(found == code, "\(room) \(bits) \(width) \(size)")
    }
    #expect(try errorCode { _ = try BitUnpacker.packBits(unsafe bytes.span.bytes, samplesPerRow: 5) } == .invalidArgument)
  }

  @Test func reversesBits() throws {
    #expect(try changing([0x01, 0x80, 0x12, 0xff, 0xa5]) { BitUnpacker.reverseBits(&$0) } == [0x80, 0x01, 0x48, 0xff, 0xa5])
  }
}
