import Foundation
import Testing

/// The `diff` subcommand: what counts as a difference, what can be ignored, and how differences are reported.
struct DiffTests {
  private func diff(_ left: Data, _ right: Data, _ options: String...) throws -> CommandLineTool.Result {
    let folder = try TestFolder()
    try folder.write(left, "left.npy")
    try folder.write(right, "right.npy")
    return try CommandLineTool.run(["diff", folder.path("left.npy"), folder.path("right.npy")] + options)
  }

  @Test("Equal images give one line with the number of components, and exit code 0")
  func same() throws {
    let one = npy("<u2", [2, 3], Data(0..<12))
    let result = try diff(one, one)
    #expect(result.status == 0 && result.text == "same: 6 components\n" && result.error.isEmpty, "\(result.text)")
  }

  @Test("Differing pixels are reported with their count, the largest difference and the first position")
  func pixels() throws {
    let left = npy("|u1", [2, 2, 3], Data(0..<12))
    let right = npy("|u1", [2, 2, 3], Data([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 30, 12]))
    // Element 10 is at column 1, row 1, slice 1.
    let axes = ["--axes", "ZYX"]
    let folder = try TestFolder()
    try folder.write(left, "left.npy")
    try folder.write(right, "right.npy")
    let both = ["diff", folder.path("left.npy"), folder.path("right.npy")] + axes
    let text = try CommandLineTool.run(both)
    #expect(text.status == 1 && text.error.isEmpty)
    #expect(text.text == "pixels: 2 of 12 components differ, by at most 20.0, first at column 1, row 1, slice 1\n")
    let json = try CommandLineTool.run(both + ["--json"])
    let report = try #require(try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
    #expect(json.status == 1 && report["comparedNumbers"] as? Int == 12 && report["differingNumbers"] as? Int == 2)
    #expect(report["maximumDifference"] as? Double == 20 && (report["differences"] as? [String])?.count == 1)
    let equal = try CommandLineTool.run("diff", folder.path("left.npy"), folder.path("left.npy"), "--json")
    let none = try #require(try JSONSerialization.jsonObject(with: equal.output) as? [String: Any])
    #expect(equal.status == 0 && none["comparedNumbers"] as? Int == 12 && none["differences"] as? [String] == [])
  }

  @Test("The position of a difference counts elements, not components")
  func components() throws {
    let folder = try TestFolder()
    var pixels = Data(count: 5 * 6 * 3)
    try folder.write(npy("|u1", [5, 6, 3], pixels), "left.npy")
    pixels[3 * (6 * 2 + 4) + 1] = 9
    try folder.write(npy("|u1", [5, 6, 3], pixels), "right.npy")
    let result = try CommandLineTool.run("diff", folder.path("left.npy"), folder.path("right.npy"), "--axes", "YXS")
    #expect(result.text == "pixels: 1 of 90 components differ, by at most 9.0, first at column 4, row 2\n", "\(result.text)\(result.error)")
  }

  @Test("--tolerance is the largest difference that counts as equal", arguments: [("2", 0), ("1.99", 1), ("0", 1)] as [(String, Int32)])
  func tolerance(_ tolerance: String, _ status: Int32) throws {
    let result = try diff(
      npy("<f4", [2], bytes([1, 5] as [Float])), npy("<f4", [2], bytes([1, 3] as [Float])), "--tolerance", tolerance)
    #expect(result.status == status, "\(result.text)\(result.error)")
  }

  @Test("A tolerance that is negative or not a number is refused", arguments: ["nan", "-1", "x"])
  func badTolerance(_ tolerance: String) throws {
    let result = try diff(npy("|u1", [1], Data([1])), npy("|u1", [1], Data([2])), "--tolerance=\(tolerance)")
    #expect(result.status == 64 && result.output.isEmpty, "\(result.text)")
  }

  @Test("NaN equals NaN and is infinitely far from every other value")
  func nan() throws {
    let nan = npy("<f4", [2], bytes([.nan, 1] as [Float]))
    #expect(try diff(nan, nan).text == "same: 2 components\n")
    let other = npy("<f4", [2], bytes([2, 1] as [Float]))
    let result = try diff(nan, other, "--tolerance", "1e300", "--json")
    let report = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    #expect(result.status == 1 && report["maximumDifference"] as? String == "inf")
  }

  @Test("For images of different shape or type, both are reported and pixels are not compared")
  func shapes() throws {
    let result = try diff(npy("|u1", [2, 3], Data(count: 6)), npy("<u2", [2, 4], Data(count: 16)))
    #expect(result.status == 1)
    #expect(result.text == "shape: column 3, row 2 vs. column 4, row 2\ntype: uint8 vs. uint16\n")
    let wider = try diff(npy("|u1", [1], Data([1])), npy("<u2", [1], Data([1, 0])))
    #expect(wider.text == "type: uint8 vs. uint16\n")
    let signed = try diff(npy("|u1", [1], Data([1])), npy("|i1", [1], Data([1])))
    #expect(signed.status == 1 && signed.text == "type: uint8 vs. int8\n")
  }

