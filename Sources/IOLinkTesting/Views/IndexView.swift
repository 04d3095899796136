internal import IOLinkCore

/// A synthetic image whose every component is the index of its element along one axis, or its own index among the components.
///
/// Through any operation, its pixels tell where each element came from.
struct IndexView: ImageView {
  let dataType: DataType
  let properties: ImageProperties
  /// The axis, or `component`.
  let role: AxisRole

  var shape: Shape { properties.shape }
  var metadata: MetadataNode { MetadataNode() }
  var capabilities: Capabilities { .read }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    let axis = properties.index(of: role)
    var local = AxisVector(repeating: 0, count: region.rank)
    repeat {
      for component in 0..<dataType.componentCount {
        let index = [UInt8(truncatingIfNeeded: axis.map { region.origin[$0] + local[$0] } ?? component)]
        let offset = layout.offset(of: local) + component * layout.componentStride
        destination.copy(from: unsafe index.span.bytes, at: offset)  // bytes have no padding
      }
    } while local.advance(in: region.size)
  }
}

/// Where the elements of an image came from, after an operation on another image.
struct ElementOrigins {
  /// The roles of the axes of the other image, and `component`.
  let roles: [AxisRole]
  /// For each component of each element of the result, the index along each of ``roles``.
  private let indices: [[Int]]
  private let result: any ImageView

  /// - Parameter operation: What was done to an image of this type and these properties.
  init(
    _ dataType: DataType, _ properties: ImageProperties, _ operation: (any ImageView) throws(IOLinkError) -> any ImageView
  ) throws(IOLinkError) {
    roles = properties.axes.map(\.role) + [.component]
    var columns: [[UInt8]] = []
    for role in roles {
      let view = try operation(IndexView(dataType: dataType, properties: properties, role: role))
      columns.append(try view.bytes(of: Region(of: view.shape)))
    }
    result = try operation(IndexView(dataType: dataType, properties: properties, role: .component))
    indices = columns[0].indices.map { place in columns.map { Int($0[place]) } }
  }

  /// The length of an axis of the result; 1 if it does not have the axis.
  func length(_ role: AxisRole) -> Int {
    role == .component ? result.dataType.componentCount : result.properties.index(of: role).map { result.shape[$0] } ?? 1
  }

  /// Calls `body` with the index of each component of each element along the axes of the result, and along those of the other image.
  func forEach(_ body: (_ now: [AxisRole: Int], _ before: [AxisRole: Int]) -> Void) {
    var position = AxisVector(repeating: 0, count: result.rank)
    var place = 0
    repeat {
      for component in 0..<result.dataType.componentCount {
        var now: [AxisRole: Int] = [.component: component]
        for (axis, index) in zip(result.properties.axes, position) { now[axis.role] = index }
        body(now, Dictionary(uniqueKeysWithValues: zip(roles, indices[place])))
        place += 1
      }
    } while position.advance(in: result.shape)
  }

  /// Returns where the elements came from that have each index along some axes of the result, slowest first; `nil` when they
  /// came from different indices along the same axes of the other image.
  func sources(along roles: [AxisRole]) -> [[Int]]? {
    let lengths = roles.map(length)
    var found = [[Int]?](repeating: nil, count: lengths.reduce(1, *))
    var isUnique = true
    forEach { now, before in
      let place = zip(roles, lengths).reduce(0) { $0 * $1.1 + (now[$1.0] ?? 0) }
      let source = roles.map { before[$0] ?? 0 }
      if let known = found[place], known != source { isUnique = false }
      found[place] = source
    }
    let all = found.compactMap { $0 }
    return isUnique && all.count == found.count ? all : nil
  }

  /// Returns the axis of the result along which the elements lie that ran along an axis of the other image, and their indices there; the
  /// axis itself with one index if it is gone; `nil` when they no longer run along one axis.
  func carrier(of role: AxisRole) -> (role: AxisRole, sources: [Int])? {
    for candidate in [role] + result.properties.axes.map(\.role) {
      var found = [Int?](repeating: nil, count: length(candidate))
      var isUnique = true
      forEach { now, before in
        let place = now[candidate] ?? 0
        if let known = found[place], known != before[role] { isUnique = false }
        found[place] = before[role]
      }
      let all = found.compactMap { $0 }
      if isUnique, all.count == found.count, !all.isEmpty { return (candidate, all) }
    }
    return nil
  }

  /// Whether every element along this axis is where it was, and none is missing.
  ///
  /// - Parameter length: The length of the axis before.
  func isUnchanged(along role: AxisRole, length: Int) -> Bool {
    guard self.length(role) == length else { return false }
    var isSame = true
    forEach { now, before in if let index = before[role], index != now[role] ?? 0 { isSame = false } }
    return isSame
  }
}
