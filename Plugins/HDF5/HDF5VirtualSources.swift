import IOLinkCore

/// Whether the datasets that a virtual one is made of may be read.
///
/// The library opens them by itself, so everything is looked at before: other files only where the caller allowed them and
/// only beside this one; nothing that leads further into external storage or in circles.
///
/// Source: HDF5 File Format Specification 3.0, III.G "Virtual Dataset global heap block".
struct HDF5VirtualSources {
  private let context: OpenContext
  /// How many more datasets may be looked at.
  private var remaining = 1 << 16

  init(context: OpenContext) { self.context = context }

  /// - Parameters:
  ///   - sources: Of the dataset at `path` in the file `file`.
  ///   - depth: How many virtual datasets led here.
  /// - Throws: `unsupported` for files that are not allowed and storage that would be opened by the library;
  ///   `limitExceeded` when virtual datasets are nested too deeply.
  mutating func check(
    _ sources: [HDF5Storage.VirtualSource], of path: String, _ structure: any HDF5StructureReader, _ file: DataSource, depth: Int = 0
  ) throws(IOLinkError) {
    guard depth < Self.maximumDepth else {
      throw .hdf5(.limitExceeded, "\(path) is made of virtual datasets, more than \(Self.maximumDepth) deep")
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
      throw .hdf5(.unsupported, "\(path) is made of other files (\"\(source.file)\"), which the caller has not allowed")
    }
    guard !source.file.contains("/") else {
      throw .hdf5(.unsupported, "\(path) names \"\(source.file)\", which does not lie beside the file")
    }
    for name in Self.expand(source.file) {
      // What is missing reads as the fill value, as everywhere.
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
    guard remaining > 0 else { throw .hdf5(.limitExceeded, "\(origin.path) is made of more datasets than are looked at") }
    switch origin.layout {
    case .compact, .contiguous, .chunked: return
    case .virtual(let further): try check(further, of: origin.path, structure, file, depth: depth + 1)
    case .external:
      throw .hdf5(.unsupported, "\(origin.path) in \"\(source.file)\" is stored in other files")
    }
  }

  /// The names that a pattern stands for: `%b` counts from 0, `%%` is one `%`.
  private static func expand(_ pattern: String) -> LazyMapSequence<Range<Int>, String> {
    let isPattern = pattern.replacing("%%", with: "").contains("%b")
    return (0..<(isPattern ? maximumCount : 1)).lazy.map { number in
      isPattern || pattern.contains("%%")
        ? pattern.split(separator: "%%", omittingEmptySubsequences: false).map { $0.replacing("%b", with: "\(number)") }
          .joined(separator: "%") : pattern
    }
  }

  private static let maximumDepth = 4
  /// Of one pattern; what lies behind is not read either.
  private static let maximumCount = 1 << 16
}
