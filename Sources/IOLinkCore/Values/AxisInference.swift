/// Chooses the axes of an array whose file does not state them. All formats of plain arrays share this rule.
public enum AxisInference {
  /// Returns the axes of an array by its rank, slowest first: X, YX, ZYX, TZYX or TZYXC. At higher ranks, the axes before
  /// TZYXC are `dim0`, `dim1`, …
  ///
  /// - Parameter shape: The lengths, slowest first, as in the file.
  /// - Returns: One axis per length, slowest first, without calibration.
  public static func axes(_ shape: [Int]) -> [Axis] {
    let known: [AxisRole] =
      switch shape.count {
      case 0: []
      case 1: [.column]
      case 2: [.row, .column]
      case 3: [.slice, .row, .column]
      case 4: [.sequence, .slice, .row, .column]
      default: [.sequence, .slice, .row, .column, .channel]
      }
    let leading = (0..<(shape.count - known.count)).map { AxisRole("dim\($0)") }
    return zip(leading + known, shape).map { Axis($0, length: $1) }
  }

  /// Returns whether the last dimension of a plain array holds the components of colour pixels.
  ///
  /// It does when the rank is 3 or more, the type is `uint8` or `uint16`, the last length is 3 or 4, and the two lengths
  /// before it are greater than 4.
  ///
  /// - Parameters:
  ///   - shape: The lengths, slowest first, as in the file.
  ///   - componentType: The type of the numbers in the array.
  public static func hasComponents(_ shape: [Int], _ componentType: ComponentType) -> Bool {
    guard shape.count >= 3, componentType == .uint8 || componentType == .uint16 else { return false }
    let count = shape.count
    return (3...4).contains(shape[count - 1]) && shape[count - 2] > 4 && shape[count - 3] > 4
  }
}
