import IOLinkCore
import IOLinkTesting

/// The oracle of the lazy algebra: an image as a function from a position to the bytes of its components. Every operation is one
/// closure over another. It shares no code with the core.
struct NaiveImage {
  var shape: [Int]
  var componentType: ComponentType
  var componentCount: Int
  /// The world position of every index along every axis; `nil` for an axis without spacing.
  var places: [[Double]?]
  var number: ([Int], Int) -> [UInt8]

  init(_ pattern: PatternView) {
    shape = Array(pattern.shape)
    componentType = pattern.dataType.componentType
    componentCount = pattern.dataType.componentCount
    places = pattern.properties.axes.map { axis in
      axis.spacing.map { spacing in
        (0..<axis.length).map { (axis.origin ?? 0) + Double($0) * spacing }
      }
    }
    number = { pattern.number(at: $0, component: $1) }
  }

  var count: Int { shape.reduce(1, *) }

  /// All pixels of a box: dense, first axis fastest, components interleaved.
  func bytes(origin: [Int], size: [Int]) -> [UInt8] {
    var result: [UInt8] = []
    for index in 0..<size.reduce(1, *) {
      var rest = index
      var position = origin
      for axis in size.indices {
        position[axis] += rest % size[axis]
        rest /= size[axis]
      }
      for component in 0..<componentCount { result += number(position, component) }
    }
    return result
  }

  var bytes: [UInt8] { bytes(origin: shape.map { _ in 0 }, size: shape) }

  private func moved(_ shape: [Int], _ places: [[Double]?], _ source: @escaping ([Int]) -> [Int])
    -> NaiveImage
  {
    var result = self
    let number = number
    result.shape = shape
    result.places = places
    result.number = { number(source($0), $1) }
    return result
  }

  /// Selects the positions `indices[axis]` along each axis.
  func taking(_ indices: [[Int]]) -> NaiveImage {
    let places = zip(self.places, indices).map { place, chosen in
      place.map { place in chosen.map { place[$0] } }
    }
    return moved(indices.map(\.count), places) { position in
      position.indices.map { indices[$0][position[$0]] }
    }
  }

  func permuted(_ axes: [Int]) -> NaiveImage {
    moved(axes.map { shape[$0] }, axes.map { places[$0] }) { position in
      var source = position
      for (output, axis) in axes.enumerated() { source[axis] = position[output] }
      return source
    }
  }

  func selecting(_ axis: Int, _ index: Int) -> NaiveImage {
    var smaller = (shape, places)
    smaller.0.remove(at: axis)
    smaller.1.remove(at: axis)
    return moved(smaller.0, smaller.1) { position in
      var source = position
      source.insert(index, at: axis)
      return source
    }
  }

  func inserting(at axis: Int) -> NaiveImage {
    var larger = (shape, places)
    larger.0.insert(1, at: axis)
    larger.1.insert(nil, at: axis)
    return moved(larger.0, larger.1) { position in
      var source = position
      source.remove(at: axis)
      return source
    }
  }

  /// Turns an axis into components.
  func grouping(_ axis: Int) -> NaiveImage {
    var result = selecting(axis, 0)
    let number = number
    result.componentCount = shape[axis]
    result.number = { position, component in
      var source = position
      source.insert(component, at: axis)
      return number(source, 0)
    }
    return result
  }

  /// Turns components into an axis at this position.
  func ungrouping(_ axis: Int) -> NaiveImage {
    var result = inserting(at: axis)
    let number = number
    result.shape[axis] = componentCount
    result.componentCount = 1
    result.number = { position, _ in
      var source = position
      let component = source.remove(at: axis)
      return number(source, component)
    }
    return result
  }

  /// Splits an axis into several.
  ///
  /// - Parameters:
  ///   - parts: The position of each part in the result, and its length, slowest first.
  ///   - others: The position in the result of every other axis, in order.
  func splitting(_ axis: Int, parts: [(place: Int, length: Int)], others: [Int]) -> NaiveImage {
    var shape = Array(repeating: 0, count: parts.count + others.count)
    var places: [[Double]?] = Array(repeating: nil, count: shape.count)
    let old = self.shape.indices.filter { $0 != axis }
    for part in parts { shape[part.place] = part.length }
    for (index, place) in others.enumerated() {
      shape[place] = self.shape[old[index]]
      places[place] = self.places[old[index]]
    }
    return moved(shape, places) { position in
      var source = Array(repeating: 0, count: old.count + 1)
      for (index, place) in others.enumerated() { source[old[index]] = position[place] }
      for part in parts { source[axis] = source[axis] * part.length + position[part.place] }
      return source
    }
  }

  /// Joins images along a new axis at this position.
  static func stacked(_ images: [NaiveImage], at axis: Int) -> NaiveImage {
    var result = images[0].inserting(at: axis)
    result.shape[axis] = images.count
    result.number = { position, component in
      var source = position
      let image = source.remove(at: axis)
      return images[image].number(source, component)
    }
    return result
  }

  /// Converts uint8 to uint16, or back with saturation.
  func converted(to target: ComponentType) -> NaiveImage {
    var result = self
    let (number, componentType) = (number, componentType)
    result.componentType = target
    result.number = { position, component in
      let bytes = number(position, component)
      let value = componentType == .uint8 ? Int(bytes[0]) : Int(bytes[0]) + 256 * Int(bytes[1])
      if target == .uint8 { return [UInt8(min(255, value))] }
      return [UInt8(value & 255), UInt8(value >> 8)]
    }
    return result
  }
}
