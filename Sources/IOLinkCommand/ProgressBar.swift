import IOLink

/// A progress bar on standard error, shown only if that is a terminal.
struct ProgressBar {
  private let width: Int

  /// Returns `nil` if standard error is not a terminal.
  init?() {
    guard Terminal.error.isInteractive else { return nil }
    width = max(10, min(50, (Terminal.error.columnCount ?? 80) - 30))
  }

  func show(_ progress: Progress) {
    let filled = Int(progress.fraction * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled)
    let percent = Int(progress.fraction * 100)
    StandardError.write("\r\(bar) \(percent) % of \(ByteText.describe(progress.total))")
  }

  func clear() { StandardError.write("\r" + String(repeating: " ", count: width + 28) + "\r") }
}
