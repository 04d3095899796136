import Foundation
import Testing

/// The `--axes` option, with lengths and components.
struct AxesTests {
  private func lengths(_ shape: [Int], _ axes: String) throws -> [String] {
    let folder = try TestFolder()
    try folder.write(npy("|u1", shape, Data(count: shape.reduce(1, *))), "in.npy")
    let result = try CommandLineTool.run("info", folder.path("in.npy"), "--axes", axes, "--json")
    try #require(result.status == 0, "\(result.error)")
    let file = try JSONSerialization.jsonObject(with: result.output) as? [String: Any]
    let image = try #require((file?["images"] as? [[String: Any]])?.first)
    let found = (image["axes"] as? [[String: Any]] ?? []).map { "\($0["name"] ?? "") \($0["length"] ?? "")" }
    return found + ["components \(image["components"] ?? "")"]
  }

  @Test("The last named axis may become components, with lengths and without")
  func components() throws {
    #expect(try lengths([6, 4, 5, 2], "TYXS") == ["column 5", "row 4", "sequence 6", "components 2"])
    #expect(try lengths([6, 4, 5, 2], "T=2,Z=3,Y,X,S") == ["column 5", "row 4", "slice 3", "sequence 2", "components 2"])
  }

  @Test("Axes of length 1 may come before, between and after the parts of an axis")
  func ones() throws {
    #expect(try lengths([6, 4, 5], "T=2,Z=3,C=1,Y,X") == ["column 5", "row 4", "slice 3", "channel 1", "sequence 2", "components 1"])
    #expect(try lengths([6, 4, 5], "Z,Y,X,C=1") == ["column 5", "row 4", "slice 6", "channel 1", "components 1"])
    // If the file itself has an axis of length 1 at this place, the name belongs to that axis.
    #expect(try lengths([6, 1, 2], "T=6,Y=1,X") == ["column 2", "row 1", "sequence 6", "components 1"])
    #expect(try lengths([6, 4, 5], "T=1,Z=6,Y,X") == ["column 5", "row 4", "slice 6", "sequence 1", "components 1"])
  }

  @Test("A length that is stated for a whole axis is checked")
  func whole() throws {
    #expect(try lengths([4, 5], "Y=4,X=5") == ["column 5", "row 4", "components 1"])
    let folder = try TestFolder()
    try folder.write(npy("|u1", [4, 5], Data(count: 20)), "in.npy")
    for axes in ["Y=4,X=6", "Y=4,X=5,Z=2", "Y=4"] {
      let refused = try CommandLineTool.run("info", folder.path("in.npy"), "--axes", axes)
      #expect(refused.status == 64 && refused.errorLines.count == 1, "\(axes): \(refused.error)")
    }
  }
}

/// The `--type` option takes the names of single components only.
struct TypeTests {
  @Test("Types of several components and unknown types are refused with a list of the allowed names")
  func names() throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [1], Data([1])), "in.npy")
    for type in ["uint8x3", "int9", ""] {
      let result = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("out.raw"), "--type", type)
      #expect(result.status == 64 && result.error.contains("uint8, uint16"), "\(type): \(result.error)")
    }
    #expect(try folder.names == ["in.npy"])
  }
}

/// The `--memory` option takes sizes with units.
struct MemoryTextTests {
  @Test("The units K to T are read in either case, and sizes that overflow are refused")
  func units() throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [1], Data([1])), "in.npy")
    let allowed = ["65536K", "64m", "64M", "1g", "1t", "67108864", "8388607T", "9007199254740991K"]
    let refused = ["8388608T", "16777216T", "9007199254740992K", "99999999999999999999", "1P", "1.5G"]
    for text in allowed + refused {
      let result = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("out.raw"), "--memory", text)
      #expect((result.status == 0) == allowed.contains(text), "\(text): \(result.status) \(result.error)")
    }
  }
}
