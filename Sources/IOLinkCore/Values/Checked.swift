/// Arithmetic on numbers that come from a file or a caller: it never wraps around, and it throws instead of trapping.
public enum Checked {
  /// Returns the product of two integers.
  ///
  /// - Throws: `limitExceeded` when it does not fit in an `Int`.
  public static func multiply(_ left: Int, _ right: Int) throws(IOLinkError) -> Int {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    guard !overflow else { throw IOLinkError(.limitExceeded, "\(left) × \(right) exceeds the range of an integer") }
    return product
  }

  /// Returns the sum of two integers.
  ///
  /// - Throws: `limitExceeded` when it does not fit in an `Int`.
  public static func add(_ left: Int, _ right: Int) throws(IOLinkError) -> Int {
    let (sum, overflow) = left.addingReportingOverflow(right)
    guard !overflow else { throw IOLinkError(.limitExceeded, "\(left) + \(right) exceeds the range of an integer") }
    return sum
  }

  /// Returns an integer of a file as an `Int`.
  ///
  /// - Throws: `limitExceeded` when it does not fit in an `Int`.
  public static func int(_ value: some BinaryInteger) throws(IOLinkError) -> Int {
    guard let result = Int(exactly: value) else {
      throw IOLinkError(.limitExceeded, "\(value) exceeds the range of an integer")
    }
    return result
  }

  /// Returns `left / right`, rounded up.
  ///
  /// - Precondition: `right` is positive.
  public static func ceilingDivide(_ left: Int, _ right: Int) -> Int {
    left / right + (left % right > 0 ? 1 : 0)
  }
}
