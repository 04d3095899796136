import Foundation
import Testing

/// Every option of `convert` has the effect that its help promises.
struct ConvertOptionTests {
  private func convert(_ folder: TestFolder, _ input: Data, _ options: String...) throws -> Data {
    try folder.write(input, "in.npy")
    let result = try CommandLineTool.run(["convert", folder.path("in.npy"), folder.path("out.raw")] + options)
    try #require(result.status == 0, "\(result.error)")
    return try folder.data("out.raw")
  }

  @Test("--rescale maps the full range of one type onto that of the other and rounds to the nearest value")
  func rescale() throws {
    let folder = try TestFolder()
    // v × 255 / 65535 is exactly v / 257: 127.498 and 127.502.
    let wide: [UInt16] = [0, 128, 129, 257, 32767, 32768, 65535]
    #expect(try convert(folder, npy("<u2", [7], bytes(wide)), "--type", "uint8", "--rescale") == Data([0, 0, 1, 1, 127, 128, 255]))
    // The range −128 … 127 of int8 is mapped onto 0 … 255.
    let signed: [Int8] = [-128, -1, 0, 127]
    #expect(try convert(folder, npy("|i1", [4], bytes(signed)), "--type", "uint8", "--rescale") == Data([0, 127, 128, 255]))
    // The range of floating point is 0 … 1.
    let real: [Float] = [0, 0.5, 1, 2, -1, .nan]
    #expect(try convert(folder, npy("<f4", [6], bytes(real)), "--type", "uint8", "--rescale") == Data([0, 128, 255, 255, 0, 0]))
    let back = try convert(folder, npy("|u1", [3], Data([0, 51, 255])), "--type", "float32", "--rescale")
    #expect(back == bytes([0, 0.2, 1] as [Float]))
  }

  @Test("Chunks that the output stores as the input does are copied, and --verify decodes them and finds damage")
  func verify() throws {
    let folder = try TestFolder()
    try folder.write(npy("<u2", [64, 64], bytes((0..<4096).map { UInt16($0) })), "in.npy")
    let options = ["-o", "compression=deflate", "-o", "tile=32"]
    try #require(try CommandLineTool.run(["convert", folder.path("in.npy"), folder.path("in.tif")] + options).status == 0)
    func convert(_ flags: [String]) throws -> CommandLineTool.Result {
      try CommandLineTool.run(["convert", folder.path("in.tif"), folder.path("out.tif")] + options + flags)
    }
    for (flags, count) in [(["--json"], 4), (["--json", "--verify"], 0)] {
      #expect(String(decoding: try convert(flags).output, as: UTF8.self).contains("\"copiedChunks\" : \(count)"))
    }
    #expect(try convert(["--verbose"]).error.contains("4 chunk(s)"))
    var damaged = try folder.data("in.tif")
    for offset in 64..<72 { damaged[offset] = 0xFF }
    try folder.write(damaged, "in.tif")
    #expect(try convert([]).status == 0)
    #expect(try convert(["--verify"]).status == 65)
  }

  @Test("--cast saturates, rounds to nearest with ties to even, and does not rescale")
  func cast() throws {
    let folder = try TestFolder()
    let real: [Float] = [0.5, 1.5, 2.5, -3, 254.6, 300, .nan, .infinity]
    let cast = try convert(folder, npy("<f4", [8], bytes(real)), "--type", "uint8", "--cast")
    #expect(cast == Data([0, 2, 2, 0, 255, 255, 0, 255]))
    let both = try CommandLineTool.run(
      "convert", folder.path("in.npy"), folder.path("no.raw"), "--type", "uint8", "--cast", "--rescale")
    #expect(both.status == 64 && both.error.contains("--cast"))
    for flag in ["--cast", "--rescale"] {
      #expect(try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("no.raw"), flag).status == 64)
    }
    #expect(try folder.names == ["in.npy", "out.raw"])
  }

