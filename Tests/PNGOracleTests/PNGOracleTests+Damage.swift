import IOLinkCompression
import IOLinkCore
import IOLinkTesting
import Synchronization
import Testing

@testable import PNGPlugin

private struct CodeOnly: Error, Equatable {
  let code: IOLinkError.Code
}

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// Several threads find the same as one.
extension PNGOracleTests {
  /// Each damaged file gives the same pixels or the same error, and the same rows can be salvaged.
  @Test func damageIsFoundAlike() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    let kind = kind((600, 1400), 8, 2, 0, 248, 0)
    let file = try #require(PNGLibrary.encode(rows(kind, &generator), kind))
    var kept = 0
    for _ in 0..<30 {
      let damaged = damaged(file, Int.random(in: 100..<(file.count - 100), using: &generator), UInt8(1 << Int.random(in: 0...7, using: &generator)))
      let results = try Self.runtimes.map { runtime in
        let image = try open(damaged, runtime)
        let whole = Result { () throws(IOLinkError) in try image.bytes(of: Region(of: image.shape)) }.mapError { CodeOnly(code: $0.code) }
        let salvage = Salvage()
        let salvaged = try image.bytes(of: Region(of: image.shape), context: OperationContext(salvage: salvage))
        return (whole, salvaged, salvage.takeLost().map(\.value))
      }
      #expect(results[0].0 == results[1].0, "seed \(seed)")
      #expect(results[0].1 == results[1].1, "seed \(seed)")
      #expect(results[0].2 == results[1].2, "seed \(seed)")
      if results[0].2.first.map({ !$0.hasPrefix("all") }) ?? false { kept += 1 }
    }
    #expect(kept > 0, "seed \(seed): no damage left rows before it")
  }

  /// The file with some bits of one byte of image data changed, and the right CRC.
  private func damaged(_ file: [UInt8], _ place: Int, _ bits: UInt8) -> [UInt8] {
    var (file, start) = (file, 8)
    while start < file.count {
      let count = file[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
      let body = (start + 4)..<(start + 8 + count)
      if body.dropFirst(4).contains(place), file[body].starts(with: "IDAT".utf8) {
        file[place] ^= bits
        var crc: [UInt8] = []
        crc.append(unsafe Checksum.crc32(Array(file[body]).span.bytes), order: .big)
        file.replaceSubrange(body.upperBound..<(body.upperBound + 4), with: crc)
      }
      start += count + 12
    }
    return file
  }

  /// Reading stops at the next band.
  @Test func cancellingStopsReading() throws {
    var generator = SeededGenerator(seed: 1)
    let kind = kind((600, 1400), 8, 2, 0, 248, 0)
    let file = try #require(PNGLibrary.encode(rows(kind, &generator), kind))
    for runtime in Self.runtimes {
      let checks = Counter()
      let image = try open(file, runtime)
      let cancellation = Cancellation { checks.next() > 2 }
      let error = #expect(throws: IOLinkError.self) {
        try image.bytes(of: Region(of: image.shape), context: OperationContext(cancellation: cancellation))
      }
      #expect(error?.code == .cancelled)
      #expect(try image.bytes(of: Region(of: image.shape)) == PNGLibrary.decode(file)?.bytes)
    }
  }
}
