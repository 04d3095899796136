import Foundation
import Testing

/// The `formats` subcommand: the list, the details of one format, the table and the JSON.
struct FormatsTests {
  private func output(_ arguments: String...) throws -> String {
    let result = try CommandLineTool.run(["formats"] + arguments)
    #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
    return result.text
  }

  @Test("The list shows name, access, extensions and summary in columns, in the order of the registry")
  func list() throws {
    let lines = try output().split(separator: "\n")
    #expect(lines.map { $0.prefix { $0 != " " } } == ["raw", "NPY", "NPZ", "PNG", "TIFF", "HDF5"])
    #expect(lines[0] == "raw     reads, writes   .raw .bin .dat            Elements without a header")
    #expect(lines[2].hasPrefix("NPZ     reads, writes   .npz "))
    // Text that is wider than its column is still separated from the next one.
    #expect(lines[5].contains(" .cxi Hierarchical Data Format 5"))
  }

  @Test("A format is found by its name in any case or by its extension, and shown with its options and their defaults")
  func details() throws {
    let raw = try output("RAW")
    #expect(raw.hasPrefix("raw: Elements without a header\n\nreads\n  any shape"))
    #expect(raw.contains("\n\nwrites\n  in any order of axes"))
    #expect(raw.contains("\n\nreading options (-i)\n  shape         lengths, slowest first"))
    #expect(raw.contains("\n  offset        bytes before the first element (0 to 9223372036854775807, default 0)\n"))
    #expect(raw.contains("\n  type          type of an element: uint16, float32, uint8x3 (text)\n"))
    #expect(raw.contains("\n\nwriting options (-o)\n  order         "))
    #expect(raw.components(separatedBy: "  offset ").count == 2)
    let npy = try output("npy")
    #expect(!npy.contains("(-i)") && npy.contains("(-o)"))
    #expect(try output("npz").contains("\nwrites\n  several images in one file, under their names\n"))
    #expect(try output("tif") == output("TIFF"))
  }

  @Test("The table has one row per format")
  func markdown() throws {
    let rows = try output("--markdown").split(separator: "\n")
    #expect(rows.count == 8 && rows[0] == "| format | reads | writes |" && rows[1] == "|---|---|---|")
    #expect(rows[4].hasPrefix("| NPZ | members as named images; ") && rows[4].hasSuffix(" in parallel |"))
    let one = try output("png", "--markdown").split(separator: "\n")
    #expect(one.count == 3 && one[2].hasPrefix("| PNG | "))
  }

  @Test("The JSON contains what the text contains")
  func json() throws {
    let data = try CommandLineTool.run("formats", "raw", "--json", "--markdown").output
    let format = try #require((try JSONSerialization.jsonObject(with: data) as? [[String: Any]])?.first)
    #expect(format["name"] as? String == "raw" && format["summary"] as? String == "Elements without a header")
    #expect(format["extensions"] as? [String] == ["raw", "bin", "dat"])
    #expect((format["reads"] as? [String])?.first?.hasPrefix("any shape") == true)
    #expect(format["writes"] as? [String] == ["in any order of axes and either byte order"])
    let reading = try #require(format["readOptions"] as? [[String: String]])
    #expect(reading.map { $0["name"] } == ["shape", "type", "byte-order", "offset", "axes"])
    #expect(
      reading[2] == [
        "name": "byte-order", "allowed": "native, little, big", "defaultValue": "native", "help": "byte order of the elements",
      ])
    #expect(reading[0]["defaultValue"] == nil)
    #expect((format["writeOptions"] as? [[String: String]])?.map { $0["name"] } == ["order", "byte-order"])
  }
}