  @Test("Without --cast or --rescale, a type is accepted only if it can hold every value")
  func exact() throws {
    let folder = try TestFolder()
    try folder.write(npy("<u2", [1], Data([1, 0])), "in.npy")
    for (type, status) in [("uint8", 64), ("int16", 64), ("float16", 64), ("int32", 0), ("uint16", 0), ("float32", 0)] as [(String, Int32)]
    {
      let result = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("out.raw"), "--type", type)
      #expect(result.status == status, "\(type): \(result.error)")
      // With a cast every type is accepted.
      #expect(try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("out.raw"), "--type", type, "--cast").status == 0)
    }
  }

  @Test("--sync waits for the disk before a new file gets its name; without it, only a replaced file is waited for")
  func sync() throws {
    let folder = try TestFolder()
    let log = try CallLog()
    try folder.write(npy("|u1", [3], Data([1, 2, 3])), "in.npy")
    func calls(_ target: String, _ options: String...) throws -> [String] {
      let result = try log.calls(["convert", folder.path("in.npy"), folder.path(target)] + options, threads: 1)
      #expect(result.status == 0)
      return result.calls.filter { $0 != "thread" }
    }
    #expect(try calls("new.npy") == ["link"])
    #expect(try calls("synced.npy", "--sync") == ["sync file", "link", "sync folder"])
    // The first link fails, because the name is taken.
    #expect(try calls("new.npy") == ["sync file", "link", "link", "rename", "sync folder"])
  }

  @Test("--threads and IOLINK_NUM_THREADS limit the number of threads that work")
  func threads() throws {
    let folder = try TestFolder()
    let log = try CallLog()
    // The 64 chunks of 1 MiB are slow enough to be shared among threads.
    let pixels = Data((0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 7) })
    try folder.write(npy("|u1", [8, 1024, 1024], pixels), "in.npy")
    func started(_ options: [String], _ count: Int) throws -> Int {
      let convert = ["convert", folder.path("in.npy"), folder.path("out.h5"), "-o", "level=1"]
      let result = try log.calls(convert + options, threads: count)
      #expect(result.status == 0)
      return result.calls.filter { $0 == "thread" }.count
    }
    // One thread waits for Ctrl-C. All other threads are helpers.
    let alone = try started([], 1)
    #expect(alone == 1)
    #expect(try started([], 4) == 4)
    #expect(try started(["--threads", "1"], 4) == 1)
    // A helper that is still returning from one part of the work may be replaced by a new one in the next part, so the count can
    // exceed the limit. Without the limit there would be 15 helpers in the first part already.
    #expect(try (3...9).contains(started(["--threads", "3"], 64)))
    #expect(try started([], 64) >= 16)
    #expect(try started(["--threads", "9"], 2) == 2)
  }

  @Test("--memory limits the buffers")
  func memory() throws {
    let folder = try TestFolder()
    let header = npy("|u1", [128, 1024, 1024])
    try folder.write(header, "in.npy")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("in.npy")))
    try file.truncate(atOffset: UInt64(header.count) + 128 << 20)
    try file.close()
    func peak(_ memory: String) throws -> Int {
      let (status, byteCount) = try CommandLineTool.peakMemory(
        ["convert", folder.path("in.npy"), folder.path("out.tif"), "-o", "compression=deflate", "--memory", memory])
      #expect(status == 0)
      return byteCount
    }
    // A conversion that encodes holds two slabs of a quarter of the given memory.
    #expect(try peak("8M") < 64 << 20)
    #expect(try peak("1G") > 128 << 20)
    for text in ["0", "8X", "-1M", "M", ""] {
      let refused = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("no.raw"), "--memory", text)
      #expect(refused.status == 64, "\(text)")
    }
  }

  /// A TIFF file of the given size, with 40,000 × 30,000 pixels of which no strip is stored.
  private func absentStrips(_ byteCount: Int) -> Data {
    var file = Data("II*\0".utf8)
    func append(_ value: Int, _ width: Int) { for shift in 0..<width { file.append(UInt8(value >> (8 * shift) & 255)) } }
    append(8, 4)
    let zeros = 8 + 2 + 10 * 12 + 4
    let entries: [(tag: Int, type: Int, count: Int, value: Int)] = [
      (256, 4, 1, 40_000), (257, 4, 1, 30_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 16, zeros), (277, 3, 1, 1),
      (278, 4, 1, 1875), (279, 4, 16, zeros), (284, 3, 1, 1),
    ]
    append(entries.count, 2)
    for entry in entries {
      append(entry.tag, 2)
      append(entry.type, 2)
      append(entry.count, 4)
      append(entry.value, 4)
    }
    append(0, 4)
    return file + Data(count: byteCount - file.count)
  }

  @Test("--allow-expansion is required only for images above both 1 GiB and 1100 times the size of the file")
  func expansion() throws {
    let folder = try TestFolder()
    // The pixels have 1,200,000,000 bytes, and 1/1100 of that is 1,090,909. The folder of the target does not exist, so that a
    // conversion that is not refused ends with exit code 73 before it reads a pixel.
    func status(_ byteCount: Int, _ options: String...) throws -> Int32 {
      try folder.write(absentStrips(byteCount), "in.tif")
      let result = try CommandLineTool.run(["convert", folder.path("in.tif"), folder.path("none/out.raw")] + options)
      #expect(result.status != 65 || result.error.contains("--allow-expansion"), "\(result.error)")
      return result.status
    }
    #expect(try status(1000) == 65)
    #expect(try status(1000, "--allow-expansion") == 73)
    #expect(try status(1_090_908) == 65)
    #expect(try status(1_090_909) == 73)
    // 32,768 × 32,768 is exactly 1 GiB; one more column exceeds it.
    #expect(try status(1000, "--crop", "x=0:35791,y=0:30000") == 73)
    #expect(try status(1000, "--crop", "x=0:35792,y=0:30000") == 65)
  }

  @Test("--json prints a report of what was written and lost, and nothing else, on standard output")
  func json() throws {
    let folder = try TestFolder()
    try folder.write(npy("<u2", [2, 3], Data(count: 12)), "in.npy")
    let result = try CommandLineTool.run(
      "convert", folder.path("in.npy"), folder.path("out.raw"), "--crop", "x=1:3", "--type", "int32", "--json")
    let report = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    let axes = try #require(report["axes"] as? [[String: Any]])
    #expect(axes.map { $0["name"] as? String } == ["column", "row"] && axes.map { $0["length"] as? Int } == [2, 2])
    #expect(report["dataType"] as? String == "int32" && report["components"] as? Int == 1 && report["byteCount"] as? Int == 16)
    let lost = try #require(report["lost"] as? [[String: String]])
    #expect(lost.contains { $0["path"] == "/shape" && $0["value"] == "2,2" && $0["reason"]?.isEmpty == false }, "\(lost)")
    #expect((report["otherImages"] as? [String]) == [] && result.error.isEmpty, "\(result.error)")
    let several = try CommandLineTool.run(
      "convert", fixture("npz/deflated_three.npz"), folder.path("out.npy"), "--image", "1")
    #expect(several.status == 0 && several.error.contains("2 more image(s)"), "\(several.error)")
  }

  @Test("Bounds that --crop leaves out are the ends of the axis; invalid ranges and unknown axes are refused")
  func crop() throws {
    let folder = try TestFolder()
    let input = npy("|u1", [2, 4], Data([0, 1, 2, 3, 10, 11, 12, 13]))
    #expect(try convert(folder, input, "--crop", "x=2:") == Data([2, 3, 12, 13]))
    #expect(try convert(folder, input, "--crop", "column=:1,y=1:") == Data([10]))
    #expect(try convert(folder, input, "--crop", "X=1:2") == Data([1, 11]))
    for crop in ["x=3:1", "x=0:5", "x=-1:2", "x=1", "x", "z=0:1", "x=a:b", "x=0:1:2"] {
      let refused = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("no.raw"), "--crop", crop)
      // The message uses the terms of the option.
      let isNamed = refused.error.contains(crop == "z=0:1" ? "no axis SLICE to crop" : ": crop ")
      #expect(refused.status == 64 && refused.errorLines.count == 1 && isNamed, "\(crop): \(refused.error)")
    }
    #expect(try folder.names == ["in.npy", "out.raw"])
  }

  @Test("--axes names, splits and orders axes before any other change")
  func axes() throws {
    let folder = try TestFolder()
    let input = npy("|u1", [6, 1, 2], Data(0..<12))
    // Pages 0 to 5 are time 0 with channels 0 to 2, then time 1 with the same channels.
    #expect(try convert(folder, input, "--axes", "T=2,C=3,Y,X", "--crop", "t=1:2,c=2:3") == Data([10, 11]))
    #expect(try convert(folder, input, "--axes", "angle,Y,X", "--crop", "angle=4:5") == Data([8, 9]))
    #expect(try convert(folder, input, "--axes", "TZX", "--crop", "t=5:6") == Data([10, 11]))
    for axes in ["T=2,C=2,Y,X", "T=4,C=3,Y,X", "YX", "T=0,C=3,Y,X", "T=x,Y,X", "ZZX"] {
      let refused = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("no.raw"), "--axes", axes)
      #expect(refused.status == 64 && refused.errorLines.count == 1, "\(axes): \(refused.status) \(refused.error)")
    }
  }
}
