internal import IOLinkCore

/// A file whose directories libtiff cannot read, with the directories of some pages written again behind its end, as BigTIFF if they have
/// offsets of 64 bits.
///
/// The pixels stay where they are, so nothing is copied.
final class RewrittenTIFF: RandomAccess {
  private let base: any RandomAccess
  private let head: [UInt8]
  private let tail: [UInt8]
  private let tailOffset: Int
  /// The offsets of the new directories.
  let directories: [Int]
  let byteCount: Int
  let capabilities: StreamCapabilities = [.read]
  var identity: SourceIdentity { base.identity }

  /// - Throws: Any error that reading the fields throws.
  init(_ file: TIFFFile, _ format: TIFFPageFormat, _ old: [TIFFDirectory]) throws(IOLinkError) {
    base = file.bytes
    tailOffset = Checked.ceilingDivide(base.byteCount, 8) * 8
    var (tail, offsets): ([UInt8], [Int]) = ([], [])
    // The longer header of BigTIFF hides 8 bytes more, where a classic file may have pixels.
    let isBig = file.header.isBig || tailOffset > Int(UInt32.max) - (1 << 24) || old.contains(where: \.isWide)
    let header = TIFFHeader(order: file.order, isBig: isBig, firstDirectory: tailOffset)
    let implied = Self.implied(format, file.order)
    for directory in old {
      var entries = implied
      for field in directory.fields where Self.isNeeded(field.tag) && !implied.contains(where: { $0.tag == field.tag }) {
        entries.append(TIFFEntry(tag: field.tag, type: field.type, bytes: try file.storedBytes(field)))
      }
      offsets.append(tailOffset + tail.count)
      tail += header.encoded(entries, at: tailOffset + tail.count, next: nil)
    }
    head = header.encoded()
    (self.tail, directories) = (tail, offsets)
    byteCount = try Checked.add(tailOffset, tail.count)
  }

  /// Makes the fields that directories of old JPEG may lack, and that this library takes from the JPEG data.
  private static func implied(_ format: TIFFPageFormat, _ order: ByteOrder) -> [TIFFEntry] {
    guard format.compression == .oldJPEG else { return [] }
    return [
      .shorts(.samplesPerPixel, [format.samplesPerPixel], order), .shorts(.photometric, [format.photometric.rawValue], order),
      .shorts(.bitsPerSample, Array(repeating: format.bitsPerSample, count: format.samplesPerPixel), order),
    ]
  }

  /// Whether libtiff needs a field to decode pixels.
  private static func isNeeded(_ tag: TIFFTag) -> Bool {
    guard tag.isStructural else {
      return [.compression, .photometric, .yCbCrSubSampling, .yCbCrCoefficients, .referenceBlackWhite].contains(tag)
    }
    return tag != .subIFDs
  }

  func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    try validate(offset: offset, byteCount: bytes.byteCount)
    let range = offset..<(offset + bytes.byteCount)
    let old = range.clamped(to: 0..<base.byteCount)
    if !old.isEmpty {
      var part = bytes._mutatingExtracting(0..<old.count)
      try base.read(at: old.lowerBound, into: &part)
    }
    for index in range where index < head.count { bytes.storeBytes(of: head[index], toByteOffset: index - offset, as: UInt8.self) }
    let end = max(range.lowerBound, base.byteCount)
    guard end < range.upperBound else { return }
    for index in end..<range.upperBound {
      let byte = index < tailOffset ? 0 : tail[index - tailOffset]
      bytes.storeBytes(of: byte, toByteOffset: index - offset, as: UInt8.self)
    }
  }

  func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) { throw .tiff(.unsupported, "the file is only read") }
  func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? { nil }
  func close() {}
}
