import Foundation
import Testing

/// What each subcommand does when it succeeds.
struct VerbTests {
  @Test("Converting NPY to raw and back gives the same elements")
  func convert() throws {
    let folder = try TestFolder()
    let pixels = Data((0..<(3 * 5 * 7 * 2)).map { UInt8(truncatingIfNeeded: $0 * 13) })
    try folder.write(npy("<u2", [3, 5, 7], pixels), "in.npy")
    let raw = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("out.raw"))
    #expect(raw.status == 0, "\(raw.error)")
    #expect(try folder.data("out.raw") == pixels)
    #expect(raw.error.contains("lost: /shape = 3,5,7"))
    let back = try CommandLineTool.run(
      "convert", folder.path("out.raw"), folder.path("back.npy"), "--from", "raw", "-i", "shape=3,5,7", "-i", "type=uint16", "-o",
      "byte-order=big")
    #expect(back.status == 0, "\(back.error)")
    let data = try folder.data("back.npy")
    #expect(data.count % 2 == 0 && data.starts(with: [0x93] + "NUMPY".utf8))
    var swapped = Data()
    for index in stride(from: 0, to: pixels.count, by: 2) { swapped += [pixels[index + 1], pixels[index]] }
    #expect(data.suffix(pixels.count) == swapped)
    #expect(try folder.names == ["back.npy", "in.npy", "out.raw"])
    let same = try CommandLineTool.run("diff", folder.path("in.npy"), folder.path("back.npy"))
    #expect(same.status == 0 && same.text.contains("same"), "\(same.text)\(same.error)")
  }

  @Test("Cropping, changing the type and naming axes")
  func changes() throws {
    let folder = try TestFolder()
    let pixels = Data((0..<(4 * 6)).map { UInt8($0 * 10) })
    try folder.write(npy("|u1", [4, 6], pixels), "in.npy")
    let cropped = try CommandLineTool.run(
      "convert", folder.path("in.npy"), folder.path("crop.raw"), "--crop", "x=1:3,y=2:4")
    #expect(cropped.status == 0, "\(cropped.error)")
    #expect(try folder.data("crop.raw") == Data([130, 140, 190, 200]))
    let narrow = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("cast.raw"), "--type", "int8", "--cast")
    #expect(narrow.status == 0, "\(narrow.error)")
    #expect(try folder.data("cast.raw") == Data(pixels.map { min($0, 127) }))
    let refused = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("refused.raw"), "--type", "int8")
    #expect(refused.status != 0 && refused.errorLines.count == 1, "\(refused.error)")
    let wide = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("wide.raw"), "--type", "uint16")
    #expect(wide.status == 0, "\(wide.error)")
    #expect(try folder.data("wide.raw") == Data(pixels.flatMap { [$0, 0] }))
    let renamed = try CommandLineTool.run("info", folder.path("in.npy"), "--axes", "ZX", "--json")
    #expect(renamed.text.contains("\"slice\"") && !renamed.text.contains("\"row\""), "\(renamed.text)\(renamed.error)")
    #expect(try folder.names == ["cast.raw", "crop.raw", "in.npy", "wide.raw"])
  }

  @Test("info prints axes with their lengths as JSON, and a readable summary as text")
  func info() throws {
    let json = try CommandLineTool.run("info", fixture("npy/type_uint16.npy"), "--json")
    let object = try #require(try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
    let images = try #require(object["images"] as? [[String: Any]])
    let axes = try #require(images.first?["axes"] as? [[String: Any]])
    #expect(object["format"] as? String == "NPY" && images.count == 1)
    #expect(axes.map { $0["name"] as? String } == ["column", "row"] && axes.map { $0["length"] as? Int } == [7, 5])
    let text = try CommandLineTool.run("info", fixture("npy/type_uint16.npy"))
    #expect(text.status == 0 && text.text.contains("uint16") && text.text.contains("inferred"), "\(text.text)")
    let several = try CommandLineTool.run("info", fixture("npz/deflated_three.npz"), "--json")
    let all = try #require(try JSONSerialization.jsonObject(with: several.output) as? [String: Any])
    #expect((all["images"] as? [Any])?.count == 3)
  }

  @Test("diff reports the differences and exits with 1")
  func diff() throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [2, 2], Data([1, 2, 3, 4])), "one.npy")
    try folder.write(npy("|u1", [2, 2], Data([1, 2, 9, 4])), "two.npy")
    try folder.write(npy("|u1", [4], Data([1, 2, 3, 4])), "flat.npy")
    for other in ["two.npy", "flat.npy"] {
      let result = try CommandLineTool.run("diff", folder.path("one.npy"), folder.path(other))
      #expect(result.status == 1 && !result.text.isEmpty, "\(result.text)\(result.error)")
    }
    let near = try CommandLineTool.run("diff", folder.path("one.npy"), folder.path("two.npy"), "--tolerance", "6")
    #expect(near.status == 0, "\(near.text)")
    let json = try CommandLineTool.run("diff", folder.path("one.npy"), folder.path("two.npy"), "--json")
    #expect(json.status == 1)
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: json.output) }
    #expect(try CommandLineTool.run("diff", folder.path("one.npy"), folder.path("missing.npy")).status == 66)
  }

  @Test("formats lists every codec and its options")
  func formats() throws {
    let all = try CommandLineTool.run("formats")
    for name in ["NPY", "NPZ", "raw", "PNG", "TIFF", "HDF5"] { #expect(all.text.contains(name)) }
    let one = try CommandLineTool.run("formats", "raw")
    #expect(one.status == 0 && one.text.contains("byte-order") && one.text.contains("native, little, big"))
    let json = try CommandLineTool.run("formats", "--json")
    #expect((try JSONSerialization.jsonObject(with: json.output) as? [Any])?.count == 6)
    let unknown = try CommandLineTool.run("formats", "bmp")
    #expect(unknown.status == 64 && unknown.errorLines.count == 1 && unknown.error.contains("NPY"))
  }

  @Test("preview writes a PNG")
  func preview() throws {
    let folder = try TestFolder()
    try folder.write(npy("<f4", [3, 20, 30], Data((0..<7200).map { UInt8(truncatingIfNeeded: $0 % 60) })), "in.npy")
    let result = try CommandLineTool.run("preview", folder.path("in.npy"), folder.path("out.png"))
    #expect(result.status == 0, "\(result.error)")
    #expect(try folder.data("out.png").starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
  }

  @Test("Standard input and output can be used")
  func pipes() throws {
    let pixels = Data((0..<6).map { UInt8($0 + 1) })
    let result = try CommandLineTool.run(["convert", "-", "-", "--to", "raw"], input: npy("|u1", [2, 3], pixels))
    #expect(result.status == 0 && result.output == pixels, "\(result.error)")
    let header = try CommandLineTool.run(
      ["convert", "-", "-", "--to", "npy", "--from", "raw", "-i", "shape=2,3", "-i", "type=uint8"], input: pixels)
    #expect(header.status == 0 && header.output.starts(with: [0x93] + "NUMPY".utf8) && header.output.suffix(6) == pixels, "\(header.error)")
    for format in ["tiff", "hdf5", "png"] {
      let there = try CommandLineTool.run(["convert", "-", "-", "--to", format], input: npy("|u1", [2, 3], pixels))
      let back = try CommandLineTool.run(["convert", "-", "-", "--to", "raw"], input: there.output)
      #expect(back.status == 0 && back.output == pixels, "\(format): \(there.error) \(back.error)")
    }
    let info = try CommandLineTool.run(["info", "-", "--json"], input: npy("|u1", [2, 3], pixels))
    #expect(info.status == 0 && info.text.contains("NPY"), "\(info.error)")
  }
}