  /// The arguments that compare two small HDF5 files with the same pixels and the given axes.
  private func labelled(_ folder: TestFolder, _ left: [String], _ right: [String]) throws -> [String] {
    try folder.write(npy("|u1", [2, 3], Data(0..<6)), "in.npy")
    for (name, options) in [("left.h5", left), ("right.h5", right)] {
      let made = try CommandLineTool.run(["convert", folder.path("in.npy"), folder.path(name)] + options)
      try #require(made.status == 0, "\(made.error)")
    }
    return ["diff", folder.path("left.h5"), folder.path("right.h5")]
  }

  @Test("Axes with different names are a difference unless --ignore axes is given")
  func axes() throws {
    let folder = try TestFolder()
    let diff = try labelled(folder, ["--axes", "ZX"], ["--axes", "TX"])
    let named = try CommandLineTool.run(diff + ["--ignore", "metadata"])
    #expect(named.status == 1 && named.text == "axis: SLICE vs. SEQUENCE\n", "\(named.text)")
    #expect(try CommandLineTool.run(diff + ["--ignore", "metadata", "--ignore", "axes"]).text == "same: 6 components\n")
    #expect(try CommandLineTool.run(diff + ["--ignore", "calibration", "--ignore", "metadata"]).status == 1)
    #expect(try CommandLineTool.run(diff + ["--ignore", "pixels"]).status == 64)
  }

  @Test("Calibration and metadata are differences unless they are ignored")
  func calibration() throws {
    let folder = try TestFolder()
    let metre = fixture("png/physical_metre.png")
    let other = folder.path("plain.npy")
    try #require(try CommandLineTool.run("convert", metre, other).status == 0)
    let all = try CommandLineTool.run("diff", metre, other)
    #expect(all.status == 1)
    #expect(all.text == "calibration: column 7 × 2.5e-07 m vs. column 7\ncalibration: row 5 × 5e-07 m vs. row 5\n", "\(all.text)")
    #expect(try CommandLineTool.run("diff", metre, other, "--ignore", "calibration").text == "same: 35 components\n")
    #expect(try CommandLineTool.run("diff", metre, other, "--ignore", "axes", "--ignore", "metadata").status == 1)
    let text = fixture("png/text.png")
    try #require(try CommandLineTool.run("convert", text, other).status == 0)
    let found = try CommandLineTool.run("diff", text, other, "--ignore", "calibration")
    let lines = found.text.split(separator: "\n")
    #expect(found.status == 1 && !lines.isEmpty)
    #expect(lines.allSatisfy { $0.hasPrefix("metadata: /") && $0.hasSuffix(" vs. nothing") }, "\(found.text)")
    let back = try CommandLineTool.run("diff", other, text, "--ignore", "calibration")
    #expect(back.text.split(separator: "\n").allSatisfy { $0.contains(": nothing vs. ") } && back.status == 1)
    #expect(try CommandLineTool.run("diff", text, other, "--ignore", "calibration", "--ignore", "metadata").status == 0)
  }

  @Test("--image applies to both files and --right-image to the second; if the second lacks the name, its main image is used")
  func images() throws {
    let folder = try TestFolder()
    let three = fixture("npz/deflated_three.npz")
    try #require(try CommandLineTool.run("convert", three, folder.path("c.npy"), "--image", "c").status == 0)
    #expect(try CommandLineTool.run("diff", three, three, "--image", "c").text == "same: 35 components\n")
    #expect(try CommandLineTool.run("diff", three, three, "--image", "c", "--right-image", "z").status == 1)
    #expect(try CommandLineTool.run("diff", three, folder.path("c.npy"), "--image", "c").text == "same: 35 components\n")
    #expect(try CommandLineTool.run("diff", folder.path("c.npy"), three, "--right-image", "c").text == "same: 35 components\n")
    #expect(try CommandLineTool.run("diff", three, three, "--image", "c", "--right-image", "q").status == 66)
    #expect(try CommandLineTool.run("diff", three, three).status == 64)
  }

  @Test("Images of more than 16 MiB are compared as a whole, and positions count from the beginning")
  func large() throws {
    let folder = try TestFolder()
    var pixels = Data(count: 20 << 20)
    try folder.write(npy("|u1", [20, 1024, 1024], pixels), "left.npy")
    pixels[(19 << 20) + 1024 * 7 + 5] = 3
    try folder.write(npy("|u1", [20, 1024, 1024], pixels), "right.npy")
    let result = try CommandLineTool.run("diff", folder.path("left.npy"), folder.path("right.npy"), "--axes", "ZYX")
    #expect(
      result.text == "pixels: 1 of 20971520 components differ, by at most 3.0, first at column 5, row 7, slice 19\n", "\(result.text)")
  }
}
