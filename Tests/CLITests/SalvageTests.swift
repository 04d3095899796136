import Foundation
import Testing

/// Converting files that are cut short or damaged.
struct SalvageTests {
  @Test("convert refuses what is cut short and says how to convert the rest; --salvage fills it and lists it")
  func salvage() throws {
    let folder = try TestFolder()
    let numbers = (0..<1_000).map { UInt16($0 + 1) }
    try folder.write(npy("<u2", [20, 50], bytes(Array(numbers.prefix(700)))), "short.npy")
    let info = try CommandLineTool.run("info", folder.path("short.npy"))
    #expect(info.status == 0 && info.text.contains("cut short: 1400 of 2000 bytes"))
    #expect(try CommandLineTool.run("info", folder.path("short.npy"), "--json").text.contains("cut short: 1400 of 2000 bytes"))

    for target in ["out.npy", "out.h5", "out.tif", "out.png", "out.raw"] {
      let refused = try CommandLineTool.run("convert", folder.path("short.npy"), folder.path(target))
      #expect(refused.status == 65 && refused.errorLines.count == 1)
      #expect(refused.error.contains("truncated") && refused.error.contains("--salvage"))
      #expect(try folder.names.allSatisfy { !$0.contains("out") })

      let filled = try CommandLineTool.run("convert", folder.path("short.npy"), folder.path(target), "--salvage", "--json")
      #expect(filled.status == 0, "\(filled.error)")
      #expect(filled.text.contains("bytes 1528..<2128 of the file"), "\(filled.text)")
      let wanted = numbers.prefix(700) + [UInt16](repeating: 0, count: 300)
      if target != "out.raw" { #expect(try CommandLineTool.run("convert", folder.path(target), folder.path("out.raw")).status == 0) }
      #expect(try folder.data("out.raw") == bytes(Array(wanted)), "\(target)")
      if target != "out.raw" { try FileManager.default.removeItem(atPath: folder.path("out.raw")) }
      try FileManager.default.removeItem(atPath: folder.path(target))
    }
    let listed = try CommandLineTool.run("convert", folder.path("short.npy"), folder.path("out.raw"), "--salvage")
    #expect(listed.error.contains("/pixels"))
  }

  @Test("A file that is whole converts in the same way with --salvage")
  func whole() throws {
    let folder = try TestFolder()
    for name in ["png/rgb_8.png", "hdf5/gzip_old.h5"] {
      let plain = try CommandLineTool.run("convert", fixture(name), folder.path("plain.npy"), "--json")
      let salvaged = try CommandLineTool.run("convert", fixture(name), folder.path("salvaged.npy"), "--salvage", "--json")
      #expect(plain.status == 0 && salvaged.status == 0)
      #expect(!salvaged.text.contains("/pixels"))
      #expect(try folder.data("plain.npy") == folder.data("salvaged.npy"))
    }
  }

  @Test("A writer that is killed leaves nothing beside its target")
  func killed() throws {
    let folder = try TestFolder()
    let header = npy("|u1", [64, 1024, 1024])
    try folder.write(header, "in.npy")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("in.npy")))
    try file.truncate(atOffset: UInt64(header.count) + 64 << 20)
    try file.close()
    for delay in [0.02, 0.1, 0.3] {
      let process = try CommandLineTool.process(["convert", folder.path("in.npy"), folder.path("out.h5"), "-o", "level=9"])
      try process.run()
      Thread.sleep(forTimeInterval: delay)
      kill(process.processIdentifier, SIGKILL)
      _ = CommandLineTool.wait(process)
      #expect(try folder.names.allSatisfy { $0 == "in.npy" || $0 == "out.h5" })
    }
  }
}
