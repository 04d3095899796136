internal import IOLinkCore
import Synchronization

extension CodecConformance {
  /// The largest image that the laws read as a whole, which they do many times.
  private static var wholeByteCount: Int { 4 << 20 }

  func isSmall(_ image: any ImageView) -> Bool {
    ((try? image.shape.byteCount(of: image.dataType)) ?? .max) <= Self.wholeByteCount
  }

  func checkRegions(_ findings: inout Findings) {
    // Without a cache each region is decoded again, often after regions that come later in the file.
    forEachImage(cacheByteCount: 0, &findings) { (_, subject, image, findings: inout Findings) throws(IOLinkError) in
      guard isSmall(image) else { return }
      let whole = try image.bytes(of: Region(of: image.shape))
      let generator = findings.random.description
      for _ in 0..<6 {
        let region = randomRegion(in: image.shape, &findings.random)
        let destination = RandomStrides(region.size, image.dataType, &findings.random)
        let found = try destination.read(region, of: image)
        let expected = destination.scattered(part(region, of: whole, image.shape, image.dataType))
        findings.expect(
          found == expected, subject,
          "region \(region) into \(destination.layout) differs from the whole (\(generator))")
      }
      let outside = IOLinkErrorCode { () throws(IOLinkError) in
        _ = try image.bytes(of: Region(origin: image.shape, size: AxisVector(repeating: 1, count: image.rank)))
      }
      if image.rank > 0 {
        findings.expect(outside == .invalidArgument, subject, "a region outside the image gives \(outside?.rawValue ?? "pixels")")
      }
    }
  }

  func checkSources(_ findings: inout Findings) {
    for fixture in fixtures where fixture.isAccepted {
      let padded = Array(repeating: UInt8(0xA5), count: 13) + fixture.bytes + [0x5A, 0x5A, 0x5A]
      findings.attempt(fixture.name) { (findings: inout Findings) throws(IOLinkError) in
        let reference = try open(fixture)
        let others: [(String, any RandomAccess)] = [
          ("a source without memory", AwkwardRandomAccess(fixture.bytes)),
          ("a part of another source", try SubRange(of: MemoryRandomAccess(padded), 13..<(13 + fixture.bytes.count))),
          ("a part of a source without memory", try SubRange(of: AwkwardRandomAccess(padded), 13..<(13 + fixture.bytes.count))),
        ]
        for (kind, bytes) in others {
          let found = try open(fixture, from: bytes)
          let (names, expected) = (try found.names, try reference.names)
          findings.expect(names == expected, fixture.name, "\(kind) gives images \(names), expected \(expected)")
          for index in 0..<min(8, names.count, expected.count) {
            guard let image = try? reference.image(at: index), isSmall(image) else { continue }
            let other = try found.image(at: index)
            let isSame = other.properties == image.properties && other.dataType == image.dataType && other.metadata == image.metadata
            findings.expect(isSame, fixture.name, "\(kind) gives different properties for \(names[index])")
            guard other.shape == image.shape, other.dataType == image.dataType else { continue }
            let region = Region(of: image.shape)
            let pixels = try other.bytes(of: region)
            findings.expect(try pixels == image.bytes(of: region), fixture.name, "\(kind) gives different pixels for \(names[index])")
          }
        }
        try checkFailingSource(fixture, &findings)
      }
    }
  }

  /// Checks that a source whose reads fail gives an error, and not an image.
  private func checkFailingSource(_ fixture: Fixture, _ findings: inout Findings) throws(IOLinkError) {
    for failing in 0..<3 {
      let source = AwkwardRandomAccess(fixture.bytes, failingRead: failing)
      let code = IOLinkErrorCode { () throws(IOLinkError) in
        let images = try open(fixture, from: source)
        for index in 0..<min(8, try images.count) {
          let image = try images.image(at: index)
          if isSmall(image) { _ = try image.bytes(of: Region(of: image.shape)) }
        }
      }
      // A codec that needs fewer reads does not meet the failure.
      if source.readCount > failing { findings.expect(code != nil, fixture.name, "read \(failing) fails, but the codec throws no error") }
    }
  }

  func checkThreads(_ findings: inout Findings) {
    forEachImage(&findings) { (_, subject, image, findings: inout Findings) throws(IOLinkError) in
      guard isSmall(image), image.elementCount > 1 else { return }
      let whole = try image.bytes(of: Region(of: image.shape))
      let shape = image.shape
      let type = image.dataType
      let regions = (0..<24).map { _ in randomRegion(in: shape, &findings.random) }
      let wrong = Atomic<Int>(-1)
      try executor.forEach(count: regions.count, workers: 8, makeState: { 0 }) { index, _ throws(IOLinkError) in
        let found = try image.bytes(of: regions[index])
        if found != part(regions[index], of: whole, shape, type) { wrong.store(index, ordering: .relaxed) }
      }
      let index = wrong.load(ordering: .relaxed)
      let generator = findings.random.description
      findings.expect(index < 0, subject, "\(index < 0 ? "" : "\(regions[index])") differs when several threads read (\(generator))")
    }
  }

  func randomRegion(in shape: Shape, _ random: inout SeededGenerator) -> Region {
    var origin = shape
    var size = shape
    for axis in 0..<shape.count {
      origin[axis] = Int.random(in: 0...max(0, shape[axis] - 1), using: &random)
      let rest = shape[axis] - origin[axis]
      size[axis] = min(rest, Int.random(in: 0..<12, using: &random) == 0 ? 0 : Int.random(in: 1...max(1, rest), using: &random))
    }
    // Creating the region cannot fail: its origin and size lie inside the shape.
    return (try? Region(origin: origin, size: size)) ?? Region(of: shape)
  }
}

/// The bytes of a region, taken from those of the whole image: dense, first axis fastest, components interleaved.
func part(_ region: Region, of whole: [UInt8], _ shape: Shape, _ type: DataType) -> [UInt8] {
  guard !region.isEmpty else { return [] }
  var result: [UInt8] = []
  var local = AxisVector(repeating: 0, count: shape.count)
  let run = shape.count > 0 ? region.size[0] : 1
  var outer = region.size
  if shape.count > 0 { outer[0] = 1 }
  repeat {
    var index = 0
    for axis in (0..<shape.count).reversed() { index = index * shape[axis] + region.origin[axis] + local[axis] }
    result += whole[(index * type.byteCount)..<((index + run) * type.byteCount)]
  } while local.advance(in: outer)
  return result
}

/// The code of the error that `body` throws; `nil` if it does not throw.
func IOLinkErrorCode(_ body: () throws(IOLinkError) -> Void) -> IOLinkError.Code? {
  do throws(IOLinkError) { try body() } catch { return error.code }
  return nil
}
