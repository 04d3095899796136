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

  /// The files with objects that the library 1.10 does not open, and why. The first five are fixtures of the plugin, whose tests compare
  /// them with what a later version of the library says through h5py.
  private static let refusing: [String: String] = [
    "chunks_v5.h5": "version 5 of the layout message",
    "messages.h5": "version 5 of the layout message",
    "elements.h5": "version 5 of the datatype message",
    "virtual_new.h5": "version 5 of the layout message",
    "virtual_v112.h5": "version 3 of hyperslab selections",
    "hdf5/vlen-reference/hdf5__test__bounds_ref_earliest_latest.h5": "version 4 of the datatype message",
    "hdf5/vlen-reference/hdf5__test__bounds_ref_latest_latest.h5": "version 4 of the datatype message",
    "hdf5/contiguous-sb0-1/hdf5__test__tbogus.h5": "a message that must be understood and that nobody knows; we refuse the same objects",
  ]

  /// The objects with attributes that the library does not list: one is damaged, and one has types of HDF5 2.0.
  private static let withRefusedAttributes = [
    "hdf5/contiguous-sb0-1/hdf5__test__corrupted_name_len.h5 /image", "elements.h5 /holder",
  ]

  /// The datasets in the byte order of the VAX. The library writes it in version 1 of the datatype message too, but knows it only in
  /// version 3 when it reads, and takes these for big-endian.
  private static let inOrderOfVAX = ["elements.h5 /vax_f", "elements.h5 /vax_g"]

  /// Compares all objects of a file.
  private func compare(_ file: OracleFile) throws {
    let library = try HDF5Library(file.path)
    #expect(library.refused.isEmpty == (Self.refusing[file.name] == nil), "\(file.name) \(library.refused)")
    let reader = try HDF5ReaderFacts(file.path)
    #expect(reader.unreadable.allSatisfy { (library.refused + library.dangling).contains($0) }, "\(file.name)")
    #expect(reader.file.groupCount == library.facts.groupCount, "\(file.name)")
    #expect(reader.file.datasets.filter { !library.refused.contains($0) } == library.facts.datasets, "\(file.name)")
    for (path, isGroup, object) in library.objects {
      do {
        let name = "\(file.name) \(path)"
        if Self.withRefusedAttributes.contains(name) {
          #expect(throws: HDF5LibraryError.self) { try library.attributes(object, isGroup: isGroup) }
        } else {
          compareAttributes(try reader.attributes(path), try library.attributes(object, isGroup: isGroup), "\(name)")
        }
        guard !isGroup, let dataset = try reader.dataset(path) else { continue }
        let expected = try library.dataset(object)
        compare(
          dataset, try reader.hasExtensibleArray(path) ? expected.withGrowingDimensionFirst : expected, "\(file.name) \(path)")
        #expect(try reader.findsEveryChunk(path), "\(file.name) \(path)")
      } catch { Issue.record(error, "\(file.name) \(path)") }
    }
  }

  private func compareAttributes(
    _ found: [HDF5AttributeFacts], _ expected: (isTracked: Bool, attributes: [HDF5AttributeFacts]), _ name: Comment
  ) {
    let sorted = found.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
    #expect((expected.isTracked ? found : sorted) == expected.attributes, name)
  }

  private func compare(_ found: HDF5DatasetFacts, _ expected: HDF5DatasetFacts, _ name: Comment) {
    #expect(found.space == expected.space, name)
    #expect((found.datatype == expected.datatype) != Self.inOrderOfVAX.contains(name.rawValue), name)
    #expect(found.fillValue == expected.fillValue, name)
    #expect(found.filters == expected.filters, name)
    #expect(found.storage == expected.storage, name)
  }
}
