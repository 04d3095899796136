import Foundation
import Testing

/// The progress bar on a terminal.
struct ProgressTests {
  /// What a conversion of 4 MiB writes to standard error, which is a terminal of this many columns.
  private func conversion(columns: UInt16) throws -> String {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [4, 1024, 1024], Data(count: 4 << 20)), "in.npy")
    // The two sides of a pseudoterminal, as pty(7) describes them: TIOCSPTLCK unlocks the inner side, and TIOCGPTN gives its number.
    // Each request gets a variable of the type that it reads or fills.
    let terminal = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (lock, number): (Int32, Int32) = (0, 0)
    let isOpen = unsafe (ioctl(terminal, 0x4004_5431, &lock), ioctl(terminal, 0x8004_5430, &number))
    try #require(isOpen == (0, 0))
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    let isSized = unsafe ioctl(terminal, UInt(TIOCSWINSZ), &size)
    try #require(isSized == 0)
    let inner = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(inner >= 0)
    let process = try CommandLineTool.process(["convert", folder.path("in.npy"), folder.path("out.npy"), "--threads", "1"])
    process.standardError = FileHandle(fileDescriptor: inner, closeOnDealloc: false)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    close(inner)
    // Reading ends with an error once the other side has been closed.
    var text = Data()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = unsafe read(terminal, &buffer, buffer.count), count > 0 { text += buffer.prefix(count) }
    close(terminal)
    #expect(CommandLineTool.wait(process) == 0)
    return String(decoding: text, as: UTF8.self)
  }

  @Test(
    "A terminal sees a bar that fits it, how much of what, and nothing of it at the end",
    arguments: [(80, 50), (60, 30), (20, 10), (200, 50)])
  func bar(_ columns: UInt16, _ width: Int) throws {
    let shown = try conversion(columns: columns).split(separator: "\r").map(String.init)
    let full = String(repeating: "█", count: width) + " 100 % of 4.0 MiB"
    #expect(shown.dropLast().last == full, "\(shown.suffix(3))")
    let blank = try #require(shown.last)
    #expect(blank.allSatisfy { $0 == " " } && blank.count >= full.count)
    for line in shown.dropLast() {
      let filled = line.prefix { $0 == "█" }.count
      let left = line.dropFirst(filled).prefix { $0 == "·" }.count
      let percent = try #require(Int(line.dropFirst(filled + left + 1).prefix { $0.isNumber }))
      #expect(filled + left == width && abs(filled * 100 - percent * width) < 100 && line.hasSuffix(" % of 4.0 MiB"), "\(line)")
    }
  }
}
