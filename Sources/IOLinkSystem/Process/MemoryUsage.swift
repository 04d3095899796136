/// How much memory this process uses.
public struct MemoryUsage: Sendable {
  /// The largest resident size so far, in bytes (`VmHWM`).
  public var peakResident: Int
  /// The present resident size, in bytes (`VmRSS`).
  public var resident: Int

  /// The usage at this moment; `nil` where the system does not report it.
  public static var current: MemoryUsage? {
    SmallFile.text(of: "/proc/self/status").flatMap(MemoryUsage.init(status:))
  }

  /// Reads the usage from the content of `/proc/self/status`.
  init?(status: String) {
    func bytes(_ name: String) -> Int? {
      SmallFile.value(of: name, in: status).flatMap { SmallFile.number(in: $0) }.map { $0 << 10 }
    }
    guard let peak = bytes("VmHWM"), let now = bytes("VmRSS") else { return nil }
    peakResident = peak
    resident = now
  }
}
