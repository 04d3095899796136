import Foundation
import HDF5Plugin
import IOLinkCore
import IOLinkSystem
import Testing

/// Packed variables that netCDF4 wrote, against the values that netCDF4 and xarray make of them (Fixtures/packing.py).
struct HDF5ScalingTests {
  struct Entry: CustomTestStringConvertible, Sendable {
    let name: String
    let type: String
    let values: [Double]
    var testDescription: String { name }
  }

  private static let table: [Entry] = {
    guard let text = try? String(contentsOf: HDF5FormatFile.fixtures.appending(path: "packing.txt"), encoding: .utf8) else { return [] }
    return text.split(separator: "\n").map { line in
      let words = line.split(separator: " ").map(String.init)
      return Entry(name: words[0], type: words[1], values: words.dropFirst(2).map { Double($0) ?? 99 })
    }
  }()

  private static func open(_ options: [String: String]) throws -> any MultiImageView {
    let path = HDF5FormatFile.fixtures.appending(path: "packing.nc").path(percentEncoded: false)
    return try CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor())).open(try DataSource.file(path), options: options)
  }

  private static let file = Result { try open(["scaled": "true"]) }

  private func numbers(_ image: any ImageView, _ region: Region) throws -> [Double] {
    try NumericArray(image.dataType.componentType, shape: Array(region.size), bytes: image.bytes(of: region)).doubles
  }

  private func isSame(_ found: [Double], _ wanted: [Double]) -> Bool {
    found.count == wanted.count && zip(found, wanted).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
  }

  @Test func tableHasEntries() { #expect(Self.table.count == 15) }

  @Test(arguments: table)
  func valuesAreThoseOfOtherPrograms(_ entry: Entry) throws {
    let image = try Self.file.get().image(named: entry.name)
    #expect(image.dataType.numpyName == entry.type)
    #expect(isSame(try numbers(image, Region(of: image.shape)), entry.values))
    // A region that touches four chunks.
    let region = try Region(origin: [2, 1], size: [3, 4])
    let wanted = (1..<5).flatMap { row in entry.values[(row * 5 + 2)..<(row * 5 + 5)] }
    #expect(isSame(try numbers(image, region), Array(wanted)))
  }

  @Test func metadataSaysWhatWasApplied() throws {
    let image = try Self.file.get().image(named: "int16_single")
    #expect(image.metadata["/hdf5/applied_scaling/scale_factor"]?.doubles == [Double(Float(0.01))])
    #expect(image.metadata["/hdf5/applied_scaling/_FillValue"]?.integer == -32768)
    #expect(image.metadata[child: "hdf5"]?[child: "attributes"] == nil)
    #expect(image.properties.significantBits == nil)
    #expect(try Self.file.get().image(named: "int8_unsigned").metadata["/hdf5/applied_scaling/_Unsigned"] == .text("true"))
    let plain = try Self.open([:]).image(named: "int16_single")
    #expect(plain.dataType == .int16 && plain.metadata["/hdf5/applied_scaling/scale_factor"] == nil)
    #expect(plain.metadata["/hdf5/attributes/_FillValue"]?.integer == -32768)
    let unpacked = try Self.file.get().image(named: "unpacked")
    #expect(unpacked.dataType == .int16 && unpacked.metadata[child: "hdf5"]?[child: "applied_scaling"] == nil)
  }

  /// What was scaled is written as values, and is not scaled once more when it is read.
  @Test func valuesAreNotScaledTwice() throws {
    let image = try Self.file.get().image(named: "int16_single")
    let registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))
    let stream = MemoryStream()
    _ = try registry.write(image, to: stream, format: "HDF5")
    let source = DataSource(MemoryRandomAccess(stream.bytes))
    let found = try registry.open(source, options: ["scaled": "true"]).image()
    #expect(found.dataType == .float32)
    #expect(isSame(try numbers(found, Region(of: found.shape)), try numbers(image, Region(of: image.shape))))
    #expect(found.metadata["/hdf5/applied_scaling/scale_factor"]?.double == Double(Float(0.01)))
  }
}
