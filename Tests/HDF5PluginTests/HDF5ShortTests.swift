import Foundation
import HDF5Plugin
import IOLinkCore
import IOLinkSystem
import Testing

/// Files that are cut short: every dataset whose description is there opens, and what is there of it can be read.
struct HDF5ShortTests {
  private static let codec = HDF5Codec()

  private static func bytes(_ fixture: String) throws -> [UInt8] {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try [UInt8](Data(contentsOf: fixtures.appending(path: "fixtures/hdf5/\(fixture)")))
  }

  private static func open(_ bytes: [UInt8], _ options: [String: String] = [:]) throws -> any MultiImageView {
    try codec.open(
      DataSource(MemoryRandomAccess(bytes)), options: CodecOptions(options, declared: codec.descriptor.readOptions),
      context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
  }

  /// The file that writing several images gives.
  private static func written(_ images: [NamedImage], _ options: [String: String]) throws -> [UInt8] {
    let registry = CodecRegistry([codec], runtime: Runtime(executor: SerialExecutor()))
    let stream = MemoryStream()
    _ = try registry.write(images, to: stream, format: "HDF5", options: options)
    return stream.bytes
  }

  private static func image(_ shape: Shape, from start: Int) throws -> MemoryImageView {
    let axes = zip([AxisRole.column, .row], shape).map { Axis($0, length: $1) }
    let image = try MemoryImageView.allocate(shape, .uint16, properties: ImageProperties(axes: axes))
    var numbers: [UInt8] = []
    for index in 0..<(try shape.elementCount()) { numbers.append(UInt16(truncatingIfNeeded: start + index), order: .native) }
    try image.write(Region(of: shape), from: unsafe numbers.span.bytes, layout: StridedLayout(dense: shape, .uint16))
    return image
  }

  private func pixels(_ image: any ImageView, _ salvage: Salvage? = nil) throws -> [UInt8] {
    try image.bytes(of: Region(of: image.shape), context: OperationContext(salvage: salvage))
  }

  private func code(_ body: () throws -> Void) -> IOLinkError.Code? {
    do { try body() } catch { return (error as? IOLinkError)?.code }
    return nil
  }

  /// Whatever the length, each image is right, is right with its missing parts filled, or has a reason.
  @Test(arguments: [
    "groups_old.h5", "groups_new.h5", "rank2.h5", "chunked_old.h5", "chunked_new.h5", "compact.h5", "gzip_new.h5", "index_btree2.h5",
    "index_fixed_array.h5", "index_extensible_array.h5", "fill_missing_chunks_old.h5", "gzip_big_endian_float64.h5",
  ]) func whatIsThereIsRead(_ name: String) throws {
    let whole = try Self.bytes(name)
    let file = try Self.open(whole)
    let wanted = try Dictionary(uniqueKeysWithValues: file.names.map { ($0, try pixels(file.image(named: $0))) })
    var found: Set<String> = []
    for count in stride(from: 48, to: whole.count, by: 61) {
      guard let file = try? Self.open(Array(whole.prefix(count))), let names = try? file.names else { continue }
      for (index, name) in names.enumerated() {
        let image: any ImageView
        do { image = try file.image(at: index) } catch {
          #expect(error.isAboutContent)
          found.insert("unreadable")
          continue
        }
        let wanted = try #require(wanted[name])
        do {
          #expect(try pixels(image) == wanted)
          found.insert("complete")
        } catch {
          #expect((error as? IOLinkError)?.code == .truncated && image.storage?.contains("cut short: ") == true, "\(error)")
          let salvage = Salvage()
          let filled = try pixels(image, salvage)
          #expect(filled.count == wanted.count)
          let lost = salvage.takeLost()
          #expect(!lost.isEmpty && lost.allSatisfy { $0.reason.hasPrefix("truncated: ") })
          found.insert("partial")
        }
      }
    }
    #expect(!found.isEmpty)
  }

  /// Contiguous elements are read up to the last one that is there; the others have the fill value.
  @Test func contiguousElementsWithAFillValue() throws {
    let whole = try Self.bytes("rank2.h5")
    let reference = try pixels(Self.open(whole).image())
    let width = try Self.open(whole).image().dataType.byteCount
    var tried = 0
    for missing in stride(from: 1, to: reference.count, by: 5) {
      guard let image = try? Self.open(Array(whole.dropLast(missing))).image() else { continue }
      guard image.storage?.hasPrefix("contiguous, cut short: ") == true else { continue }
      let salvage = Salvage()
      let filled = try pixels(image, salvage)
      let present = filled.indices.first { filled[$0] != reference[$0] } ?? filled.count
      #expect(filled[present...].allSatisfy { $0 == 0 } || present == filled.count)
      #expect(salvage.takeLost().count == 1)
      #expect(present / width * width >= reference.count - missing - width || present == filled.count)
      tried += 1
    }
    #expect(tried > 0)
  }

  /// Chunks say how many of them are there, and salvage lists the others.
  @Test func chunksThatAreMissing() throws {
    let whole = try Self.bytes("gzip_old.h5")
    let reference = try pixels(Self.open(whole).image())
    let image = try Self.open(Array(whole.dropLast(200))).image()
    #expect(image.storage?.contains(", cut short: ") == true)
    #expect(image.storage?.hasSuffix(" chunks are complete") == true)
    #expect(code { _ = try pixels(image) } == .truncated)
    let salvage = Salvage()
    let filled = try pixels(image, salvage)
    let lost = salvage.takeLost()
    #expect(!lost.isEmpty)
    #expect(zip(filled, reference).contains { $0 != $1 } && zip(filled, reference).contains { $0 == $1 && $0 != 0 })
  }

  /// Chunks that are missing have the fill value of the dataset, as those that were never written.
  @Test func missingChunksHaveTheFillValue() throws {
    let whole = try Self.bytes("fill_missing_chunks_old.h5")
    let reference = try numbers(Self.open(whole).image(), nil)
    var tried = 0
    for missing in stride(from: 1, to: whole.count / 2, by: 31) {
      guard let image = try? Self.open(Array(whole.dropLast(missing))).image(), (try? pixels(image)) == nil else { continue }
      let salvage = Salvage()
      let filled = try numbers(image, salvage)
      let changed = filled.indices.filter { filled[$0] != reference[$0] }
      #expect(changed.allSatisfy { filled[$0] == -7 })
      #expect(!salvage.takeLost().isEmpty)
      if !changed.isEmpty { tried += 1 }
    }
    #expect(tried > 0)
  }

  private func numbers(_ image: any ImageView, _ salvage: Salvage?) throws -> [Int] {
    let bytes = try pixels(image, salvage)
    return try NumericArray(image.dataType.componentType, shape: [bytes.count / image.dataType.byteCount], bytes: bytes).integers ?? []
  }

  /// A chunk whose checksum is wrong, or that does not decode, is filled and listed with its reason.
  @Test(arguments: ["reject_fletcher32_damaged.h5", "reject_deflate_damaged.h5"]) func damagedChunks(_ name: String) throws {
    let image = try Self.open(Self.bytes(name)).image()
    #expect(code { _ = try pixels(image) } == .malformed)
    let salvage = Salvage()
    _ = try pixels(image, salvage)
    let lost = salvage.takeLost()
    #expect(lost.count >= 1 && lost.allSatisfy { $0.reason.hasPrefix("malformed: ") })
  }

  /// A file whose root group is missing says how much of the file is there.
  @Test func withoutTheRootNothingCanBeRead() throws {
    let whole = try Self.written([NamedImage(name: "a", image: try Self.image([64, 64], from: 1))], ["layout": "contiguous"])
    let error = #expect(throws: IOLinkError.self) { _ = try Self.open(Array(whole.prefix(100))).image() }
    #expect(error?.code == .truncated)
    #expect(error?.reason.contains("the file has 100 of \(whole.count) bytes") == true)
  }
}
