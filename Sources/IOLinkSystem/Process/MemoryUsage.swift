/// How much memory the process has used.
public struct MemoryUsage: Sendable {
  /// The most that was resident at any time so far, in bytes (`VmHWM`).
  public var peakResident: Int
  /// What is resident now, in bytes (`VmRSS`).
  public var resident: Int

  /// - Returns: `nil` where the system does not say.
  public static var current: MemoryUsage? {
    SmallFile.text(of: "/proc/self/status").flatMap(MemoryUsage.init(status:))
  }

  /// - Parameter status: The content of `/proc/self/status`.
  init?(status: String) {
    func bytes(_ name: String) -> Int? {
      SmallFile.value(of: name, in: status).flatMap { SmallFile.number(in: $0) }.map { $0 << 10 }
    }
    guard let peak = bytes("VmHWM"), let now = bytes("VmRSS") else { return nil }
    peakResident = peak
    resident = now
  }
}
