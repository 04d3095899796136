import ConformanceSupport
import Foundation
import IOLinkCore
import IOLinkTesting
import Testing

/// What a fixture states is compared, all of it, and what is mistyped is refused.
struct FixtureExpectationTests {
  /// An expectation that NPY's smallest fixture keeps, changed.
  private func violations(_ change: (inout ExpectedImage) -> Void) async throws -> [Violation] {
    let sound = try CodecConformance.standard("NPY")
    let fixture = try #require(sound.fixtures.first { $0.name == "npy/fortran_2d.npy" })
    guard case .accept(var images, let isComplete) = fixture.expectation else { return [] }
    change(&images[0])
    let changed = Fixture(fixture.name, bytes: fixture.bytes, expectation: .accept(images, isComplete: isComplete))
    return await CodecConformance(sound.codec, fixtures: [changed]).violations(of: .fixtures)
  }

  @Test("Everything that an expectation states is compared")
  func compared() async throws {
    #expect(try await violations { _ in } == [])
    let changes: [(String, (inout ExpectedImage) -> Void)] = [
      ("role", { $0.axes[0].role = .slice }), ("length", { $0.axes[0].length += 1 }), ("spacing", { $0.axes[0].spacing = 1 }),
      ("origin", { $0.axes[0].origin = 0 }), ("unit", { $0.axes[0].unit = "m" }), ("name", { $0.name = "other" }),
      ("main", { $0.isMain = false }), ("componentType", { $0.componentType = .int16 }), ("components", { $0.componentCount = 2 }),
      ("source order", { $0.sourceOrder = $0.sourceOrder?.reversed() }), ("inferred", { $0.axesAreInferred?.toggle() }),
      ("checksum", { $0.pixels = .crc32(0) }), ("sample", { $0.pixels = .samples([([0, 0], [-1])], tolerance: 0.5) }),
      ("number of components", { $0.pixels = .samples([([0, 0], [0, 0])], tolerance: 1e9) }),
      ("no samples", { $0.pixels = .samples([], tolerance: 0) }), ("no pixels", { $0.pixels = nil }),
      ("no reason", { $0.pixels = .unknown(reason: "") }), ("interpretation", { $0.interpretation = "RGB" }),
      ("significant bits", { $0.significantBits = 3 }), ("alpha", { $0.alpha = "straight" }),
      ("levels", { $0.levels = [.init(shape: [1], pixels: .crc32(0)), .init(shape: [1], pixels: .crc32(0))] }),
      ("metadata", { $0.metadata = ["/title": "x"] }),
    ]
    for (name, change) in changes { #expect(try await !violations(change).isEmpty, "\(name) is not compared") }
    #expect(try await violations { $0.pixels = .unknown(reason: "nobody reads it") } == [])
    #expect(try await violations { $0.axes[0].spacing = 1; $0.axes[0].origin = 1; $0.axes[0].hasFreeCalibration = true } == [])
  }

  @Test("Shape and pixels of every level are compared", arguments: ["tiff/pyramid_plane.tif", "tiff/pyramid_rgb.ome.tif"])
  func levels(_ name: String) async throws {
    let sound = try CodecConformance.standard("TIFF")
    let fixture = try #require(sound.fixtures.first { $0.name == name })
    guard case .accept(let images, let isComplete) = fixture.expectation else { return }
    func violations(_ change: (inout [ExpectedImage.Level]) -> Void) async throws -> Int {
      var changed = images
      var levels = try #require(changed[0].levels)
      change(&levels)
      changed[0].levels = levels
      let fixture = Fixture(name, bytes: fixture.bytes, expectation: .accept(changed, isComplete: isComplete))
      return await CodecConformance(sound.codec, fixtures: [fixture]).violations(of: .fixtures).count
    }
    #expect(try await violations { _ in } == 0)
    #expect(try await violations { $0[1].shape[0] += 1 } == 1)
    #expect(try await violations { $0[1].pixels = .crc32(1) } == 1)
    #expect(try await violations { $0.swapAt(0, 1) } == 4)
    #expect(try await violations { $0.removeLast() } == 1)
  }

  @Test("Damages cut and flip, each as it says")
  func damages() throws {
    let bytes: [UInt8] = [0x0F, 0xFF, 3]
    #expect(Damage.truncated(2).apply(to: bytes) == [0x0F, 0xFF] && Damage.truncated(0).apply(to: bytes) == [])
    #expect(Damage.flipped(at: 0, mask: 0xFF).apply(to: bytes) == [0xF0, 0xFF, 3])
    #expect(Damage.flipped(at: 1, mask: 0x10).apply(to: bytes) == [0x0F, 0xEF, 3])
    #expect(Damage.flipped(at: 3, mask: 1).apply(to: bytes) == bytes)
    let conformance = try CodecConformance.standard("NPY")
    let all = conformance.damages(of: Fixture("three", bytes: bytes, expectation: .reject(nil)))
    #expect(Set((0..<3).map { Damage.truncated($0) }).isSubset(of: all) && all.count == 6)
    #expect(Set(all.map { $0.apply(to: bytes) }).count == 6 && !all.contains { $0.apply(to: bytes) == bytes })
    #expect(conformance.damages(of: Fixture("three", bytes: bytes, expectation: .reject(nil)), limit: 4).count == 4)
  }

  /// A manifest of one file with one image, of which one part is replaced.
  private func expectation(replacing old: String = "", with new: String = "") throws -> Fixture.Expectation? {
    let text = """
      {"files": [{"path": "npy/fortran_2d.npy", "format": "NPY", "expect": "accept", "options": {}, "recipe": "make/npy.py", "images": [
        {"dataType": "uint16", "axes": [{"name": "column", "length": 2, "calibration": "free"}], "crc32": "00c0ffee", "lengthOneAxes": "free"}
      ]}]}
      """
    #expect(old.isEmpty || text.contains(old), "\(old)")
    let changed = old.isEmpty ? text : text.replacingOccurrences(of: old, with: new)
    return try FixtureManifest(Data(changed.utf8)).fixtures(of: "NPY").first?.expectation
  }

  @Test("A manifest is read")
  func manifest() throws {
    guard case .accept(let images, true)? = try expectation() else { throw Missing() }
    #expect(images.count == 1 && images[0].componentType == .uint16 && images[0].axes[0].hasFreeCalibration && images[0].hasFreeLengthOneAxes)
    guard case .crc32(0x00C0_FFEE)? = images[0].pixels else { throw Missing() }
    guard case .accept(let unknown, _)? = try expectation(replacing: #""crc32": "00c0ffee""#, with: #""unknownPixels": "why""#) else {
      throw Missing()
    }
    guard case .unknown("why")? = unknown[0].pixels else { throw Missing() }
  }

  @Test(
    "What is mistyped in a manifest is refused",
    arguments: [
      ("00c0ffee", "00c0ffeg"), ("00c0ffee", "0x00c0ffee"), ("00c0ffee", "c0ffee"), ("00c0ffee", ""), (#""crc32""#, #""crc23""#),
      (#", "crc32": "00c0ffee""#, ""), (#""crc32": "00c0ffee""#, #""samples": []"#), (#""crc32": "00c0ffee""#, #""unknownPixels": """#),
      (#""crc32": "00c0ffee""#, #""crc32": "00c0ffee", "unknownPixels": "why""#), (#""uint16""#, #""unit16""#),
      (#""accept""#, #""acept""#), (#""NPY""#, #""NYP""#), (#""calibration": "free""#, #""calibration": "fre""#),
      (#""lengthOneAxes": "free""#, #""lengthOneAxes": "fixed""#), (#""length": 2"#, #""length": 2, "spacnig": 3"#),
      (#""options""#, #""option""#),
    ])
  func mistakes(_ old: String, _ new: String) throws {
    #expect(throws: (any Error).self) { _ = try expectation(replacing: old, with: new) }
  }

  private struct Missing: Error {}
}
