import Foundation
import IOLinkCore
import IOLinkSystem
import Testing

/// What happens to files when processes are killed, limited or interrupted, or when two write at the same time.
@Suite struct ProcessTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func killedReplacementLeavesTheTargetWhole() throws {
    try folder.file("old", pattern(1_000))
    var random = Generator(state: 20)
    var killed = 0
    let whole = FileReplacementCallTests.written(20_000_000, 5)
    for name in ["old", "new"] {
      for _ in 0..<10 {
        let tool = try Tool("replace", folder[name], "20000000", "5")
        try tool.start()
        usleep(UInt32.random(in: 0..<10_000, using: &random))
        kill(tool.process.processIdentifier, SIGKILL)
        if tool.wait() == -SIGKILL { killed += 1 }
        let content = folder.content(name)
        let isOld = name == "old" ? content == pattern(1_000) : content == nil
        #expect(isOld || content == whole)
        // A process that is killed between its link and its rename leaves a file, which the next one removes.
        #expect(folder.names.filter { $0.hasPrefix(".") }.count <= 1)
      }
    }
    #expect(killed > 0, "every process ended before it was killed; the test tested nothing")
  }

  @Test func sizeLimitIsOneLineAndLeavesNothing() throws {
    try folder.file("old", [9])
    for name in ["old", "new"] {
      let result = try Tool("limited", folder[name], "500000", "100000").run()
      #expect(result.status == 74)
      #expect(result.error.hasPrefix("io: cannot write"))
      #expect(result.error.split(separator: "\n").count == 1)
    }
    #expect(folder.names == ["old"])
    #expect(folder.content("old") == [9])
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func interruptedWorkUnwinds(number: Int32) throws {
    let tool = try Tool("interrupted", folder["a"])
    try tool.start()
    kill(tool.process.processIdentifier, number)
    #expect(tool.wait() == 130)
    #expect(folder.names == [])
  }

  @Test(arguments: [(SIGINT, SIGTERM), (SIGTERM, SIGHUP), (SIGHUP, SIGINT)])
  func theSecondSignalOfAKindEndsAProcess(other: Int32, number: Int32) throws {
    let result = try Tool("deaf", "\(other)", "\(number)").run()
    #expect(result.output == "true false\nheard \(other)\nheard \(number)\n")
    #expect(result.status == -number)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func whatIsIgnoredStaysIgnored(number: Int32) throws {
    let result = try Tool("ignoring", "\(number)").run()
    #expect(result.status == 0)
    #expect(result.output == [SIGINT, SIGTERM, SIGHUP].map { "\($0) \($0 != number)\n" }.joined())
  }

  @Test func terminalsHaveAWidth() throws {
    /// What `SystemTestTool terminal` prints on a terminal of this width.
    func width(_ columns: UInt16, _ environment: String? = nil) throws -> String {
      let main = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
      try #require(main >= 0)
      defer { close(main) }
      // TIOCSPTLCK and TIOCGPTN, which are not visible to Swift. They take and give a number.
      var lock: Int32 = 0
      var index: Int32 = 0
      try #require(unsafe ioctl(main, 0x4004_5431, &lock) == 0 && ioctl(main, 0x8004_5430, &index) == 0)
      var size = winsize(ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
      try #require(unsafe ioctl(main, UInt(TIOCSWINSZ), &size) == 0)  // a local structure of the type that this request takes
      let tool = try Tool("terminal")
      tool.process.environment?["COLUMNS"] = environment
      tool.process.standardOutput = FileHandle(forUpdatingAtPath: "/dev/pts/\(index)")
      try tool.process.run()
      let text = tool.error.fileHandleForReading.readDataToEndOfFile()
      #expect(tool.wait() == 0)
      return String(decoding: text, as: UTF8.self)
    }
    #expect(try width(97) == "true 97\n")
    #expect(try width(97, "50") == "true 97\n")
    #expect(try width(0, "50") == "true 50\n")
    for nonsense in [nil, "0", "-4", "x"] { #expect(try width(0, nonsense) == "true none\n") }
    let tool = try Tool("terminal")
    tool.process.environment?["COLUMNS"] = "50"
    #expect(try tool.run().error == "false none\n")
  }

  @Test func twoProcessesUpdateHalvesOfOneFile() throws {
    let half = 3_000_001
    try folder.file("a", [UInt8](repeating: 0, count: 2 * half))
    let first = try Tool("update", folder["a"], "0", "\(half)", "1")
    let second = try Tool("update", folder["a"], "\(half)", "\(half)", "2")
    try first.process.run()
    try second.process.run()
    #expect(first.wait() == 0)
    #expect(second.wait() == 0)
    #expect(folder.content("a") == [UInt8](repeating: 1, count: half) + [UInt8](repeating: 2, count: half))
  }

  @Test func closedPipeIsAnError() throws {
    let tool = try Tool("output", "1000000")
    try tool.process.run()
    _ = try tool.output.fileHandleForReading.read(upToCount: 10)
    try tool.output.fileHandleForReading.close()
    #expect(tool.wait() == 74)
  }

  @Test func standardOutputIsAStream() throws {
    let result = try Tool("output", "300").run()
    #expect(result.status == 0)
    #expect(result.output == String(repeating: "A", count: 300_000))
  }

  @Test func standardInputFromAPipeAndFromAFile() throws {
    let bytes = pattern(200_000)
    let expected = "\(bytes.count) \(bytes.reduce(0) { $0 + Int($1) })\n"
    #expect(try Tool("input", "0").run(input: bytes).output == expected)
    #expect(try Tool("input", "100").run(input: bytes).error.hasPrefix("limitExceeded"))
    let path = try folder.file("a", bytes)
    let whole = try Tool("input", "0")
    whole.process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    #expect(try whole.run().output == expected)
    // Another reader has already read the first hundred bytes.
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    try handle.seek(toOffset: 100)
    let rest = try Tool("input", "0")
    rest.process.standardInput = handle
    #expect(try rest.run().output == "199900 \(bytes.dropFirst(100).reduce(0) { $0 + Int($1) })\n")
  }
}
