import Foundation
import Testing

/// The `preview` subcommand: which plane it shows, and how pixels are scaled.
struct PreviewTests {
  /// The pixels of the picture and its lengths along COLUMN and ROW.
  private func preview(
    _ descr: String, _ shape: [Int], _ pixels: Data, _ options: String...
  ) throws -> (pixels: [UInt8], columns: Int, rows: Int) {
    let folder = try TestFolder()
    try folder.write(npy(descr, shape, pixels), "in.npy")
    let result = try CommandLineTool.run(["preview", folder.path("in.npy"), folder.path("out.png")] + options)
    try #require(result.status == 0, "\(result.error)")
    let picture = try CommandLineTool.run(["convert", folder.path("out.png"), "-", "--to", "raw"])
    let header = [UInt8](try folder.data("out.png").prefix(24))
    func number(_ start: Int) -> Int { header[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) } }
    return ([UInt8](picture.output), number(16), number(20))
  }

  @Test("The middle plane is shown, and 8-bit pixels are not changed")
  func middle() throws {
    let picture = try preview("|u1", [5, 2, 3], Data(0..<30))
    #expect(picture.pixels == [12, 13, 14, 15, 16, 17] && picture.columns == 3 && picture.rows == 2)
    // If a length is even, the index after the middle is taken, along every axis except COLUMN and ROW.
    #expect(try preview("|u1", [2, 2, 1, 3], Data(0..<12)).pixels == [9, 10, 11])
  }

  @Test("The picture in the README is what preview makes of the fixture")
  func picture() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = try TestFolder()
    let made = try CommandLineTool.run("preview", fixture("tiff/ome_cells.ome.tif"), folder.path("cells.png"), "--at", "z=1")
    #expect(made.status == 0, "\(made.error)")
    let shown = root.appending(path: "Examples/cells.png").path
    #expect(try CommandLineTool.run("diff", shown, folder.path("cells.png")).status == 0)
    #expect(try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8).contains("(Examples/cells.png)"))
  }

  @Test("--at selects the plane")
  func at() throws {
    #expect(try preview("|u1", [5, 2, 3], Data(0..<30), "--at", "z=0").pixels == [0, 1, 2, 3, 4, 5])
    #expect(try preview("|u1", [2, 2, 1, 3], Data(0..<12), "--at", "t=0,z=1").pixels == [3, 4, 5])
    let folder = try TestFolder()
    try folder.write(npy("|u1", [2, 1, 1], Data([1, 2])), "in.npy")
    for (at, status) in [("z=2", 64), ("z=x", 64), ("z", 64), ("c=0", 64)] as [(String, Int32)] {
      let result = try CommandLineTool.run("preview", folder.path("in.npy"), folder.path("out.png"), "--at", at)
      #expect(result.status == status && result.errorLines.count == 1, "\(at): \(result.status) \(result.error)")
    }
    #expect(try folder.names == ["in.npy"])
  }

  @Test("Wider components are scaled from the range of the plane, not of the image, to 0 … 255")
  func scaling() throws {
    let wide: [UInt16] = [0, 60_000, 1000, 1100, 1200, 2000, 5, 5]
    #expect(try preview("<u2", [2, 1, 4], bytes(wide), "--at", "z=0").pixels == [0, 255, 4, 5])
    let plane: [UInt16] = [1000, 1100, 1200, 2000]
    #expect(try preview("<u2", [1, 4], bytes(plane)).pixels == [0, 26, 51, 255])
    let real: [Float] = [-1, 0, 1, .nan]
    #expect(try preview("<f4", [1, 4], bytes(real)).pixels == [0, 128, 255, 0])
  }

  @Test(
    "A plane without a range is scaled from 0 … 1",
    arguments: [
      ([5, 5], [255, 255]), ([-3, -3], [0, 0]), ([0.5, 0.5], [128, 128]), ([.nan, .nan], [0, 0]), ([0, .infinity], [0, 255]),
      ([-.infinity, 0.2], [0, 51]),
    ] as [([Float], [UInt8])])
  func constant(_ plane: [Float], _ expected: [UInt8]) throws {
    #expect(try preview("<f4", [1, 2], bytes(plane)).pixels == expected)
  }

  @Test("--size limits the longest side by taking every n-th pixel")
  func size() throws {
    let picture = try preview("|u1", [4, 10], Data(0..<40), "--size", "5")
    #expect(picture.columns == 5 && picture.rows == 2)
    #expect(picture.pixels == [0, 2, 4, 6, 8, 20, 22, 24, 26, 28])
    #expect(try preview("|u1", [4, 10], Data(0..<40), "--size", "10").columns == 10)
    #expect(try preview("|u1", [4, 10], Data(0..<40), "--size", "9").columns == 5)
    #expect(try preview("|u1", [2, 2000], Data(count: 4000)).columns == 1000)
  }

  @Test("Color stays color, Booleans are black and white, and a line becomes a picture of one row")
  func kinds() throws {
    let color = try preview("|u1", [5, 5, 3], Data(0..<75))
    #expect(color.pixels == Array(0..<75) && color.columns == 5)
    let boolean = try preview("|b1", [1, 4], Data([0, 1, 1, 0]))
    #expect(boolean.pixels == [0, 1, 1, 0] && boolean.columns == 4)
    let line = try preview("|u1", [3], Data([7, 8, 9]))
    #expect(line.pixels == [7, 8, 9] && line.rows == 1)
  }
}
