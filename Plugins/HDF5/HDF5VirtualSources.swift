import IOLinkCore

/// Checks whether the source datasets of a virtual dataset may be read.
///
/// The library opens the sources by itself, so everything is checked first. Other files must be permitted by the caller and lie next to
/// this one, and sources must not lead to further external storage or back to themselves.
///
/// Source: HDF5 File Format Specification 3.0, III.G "Virtual Dataset global heap block".
struct HDF5VirtualSources {
  private let context: OpenContext
  /// How many more datasets may be checked.
  private var remaining = 1 << 16

  init(context: OpenContext) { self.context = context }

  /// - Parameters:
  ///   - sources: The sources of the dataset at `path` in the file `file`.
  ///   - depth: The number of virtual datasets that led here.
  /// - Throws: `unsupported` for files that are not permitted and for external storage, which the library would open by itself;
  ///   `limitExceeded` when virtual datasets are nested too deeply or there are too many of them.
  mutating func check(
    _ sources: [HDF5Storage.VirtualSource], of path: String, _ structure: any HDF5StructureReader, _ file: DataSource, depth: Int = 0
  ) throws(IOLinkError) {
    guard depth < Self.maximumDepth else {
      throw .hdf5(.limitExceeded, "\(path) consists of virtual datasets that are nested more than \(Self.maximumDepth) levels deep")
    }
    for source in Set(sources) {
      if source.file == "." || source.file == file.name {
        for name in Self.expand(source.dataset) {
          guard let origin = try? structure.dataset(at: name) else { break }
          try check(origin, source, structure, file, depth)
        }
      } else {
        try checkOther(source, of: path, file, depth)
      }
    }
  }

  private mutating func checkOther(
    _ source: HDF5Storage.VirtualSource, of path: String, _ file: DataSource, _ depth: Int
  ) throws(IOLinkError) {
    guard context.permissions.contains(.siblings) else {
      throw .hdf5(.unsupported, "\(path) consists of other files (\"\(source.file)\"), which the caller has not permitted to open")
    }
    guard !source.file.contains("/") else {
      throw .hdf5(.unsupported, "\(path) names \"\(source.file)\", which is not next to the file")
    }
    for name in Self.expand(source.file) {
      // A missing file reads as the fill value, as in other programs.
      guard let other = try? file.sibling(named: name) else { return }
      let structure = try LibHDF5Reader(other, HDF5Superblock(in: other.bytes), context: context)
      for name in Self.expand(source.dataset) {
        guard let origin = try? structure.dataset(at: name) else { break }
        try check(origin, source, structure, other, depth)
      }
    }
  }

  private mutating func check(
    _ origin: HDF5Dataset, _ source: HDF5Storage.VirtualSource, _ structure: any HDF5StructureReader, _ file: DataSource, _ depth: Int
  ) throws(IOLinkError) {
    remaining -= 1
    guard remaining > 0 else { throw .hdf5(.limitExceeded, "\(origin.path) consists of more datasets than are supported") }
    switch origin.layout {
    case .compact, .contiguous, .chunked: return
    case .virtual(let further): try check(further, of: origin.path, structure, file, depth: depth + 1)
    case .external:
      throw .hdf5(.unsupported, "\(origin.path) in \"\(source.file)\" is stored in other files")
    }
  }

  /// Returns the names for which a pattern stands. `%b` is replaced with the numbers 0, 1, 2 and so on, and `%%` stands for `%`.
  private static func expand(_ pattern: String) -> LazyMapSequence<Range<Int>, String> {
    let isPattern = pattern.replacing("%%", with: "").contains("%b")
    return (0..<(isPattern ? maximumCount : 1)).lazy.map { number in
      isPattern || pattern.contains("%%")
        ? pattern.split(separator: "%%", omittingEmptySubsequences: false).map { $0.replacing("%b", with: "\(number)") }
          .joined(separator: "%") : pattern
    }
  }

  private static let maximumDepth = 4
  /// The number of names of one pattern that are checked. The library does not read any others either.
  private static let maximumCount = 1 << 16
}
