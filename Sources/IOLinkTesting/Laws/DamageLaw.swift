internal import IOLinkCore

/// One way to damage a file.
public enum Damage: Hashable, Sendable, CustomStringConvertible {
  /// The file is cut to this many bytes.
  case truncated(Int)
  /// The bits of the mask are flipped in the byte at this offset.
  case flipped(at: Int, mask: UInt8)

  /// A damaged copy of the bytes. A flip at an offset past the end changes nothing.
  public func apply(to bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .truncated(let count): return Array(bytes.prefix(count))
    case .flipped(let offset, let mask):
      var damaged = bytes
      if damaged.indices.contains(offset) { damaged[offset] ^= mask }
      return damaged
    }
  }

  /// The damage in words, such as `cut to 12 bytes`.
  public var description: String {
    switch self {
    case .truncated(let count): "cut to \(count) bytes"
    case .flipped(let offset, let mask): "byte \(offset) ^ 0x\(String(mask, radix: 16))"
    }
  }
}

extension CodecConformance {
  /// The damages that the law tries on one file.
  ///
  /// For a file of up to 4 KiB these are a truncation and a flip at every offset. For a larger file they are those of the first
  /// 512 offsets and of 2048 offsets that the seed chooses. The same seed and file always give the same damage.
  ///
  /// - Parameters:
  ///   - fixture: The file to damage.
  ///   - limit: The largest number of damages to return, chosen at random; `nil` returns all of them.
  public func damages(of fixture: Fixture, limit: Int? = nil) -> [Damage] {
    var random = SeededGenerator(seed: seed ^ UInt64(fixture.bytes.count))
    let count = fixture.bytes.count
    var offsets = Array(0..<count)
    if count > 4096 { offsets = Array(offsets.shuffled(using: &random).prefix(2048)) + Array(0..<512) }
    var all: [Damage] = []
    for offset in offsets {
      all.append(.truncated(offset))
      let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
      all.append(.flipped(at: offset, mask: Bool.random(using: &random) ? 0xFF : bit))
    }
    guard let limit, all.count > limit else { return all }
    return Array(all.shuffled(using: &random).prefix(limit))
  }

  /// Opens a damaged file and reads what it claims to hold.
  ///
  /// A codec that keeps the law gives an image or throws an error. A trap, a hang or memory use beyond the limits ends the
  /// process or must be noticed from outside; run this in a separate process if the codec may cause them.
  ///
  /// What is truncated or malformed is read again with ``/IOLinkCore/Salvage``, which must go on and list what it filled.
  ///
  /// - Returns: A violation if the error does not name the format, its reason is not one line of text, or salvage fails; `nil` otherwise.
  public func survive(_ damage: Damage, of fixture: Fixture) -> Violation? {
    var limits = ReadLimits()
    limits.chunkByteCount = 64 << 20
    limits.metadataByteCount = 16 << 20
    let bytes = MemoryRandomAccess(damage.apply(to: fixture.bytes))
    do throws(IOLinkError) {
      let images = try open(fixture, from: bytes, with: registry(limits: limits))
      for index in 0..<min(8, try images.count) {
        let image = try images.image(at: index)
        do throws(IOLinkError) { try touch(image, .default) } catch {
          if let problem = salvageProblem(of: image, after: error) { return Violation(.damage, "\(fixture.name), \(damage)", problem) }
          throw error
        }
      }
    } catch {
      let isComplete = error.format != nil && !error.reason.isEmpty && !error.reason.contains("\n")
      if !isComplete { return Violation(.damage, "\(fixture.name), \(damage)", "the error lacks a format or a one-line reason: \(error)") }
    }
    return nil
  }

  /// Reads the whole of a small image, and only the first and the last elements of one that claims to be large.
  private func touch(_ image: any ImageView, _ context: OperationContext) throws(IOLinkError) {
    let byteCount = (try? image.shape.byteCount(of: image.dataType)) ?? .max
    if byteCount <= 1 << 20 {
      _ = try image.bytes(of: Region(of: image.shape), context: context)
      return
    }
    let size = AxisVector(image.shape.map { min($0, 2) })
    if size.contains(0) { return }
    _ = try image.bytes(of: Region(origin: AxisVector(repeating: 0, count: image.rank), size: size), context: context)
    _ = try image.bytes(of: Region(origin: AxisVector(zip(image.shape, size).map { $0 - $1 }), size: size), context: context)
  }

  /// What is wrong with reading a damaged image with salvage; `nil` when nothing is, or when the error is not about damage.
  private func salvageProblem(of image: any ImageView, after error: IOLinkError) -> String? {
    func isDamage(_ error: IOLinkError) -> Bool { error.code == .truncated || error.code == .malformed }
    guard isDamage(error) else { return nil }
    let salvage = Salvage()
    do throws(IOLinkError) { try touch(image, OperationContext(salvage: salvage)) } catch {
      return isDamage(error) ? "a read with salvage throws \(error)" : nil
    }
    return salvage.takeLost().isEmpty ? "a read with salvage lists nothing, but without it throws \(error)" : nil
  }

  func checkDamage(_ findings: inout Findings) {
    for fixture in fixtures where fixture.isAccepted {
      for damage in damages(of: fixture) {
        let violation = survive(damage, of: fixture)
        findings.expect(violation == nil, violation?.subject ?? "", violation?.text ?? "")
      }
    }
  }
}
