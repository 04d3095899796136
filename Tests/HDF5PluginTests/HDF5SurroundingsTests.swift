import IOLinkCore
import IOLinkSystem
import Testing

@testable import HDF5Plugin

/// Whole files: what surrounds images is written with them. The source is a file that h5py wrote (Fixtures/whole.py).
struct HDF5SurroundingsTests {
  private let registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))

  private func source() throws -> DataSource {
    try HDF5FixtureTests.source("../Tests/HDF5PluginTests/Fixtures/whole.h5")
  }

  private func converted(_ options: [String: String] = [:]) throws -> (file: HDF5Objects, report: CollectionReport, stream: MemoryStream) {
    let stream = MemoryStream()
    let report = try registry.convert(source(), images: nil, to: stream, format: "HDF5", options: options)
    let file = try HDF5Objects(
      DataSource(MemoryRandomAccess(stream.bytes)), context: OpenContext(runtime: Runtime(executor: SerialExecutor())), decoders: .none)
    return (file, report, stream)
  }

  private func attributes(_ path: String, _ file: HDF5Objects) throws -> HDF5Attributes { try HDF5Attributes(file.structure.attributes(at: path)) }

  private func bytes(_ path: String, of images: any MultiImageView) throws -> [UInt8] {
    let image = try images.image(named: path)
    return try image.bytes(of: Region(of: image.shape))
  }

  @Test(arguments: ["oldest", "latest"]) func groupsKeepTheirAttributes(_ format: String) throws {
    let (file, _, _) = try converted(["format": format])
    #expect(try attributes("/", file).text("creator") == "somebody")
    #expect(try attributes("/entry", file).text("NX_class") == "NXentry")
    #expect(try attributes("/entry", file).metadata("numbers") == .numbers(NumericArray(.int16, shape: [3], bytes: [0, 0, 1, 0, 2, 0])))
    #expect(try attributes("/entry/marked", file).text("note") == "an empty group with an attribute")
    #expect(try file.listing().emptyGroups == ["/entry/empty", "/entry/marked"])
  }

  @Test(arguments: ["oldest", "latest"]) func linksAreKept(_ format: String) throws {
    let (file, _, stream) = try converted(["format": format])
    let structure = file.structure
    #expect(try structure.address(of: "/again") == structure.address(of: "/entry/data"))
    #expect(try structure.address(of: "/soft") == structure.address(of: "/entry/second"))
    #expect(try structure.address(of: "/entry/relative") == structure.address(of: "/entry/second"))
    let links = try file.listing().furtherLinks
    func softTarget(_ path: String) -> String? {
      guard case .soft(let target)? = links.first(where: { $0.path == path })?.target else { return nil }
      return target
    }
    #expect(softTarget("/soft") == "/entry/second" && softTarget("/entry/relative") == "second" && softTarget("/entry/empty_again") == "/entry/empty")
    // The images are those of the source, under their names.
    let (old, new) = (try registry.open(source()), try registry.open(DataSource(MemoryRandomAccess(stream.bytes))))
    let unreadable = Set(try old.problems().map(\.name))
    #expect(Set(try new.names.filter { !["/title", "/entry/names"].contains($0) }) == Set(try old.names.filter { !unreadable.contains($0) }))
    for name in try old.names where !unreadable.contains(name) { #expect(try bytes(name, of: old) == bytes(name, of: new), "\(name)") }
  }

  @Test(arguments: ["oldest", "latest"]) func scalesStayAttached(_ format: String) throws {
    let (file, _, stream) = try converted(["format": format])
    for (path, wanted) in [("/entry/data", ["/entry/names", "/entry/lat", "/entry/x"]), ("/entry/second", ["/entry/lat", "/entry/x"])] {
      let lists = try attributes(path, file).referenceLists("DIMENSION_LIST") ?? []
      #expect(lists.map { $0.compactMap { $0.flatMap { file.path(at: $0, near: path) } } } == wanted.map { [$0] })
    }
    let latitude = try attributes("/entry/lat", file)
    #expect(latitude.text("CLASS") == "DIMENSION_SCALE" && latitude.text("NAME") == "lat" && latitude.text("long_name") == "distance from the door")
    #expect(file.numbers(at: "/entry/lat", atMost: 3)?.componentType == .float32)
    let (old, new) = (try registry.open(source()), try registry.open(DataSource(MemoryRandomAccess(stream.bytes))))
    for name in ["/entry/data", "/entry/second"] {
      let (before, after) = (try old.image(named: name), try new.image(named: name))
      #expect(before.properties == after.properties)
      #expect(Set(before.metadata.leaves.map(\.path)) == Set(after.metadata.leaves.map(\.path)))
    }
    #expect(try new.image(named: "/entry/data").metadata["/labels/channel"] == .texts(["GFP", "RFP"]))
  }

  @Test func textsAreKeptAndOtherEntriesListed() throws {
    let (file, report, _) = try converted()
    guard case .metadata(let title)? = file.structure.value(at: "/title"), case .metadata(let names)? = file.structure.value(at: "/entry/names")
    else { throw IOLinkError(.notFound, "no texts") }
    #expect(title == .text("two lines") && names == .texts(["GFP", "RFP"]))
    #expect(try attributes("/entry/names", file).text("origin") == "a list")
    let lost = report.lost.map { ($0.path, $0.value) }
    #expect(lost.map(\.0).sorted() == ["/hdf5/hard_links/entry/empty_again", "/hdf5/named_types/kind", "/images", "/images"])
    #expect(Set(lost.filter { $0.0 == "/images" }.map(\.1)) == ["/table", "/grid"])
  }

  @Test func aPartOfAnAxisGetsAScaleOfItsOwn() throws {
    let stream = MemoryStream()
    let old = try registry.open(source())
    let cropped = try Conversion(crop: [.row: 1..<3]).apply(to: old.image(named: "/entry/second"))
    let images = [
      NamedImage(name: "/entry/second", image: cropped), NamedImage(name: "/entry/lat", image: try old.image(named: "/entry/lat")),
      NamedImage(name: "/entry/x", image: try old.image(named: "/entry/x")),
    ]
    _ = try registry.write(images, to: stream, format: "HDF5")
    let file = try HDF5Objects(
      DataSource(MemoryRandomAccess(stream.bytes)), context: OpenContext(runtime: Runtime(executor: SerialExecutor())), decoders: .none)
    let lists = try attributes("/entry/second", file).referenceLists("DIMENSION_LIST") ?? []
    #expect(lists.map { $0.compactMap { $0.flatMap { file.path(at: $0, near: "/entry/second") } } } == [["/entry/lat_second"], ["/entry/x"]])
    #expect(try attributes("/entry/lat", file).text("CLASS") == nil)
  }

  @Test func otherFormatsListWhatTheyLose() throws {
    let surroundings = try registry.open(source()).surroundings
    let paths = Set(surroundings.leaves.map(\.path))
    #expect(
      paths.isSuperset(of: [
        "/hdf5/groups/entry/NX_class", "/hdf5/groups/entry/empty", "/hdf5/hard_links/entry/data", "/hdf5/soft_links/soft", "/texts//title",
        "/texts//entry/names/origin",
      ]))
  }
}
