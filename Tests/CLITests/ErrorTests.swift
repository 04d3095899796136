import Foundation
import Testing

/// An error gives one line and the right exit code, and leaves no file behind.
struct ErrorTests {
  @Test(
    "Exit codes, one line on standard error, nothing left behind",
    arguments: [
      (["convert", "MISSING.npy", "OUT.raw"], 66), (["info", "MISSING.npy"], 66), (["info", "GARBAGE"], 65),
      (["convert", "GARBAGE", "OUT.npy"], 65), (["convert", "SHORT.npy", "OUT.raw"], 65), (["convert", "GOOD.npy", "OUT.unknown"], 64),
      (["convert", "GOOD.npy", "OUT.npy", "--all"], 69), (["convert", "GOOD.npy", "OUT.npy", "-o", "compression=lzw"], 64),
      (["convert", "GOOD.npy", "OUT.npy", "-o", "byte-order=middle"], 64), (["convert", "GOOD.npy", "OUT.npy", "-i", "level=1"], 64),
      (["convert", "GOOD.npy", "OUT.npy", "--crop", "x=0:99"], 64), (["convert", "GOOD.npy", "OUT.npy", "--crop", "q=0:1"], 64),
      (["convert", "GOOD.npy", "OUT.npy", "--from", "bmp"], 64), (["convert", "GOOD.npy", "OUT.npy", "--to", "bmp"], 64),
      (["convert", "GOOD.npy", "OUT.npy", "--threads", "0"], 64), (["convert", "GOOD.npy", "OUT.npy", "--memory", "1"], 64),
      (["convert", "GOOD.npy", "-"], 64), (["convert", "GOOD.npy", "/"], 64), (["merge", "GOOD.npy", "OUT.npy"], 69), (["merge", "GOOD.npy", "GOOD.npy", "OUT.npz"], 64), (["preview", "GOOD.npy", "/"], 73), (["formats", "bmp"], 64), (["convert", "GOOD.npy", "OUT.npy", "--image", "second"], 66),
      (["convert", "GOOD.npy", "OUT.npy", "--type", "uint7"], 64), (["convert", "GOOD.npy", "NOFOLDER/OUT.npy"], 73),
      (["convert", "GOOD.npy", "OUT.npy", "--axes", "ZYX"], 64), (["convert", "GOOD.npy", "OUT.raw", "--from", "raw"], 64),
      (["convert", "GOOD.npy"], 64), (["no-such-verb"], 64), (["preview", "GOOD.npy", "NOFOLDER/OUT.png"], 73),
      (["preview", "GOOD.npy", "OUT.unknown"], 64), (["preview", "MISSING.npy", "OUT.png"], 66),
      (["preview", "GOOD.npy", "OUT.png", "--size", "0"], 64), (["preview", "GARBAGE", "OUT.png"], 65),
      (["diff", "GOOD.npy", "GARBAGE"], 65), (["convert", "BROKEN.npy", "OUT.raw"], 65),
    ] as [([String], Int32)])
  func codes(_ arguments: [String], _ status: Int32) throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [2, 3], Data([1, 2, 3, 4, 5, 6])), "GOOD.npy")
    try folder.write(npy("|u1", [2, 3], Data([1, 2, 3])), "SHORT.npy")
    try folder.write(Data("no image at all".utf8), "GARBAGE")
    try folder.write(npy("|q9", [2, 3], Data(count: 6)), "BROKEN.npy")
    let placed = arguments.map { $0.contains(".") || $0 == "GARBAGE" ? folder.path($0) : $0 }
    let result = try CommandLineTool.run(placed)
    #expect(result.status == status, "\(arguments): \(result.error)")
    let isUsage = arguments.count < 3 && status == 64  // the argument parser also prints the usage
    #expect(isUsage || result.errorLines.count == 1, "\(arguments): \(result.error)")
    #expect(result.output.isEmpty, "\(arguments): \(result.text)")
    #expect(try folder.names == ["BROKEN.npy", "GARBAGE", "GOOD.npy", "SHORT.npy"])
  }

  @Test("Messages about unknown options and values name the allowed ones")
  func names() throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [1], Data([1])), "in.npy")
    let option = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("out.npy"), "-o", "nonsense=1")
    #expect(option.error.contains("byte-order") && option.error.contains("order"))
    let value = try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("out.npy"), "-o", "byte-order=1")
    #expect(value.error.contains("native, little, big"))
    let image = try CommandLineTool.run("convert", fixture("npz/deflated_three.npz"), folder.path("out.npy"))
    #expect(image.status == 64 && image.errorLines.count == 1, "\(image.error)")
  }

  @Test("A message is one line, whatever it quotes")
  func lines() throws {
    let result = try CommandLineTool.run("info", "no\nsuch\r\nfile")
    #expect(result.status == 66 && result.error.hasSuffix("\n") && result.error.filter(\.isNewline).count == 1, "\(result.error)")
  }

  @Test("The output folder is not writable")
  func unwritable() throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [1], Data([1])), "in.npy")
    // Not even the superuser can create files here.
    let result = try CommandLineTool.run("convert", folder.path("in.npy"), "/proc/out.npy")
    #expect(result.status == 73 && result.errorLines.count == 1, "\(result.error)")
  }

  @Test("A full disk gives one line and exit code 74, and leaves the old target whole and no other file")
  func fullDisk() throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [400_000], Data(repeating: 7, count: 400_000)), "in.npy")
    let old = Data("the old content".utf8)
    try folder.write(old, "out.npy")
    for target in ["out.npy", "new.npy"] {
      let result = try CommandLineTool.run(
        ["convert", folder.path("in.npy"), folder.path(target)], limits: "ulimit -f 100")
      #expect(result.status == 74 && result.errorLines.count == 1, "\(result.status): \(result.error)")
    }
    #expect(try folder.data("out.npy") == old)
    #expect(try folder.names == ["in.npy", "out.npy"])
  }

  @Test("The reader of a pipe has gone")
  func closedPipe() throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [4_000_000], Data(repeating: 7, count: 4_000_000)), "in.npy")
    let process = try CommandLineTool.process(["convert", folder.path("in.npy"), "-", "--to", "raw"])
    let output = Pipe()
    let error = Pipe()
    process.standardOutput = output
    process.standardError = error
    try process.run()
    _ = try output.fileHandleForReading.read(upToCount: 10)
    try output.fileHandleForReading.close()
    let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let status = CommandLineTool.wait(process)
    #expect(status == 74 && message.split(separator: "\n").count == 1, "\(status): \(message)")
  }
}
