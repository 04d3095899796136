import Foundation
import HDF5Plugin
import IOLinkCore
import IOLinkSystem
import Testing

/// Datasets under filters of other programs, and under filters that the application decodes (Fixtures/filters.py).
struct HDF5FilterDecoderTests {
  private func open(_ codec: HDF5Codec = HDF5Codec()) throws -> any MultiImageView {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/filters.h5").path(percentEncoded: false)
    return try codec.open(
      DataSource.file(path), options: CodecOptions(declared: codec.descriptor.readOptions),
      context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
  }

  private func bytes(_ name: String, in file: any MultiImageView) throws -> [UInt8] {
    let image = try file.image(named: name)
    return try image.bytes(of: Region(of: image.shape))
  }

  /// The filter of the fixture: exclusive or with its first parameter.
  private static let toy = HDF5FilterDecoder(id: 300, name: "toy") { stored, parameters, output throws(IOLinkError) in
    guard parameters.count == 2, parameters[1] == 3 else { throw IOLinkError(.unsupported, "unknown version") }
    guard stored.byteCount <= output.byteCount else { throw IOLinkError(.limitExceeded, "too long") }
    for offset in 0..<stored.byteCount {
      let byte = try stored.load(at: offset, as: UInt8.self, order: .little)
      output.copy(from: unsafe [byte ^ UInt8(truncatingIfNeeded: parameters[0])].span.bytes, at: offset)  // bytes have no padding
    }
    return stored.byteCount
  }

  @Test func everyFilterGivesTheSameNumbers() throws {
    let file = try open()
    let plain = try bytes("plain", in: file)
    #expect(plain.count == 2400)
    let names = try file.names.filter { $0.hasPrefix("/blosc") || $0.hasPrefix("/bzip2") || $0 == "/fcidecomp" }
    #expect(names.count == 23)
    for name in names { #expect(try bytes(name, in: file) == plain, "\(name)") }
  }

  @Test func zfpBesideOtherFiltersAndSkipped() throws {
    let file = try open()
    let numbers = try bytes("numbers", in: file)
    #expect(numbers.count == 4800)
    for name in ["zfp", "zfp_shuffle", "zfp_fletcher32", "zfp_skipped"] { #expect(try bytes(name, in: file) == numbers, "\(name)") }
  }

  @Test(arguments: [("unsupported_blosc2", "blosc2 (32026)"), ("toy", "(300)")])
  func otherFiltersAreNamed(_ name: String, _ title: String) throws {
    let error = #expect(throws: IOLinkError.self) { try open().image(named: name) }
    #expect(error?.code == .unsupported)
    #expect(error?.reason.contains(title) == true)
  }

  @Test func applicationsDecodeFurtherFilters() throws {
    let codec = try HDF5Codec(filters: [Self.toy])
    #expect(codec.filters.map(\.id) == [300])
    #expect(codec.descriptor.reads.contains { $0.contains("300") && $0.contains("toy") })
    let file = try open(codec)
    let plain = try bytes("plain", in: file)
    for name in ["toy", "toy_shuffle"] { #expect(try bytes(name, in: file) == plain, "\(name)") }
    #expect(#expect(throws: IOLinkError.self) { try file.image(named: "unsupported_blosc2") }?.code == .unsupported)
  }

  @Test func whatDecodersThrowIsReported() throws {
    func error(_ name: String, _ decode: @escaping HDF5FilterDecoder.Decode) throws -> IOLinkError? {
      let file = try open(HDF5Codec(filters: [HDF5FilterDecoder(id: 300, name: "toy", decode: decode)]))
      return #expect(throws: IOLinkError.self) { try bytes(name, in: file) }
    }
    for name in ["toy", "toy_shuffle"] {
      let damaged = try error(name) { _, _, _ throws(IOLinkError) in throw IOLinkError(.truncated, "half is missing") }
      #expect(damaged?.code == .malformed && damaged?.reason.contains("half is missing") == true)
      #expect(damaged?.reason.contains("300") == true && damaged?.offset != nil)
      let other = try error(name) { _, _, _ throws(IOLinkError) in throw IOLinkError(.unsupported, "version 7") }
      #expect(other?.code == .unsupported)
      // Counts that are impossible, and one that is not that of the chunk.
      for count in [-1, Int.max, 958] {
        #expect(try error(name) { _, _, _ throws(IOLinkError) in count }?.code == .malformed, "\(count)")
      }
    }
  }

  @Test(arguments: [[1], [32000], [32001], [32013], [32018], [307], [0], [-3], [65_536], [300, 300]])
  func decodersThatCannotBeAreRefused(_ ids: [Int]) throws {
    let decoders = ids.map { HDF5FilterDecoder(id: $0, name: "mine") { _, _, _ throws(IOLinkError) in 0 } }
    let error = #expect(throws: IOLinkError.self) { try HDF5Codec(filters: decoders) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.reason.contains("\(ids[0])") == true)
  }
}
