internal import IOLinkCore

/// What pages have in common that are alike: their file, the format of their pixels, and what they are for.
///
/// A file may have very many such pages. One form serves them all, and they are recognised by the bytes of their directories.
final class TIFFPageForm: Sendable {
  let file: TIFFFile
  let format: TIFFPageFormat
  /// The properties that pages of one volume must share.
  let volumeKey: TIFFPageFormat
  /// NewSubfileType: bit 0 marks a reduced version of another page, bit 1 one of several pages, bit 2 a mask of another page.
  let subfileType: Int
  /// Whether the pages have SubIFDs.
  let hasSubIFDs: Bool
  private let pattern: TIFFDirectoryPattern?

  var kind: TIFFPageKind { format.photometric == .mask ? .mask : TIFFPageKind(subfileType) }

  /// - Throws: Any error that ``TIFFPageFormat`` throws.
  init(_ file: TIFFFile, _ directory: TIFFDirectory, subfileType: Int) throws(IOLinkError) {
    self.file = file
    format = try TIFFPageFormat(file, directory)
    volumeKey = format.volumeKey
    self.subfileType = subfileType
    hasSubIFDs = directory[.subIFDs] != nil
    // The format of old JPEG is partly that of its data.
    pattern = format.compression == .oldJPEG ? nil : TIFFDirectoryPattern(file, directory)
  }

  /// Whether a directory of the same file is that of a page like these.
  func fits(_ directory: TIFFDirectory, _ reader: inout TIFFPageReader) -> Bool {
    pattern?.matches(directory, &reader) ?? false
  }

  /// Whether pages of this form and of another one can be planes of one volume.
  func isVolume(with other: TIFFPageForm) -> Bool { self === other || volumeKey == other.volumeKey }

  /// Whether pages of this form and of another one share their format and their file.
  func isUniform(with other: TIFFPageForm) -> Bool {
    self === other || format == other.format && file.bytes === other.file.bytes
  }
}

/// The parts of a directory that decide the format of the page and what it is for.
struct TIFFDirectoryPattern: Sendable {
  private let entries: [UInt8]
  /// The bits of the entries that decide: the tags and types of all, and the counts and values of those whose values count.
  private let mask: [UInt8]
  /// The values that count and lie outside the directory.
  private var values: [(place: Int, offset: Int, bytes: [UInt8])] = []

  private static let tags = TIFFPageFormat.valueTags.union([.newSubfileType, .subfileType])
  private static let largestValueByteCount = 4096

  /// Takes the pattern of a directory; `nil` when it is too long to be compared, or its values cannot be read.
  init?(_ file: TIFFFile, _ directory: TIFFDirectory) {
    guard !directory.isWide else { return nil }
    let header = directory.header
    entries = directory.entries
    var mask = [UInt8](repeating: 0, count: entries.count)
    for place in directory.places {
      var decisive = 4
      if let tag = directory.tag(at: place), Self.tags.contains(tag), let field = directory.field(at: place) {
        decisive += header.offsetByteCount
        if field.inline != nil {
          decisive += field.count * field.type.byteCount
        } else {
          guard let bytes = try? file.storedBytes(field), bytes.count <= Self.largestValueByteCount else { return nil }
          values.append((place, field.valueOffset, bytes))
        }
      }
      for byte in place..<(place + decisive) { mask[byte] = .max }
    }
    self.mask = mask
  }

  /// Whether another directory of the file has the same values where they decide.
  func matches(_ directory: TIFFDirectory, _ reader: inout TIFFPageReader) -> Bool {
    guard !directory.isWide, directory.entries.count == entries.count, hasSameEntries(directory) else { return false }
    return values.allSatisfy { place, offset, bytes in
      guard let field = directory.field(at: place) else { return false }
      return field.valueOffset == offset || reader.hasBytes(bytes, at: field.valueOffset)
    }
  }

  private func hasSameEntries(_ directory: TIFFDirectory) -> Bool {
    let (own, other, mask) = (entries.span, directory.entries.span, mask.span)
    var difference: UInt8 = 0
    // All three have the same length, which `matches` has compared. The loop has no branch, so that it takes many bytes at a time.
    for byte in mask.indices {
      difference |= unsafe (own[unchecked: byte] ^ other[unchecked: byte]) & mask[unchecked: byte]
    }
    return difference == 0
  }
}
