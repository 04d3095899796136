/// Which axes an array has when its file does not say: the one rule of all plain arrays.
public enum AxisInference {
  /// Roles by rank, slowest first: X, YX, ZYX, TZYX, TZYXC; above that the leading axes are `dim0`, `dim1`, …
  ///
  /// - Parameter shape: Slowest first, as in the file.
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

  /// Whether the last dimension of a plain array holds the components of colour pixels: rank 3 or more, length 3 or 4,
  /// 8- or 16-bit unsigned, and the two lengths before it greater than 4.
  ///
  /// - Parameter shape: Slowest first, as in the file.
  public static func hasComponents(_ shape: [Int], _ componentType: ComponentType) -> Bool {
    guard shape.count >= 3, componentType == .uint8 || componentType == .uint16 else { return false }
    let count = shape.count
    return (3...4).contains(shape[count - 1]) && shape[count - 2] > 4 && shape[count - 3] > 4
  }
}
