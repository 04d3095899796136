/// Arithmetic on numbers that a file or a caller gave: never wraps, never traps.
public enum Checked {
  public static func multiply(_ left: Int, _ right: Int) throws(IOLinkError) -> Int {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    guard !overflow else { throw IOLinkError(.limitExceeded, "\(left) × \(right) passes the largest integer") }
    return product
  }

  public static func add(_ left: Int, _ right: Int) throws(IOLinkError) -> Int {
    let (sum, overflow) = left.addingReportingOverflow(right)
    guard !overflow else { throw IOLinkError(.limitExceeded, "\(left) + \(right) passes the largest integer") }
    return sum
  }

  /// A file-width integer as `Int`.
  public static func int(_ value: some BinaryInteger) throws(IOLinkError) -> Int {
    guard let result = Int(exactly: value) else {
      throw IOLinkError(.limitExceeded, "\(value) passes the largest integer")
    }
    return result
  }

  /// `left / right`, rounded up; `right` is positive.
  public static func ceilingDivide(_ left: Int, _ right: Int) -> Int {
    left / right + (left % right > 0 ? 1 : 0)
  }
}
