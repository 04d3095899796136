import Testing

@testable import HDF5Plugin

/// Compares what our reader says about the structure of files with what the HDF5 library says: objects, shapes, datatypes, fill values,
/// filters, the place of every chunk, and attributes.
@Suite(.serialized) struct HDF5OracleTests {
  @Test func fixturesAreFound() { #expect(OracleFile.fixtures.count > 100) }

  @Test(arguments: OracleFile.fixtures) func fixtures(_ file: OracleFile) throws { try compare(file) }

  @Test(
    .enabled(
      if: OracleFile.isCollectionExpected || !OracleFile.collection.isEmpty,
      "no collection at ../shared/corpus, and IOLINK_CORPUS names none"))
  func collection() throws {
    #expect(OracleFile.collection.count > 200)
    for file in OracleFile.collection { try compare(file) }
  }

  /// Compares all objects of a file.
  private func compare(_ file: OracleFile) throws {
    guard let library = Self.library(file) else { return }
    let reader = try HDF5ReaderFacts(file.path)
    #expect(reader.unreadable.isEmpty, "\(file.name)")
    #expect(reader.file.groupCount == library.facts.groupCount, "\(file.name)")
    #expect(reader.file.datasets == library.facts.datasets, "\(file.name)")
    for (path, isGroup, object) in library.objects {
      let name: Comment = "\(file.name) \(path)"
      let (isTracked, attributes) = try library.attributes(object, isGroup: isGroup)
      let ours = try reader.attributes(path)
      #expect((isTracked ? ours : ours.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }) == attributes, name)
      guard !isGroup, let dataset = try reader.dataset(path) else { continue }
      let expected = try library.dataset(object)
      #expect(dataset.space == expected.space, name)
      #expect(dataset.datatype == expected.datatype, name)
      #expect(dataset.fillValue == expected.fillValue, name)
      #expect(dataset.filters == expected.filters, name)
      #expect(dataset.storage == expected.storage, name)
      #expect(try reader.findsEveryChunk(path), name)
    }
  }

  /// Opens a file; `nil` when it is one of those that the library refuses.
  private static func library(_ file: OracleFile) -> HDF5Library? {
    do { return try HDF5Library(file.path) } catch {
      #expect(Bool(false), "\(file.name): \(error)")
      return nil
    }
  }
}
