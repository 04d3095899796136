import IOLinkCore
import IOLinkSystem
import IOLinkTesting
import Testing

/// Compares the lazy algebra with an oracle that looks up every index, for every way in which pixels can be held.
struct AlgebraTests {
  static let runtime = Runtime(executor: ThreadPool(threadCount: 3), cacheByteCount: 4096)

  static func patterns() throws -> [PatternView] {
    let volume = try ImageProperties(
      axes: [
        Axis(.column, length: 7, spacing: 0.5, origin: 10, unit: "µm"),
        Axis(.row, length: 5, spacing: 2),
        Axis(.slice, length: 4, spacing: 1.5, origin: -3),
      ])
    let rgb = try ImageProperties(
      axes: [Axis(.column, length: 6, spacing: 1), Axis(.row, length: 5)], interpretation: .rgb)
    let channels = try ImageProperties(
      axes: [
        Axis(.column, length: 5), Axis(.row, length: 3), Axis(.channel, length: 3),
        Axis(.sequence, length: 2),
      ],
      sourceOrder: [2, 3, 1, 0])
    let many = try ImageProperties(
      axes: [
        Axis(.column, length: 3), Axis(.row, length: 2), Axis(.slice, length: 1),
        Axis(AxisRole("angle"), length: 3),
        Axis(AxisRole("dim0"), length: 2, spacing: 4),
      ])
    return [
      PatternView(.uint16, properties: volume),
      PatternView(try DataType(.uint8, componentCount: 3), properties: rgb),
      PatternView(try DataType(.float32, componentCount: 2), properties: rgb),
      PatternView(.uint8, properties: channels),
      PatternView(.int64, properties: many), PatternView(.complex128, properties: rgb),
      PatternView(.uint16, properties: try ImageProperties(axes: [])),
      PatternView(
        .uint8,
        properties: try ImageProperties(axes: [Axis(.column, length: 0), Axis(.row, length: 4)])),
    ]
  }

  @Test("Every way of holding pixels gives the pattern, as a whole and in any region", arguments: Holding.allCases)
  func holding(_ holding: Holding) throws {
    var random = SeededGenerator(seed: 0x51)
    for pattern in try Self.patterns() {
      let view = try holding.view(pattern, runtime: Self.runtime)
      let oracle = NaiveImage(pattern)
      try compare(view, oracle, &random, "\(holding) of \(pattern.dataType) \(pattern.shape)")
      #expect(view.properties == pattern.properties)
    }
  }

  @Test("Random chains of operations agree with the oracle", arguments: Holding.allCases)
  func chains(_ holding: Holding) throws {
    let seed: UInt64 =
      0xA15_0000 + UInt64(holding.rawValue.utf8.reduce(0) { $0 * 31 % 65_521 + Int($1) })
    var random = SeededGenerator(seed: seed)
    let patterns = try Self.patterns()
    for _ in 0..<120 {
      let pattern = patterns[Int.random(in: 0..<patterns.count, using: &random)]
      var chain = Chain(
        view: try holding.view(pattern, runtime: Self.runtime), oracle: NaiveImage(pattern))
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        do {
          try chain.step(&random)
        } catch {
          Issue.record("\(holding), seed \(random): \(pattern.shape) \(chain.names): \(error)")
          break
        }
      }
      let text =
        "\(holding), \(random): \(pattern.dataType) \(pattern.shape) \(chain.names.joined(separator: " → "))"
      do { try compare(chain.view, chain.oracle, &random, text) } catch {
        Issue.record("\(text): \(error)")
      }
      #expect(
        !holding.isMemory || !chain.staysMemory || chain.view.memory != nil,
        "\(text): MEMORY_ACCESS is lost")
    }
  }
}

extension AlgebraTests {
  @Test("Named axes are added after unknown ones, and stay with their elements")
  func unknownAxes() throws {
    let view = try MemoryImageView.allocate([3, 2], DataType(.uint8, componentCount: 3))
    for (wide, role) in [(try [view, view].stacked(along: .sequence), AxisRole.sequence), (try view.elementsAsChannels(), .channel)] {
      #expect(wide.properties.axes.map(\.role) == [.unknown, .unknown, role])
      let part = try wide.permuted(to: [1, 0, 2]).flipped(axis: 2)
      #expect(part.shape == [2, 3, role == .channel ? 3 : 2])
      #expect(part.properties.axes.map(\.role) == [.unknown, .unknown, role])
    }
  }
}

/// A view, and the oracle that goes through the same operations.
struct Chain {
  var view: any ImageView
  var oracle: NaiveImage
  var names: [String] = []
  /// Becomes false after an operation that strides cannot express.
  var staysMemory = true

  mutating func step(_ random: inout SeededGenerator) throws {
    let rank = oracle.shape.count
    let axis = rank > 0 ? Int.random(in: 0..<rank, using: &random) : 0
    switch Int.random(in: 0..<11, using: &random) {
    case 0:
      let ranges = oracle.shape.map { length -> Range<Int> in
        let lower = Int.random(in: 0...length, using: &random)
        return lower..<Int.random(in: lower...length, using: &random)
      }
      guard !ranges.contains(where: \.isEmpty) || Int.random(in: 0..<4, using: &random) == 0 else {
        return
      }
      names.append("crop \(ranges)")
      view = try view.cropped(
        to: Region(
          origin: AxisVector(ranges.map(\.lowerBound)), size: AxisVector(ranges.map(\.count))))
      oracle = oracle.taking(ranges.map(Array.init))
    case 1:
      let permutation = Array(0..<rank).shuffled(using: &random)
      names.append("permute \(permutation)")
      view = try view.permuted(to: AxisVector(permutation))
      oracle = oracle.permuted(permutation)
    case 2 where rank > 0:
      names.append("flip \(axis)")
      view = try view.flipped(axis: axis)
      oracle = oracle.taking(
        oracle.shape.indices.map {
          $0 == axis ? (0..<oracle.shape[$0]).reversed() : Array(0..<oracle.shape[$0])
        })
    case 3:
      let steps = oracle.shape.map { _ in Int.random(in: 1...3, using: &random) }
      names.append("subsample \(steps)")
      view = try view.subsampled(by: AxisVector(steps))
      oracle = oracle.taking(
        zip(oracle.shape, steps).map { length, step in Array(stride(from: 0, to: length, by: step))
        })
    case 4 where rank > 0 && oracle.shape[axis] > 0:
      let index = Int.random(in: 0..<oracle.shape[axis], using: &random)
      names.append("select \(axis) \(index)")
      view = try view.selecting(axis: axis, index)
      oracle = oracle.selecting(axis, index)
    case 5: try insert(&random)
    case 6 where oracle.componentType == .uint8 || oracle.componentType == .uint16:
      let target: ComponentType = oracle.componentType == .uint8 ? .uint16 : .uint8
      names.append("convert \(target)")
      view = try view.converted(to: target, .cast)
      oracle = oracle.converted(to: target)
      staysMemory = false
    case 7: try regroup(&random)
    case 8 where rank > 0: try split(axis, &random)
    case 9: try stack(&random)
    default:
      names.append("describe")
      view = view.with(metadata: MetadataNode(.integer(names.count)))
    }
  }

  /// A role that the image does not have, and its canonical position.
  private func freeRole(_ random: inout SeededGenerator) -> (AxisRole, Int)? {
    let roles = [
      AxisRole.column, .row, .slice, .channel, .sequence, AxisRole("phase"),
      AxisRole("view\(names.count)"),
    ]
    let present = view.properties.axes.map(\.role)
    guard let role = roles.filter({ !present.contains($0) }).randomElement(using: &random) else {
      return nil
    }
    let order = ["column", "row", "slice", "channel", "sequence"]
    let rank = order.firstIndex(of: role.name) ?? 5
    return (role, present.filter { (order.firstIndex(of: $0.name) ?? 5) <= rank }.count)
  }

  private mutating func insert(_ random: inout SeededGenerator) throws {
    guard let (role, place) = freeRole(&random) else { return }
    names.append("insert \(role)")
    view = try view.inserting(role)
    oracle = oracle.inserting(at: place)
  }

  private mutating func regroup(_ random: inout SeededGenerator) throws {
    if let channel = view.properties.axes.firstIndex(where: { $0.role == .channel }) {
      guard oracle.componentCount == 1, oracle.shape[channel] > 0 else { return }
      names.append("channelsAsElements")
      view = try view.channelsAsElements()
      oracle = oracle.grouping(channel)
    } else {
      let place = view.properties.axes.filter { ["column", "row", "slice"].contains($0.role.name) }
        .count
      names.append("elementsAsChannels")
      view = try view.elementsAsChannels()
      oracle = oracle.ungrouping(place)
    }
  }

  private mutating func split(_ axis: Int, _ random: inout SeededGenerator) throws {
    let length = oracle.shape[axis]
    guard length > 0 else { return }
    let first = (1...length).filter { length % $0 == 0 }.randomElement(using: &random) ?? 1
    let second =
      (1...(length / first)).filter { length / first % $0 == 0 }.randomElement(using: &random) ?? 1
    let lengths = [first, second, length / first / second]
    let roles = (0..<3).map { AxisRole("part\(names.count)\($0)") }
    let old = view.properties.axes.map(\.role).enumerated().filter { $0.offset != axis }.map(
      \.element)
    names.append("split \(axis) \(lengths)")
    view = try view.split(axis: axis, into: zip(roles, lengths).map { Axis($0, length: $1) })
    let present = view.properties.axes.map(\.role)
    func place(_ role: AxisRole) throws -> Int { try wanted(present.firstIndex(of: role)) }
    oracle = oracle.splitting(
      axis, parts: try zip(roles, lengths).map { (try place($0), $1) }, others: try old.map(place))
  }

  private mutating func stack(_ random: inout SeededGenerator) throws {
    guard let (role, place) = freeRole(&random), oracle.count < 3000 else { return }
    let axis = oracle.shape.isEmpty ? nil : Int.random(in: 0..<oracle.shape.count, using: &random)
    var views = [view, view]
    var oracles = [oracle, oracle]
    if let axis {
      views.append(try view.flipped(axis: axis))
      oracles.append(
        oracle.taking(
          oracle.shape.indices.map {
            $0 == axis ? (0..<oracle.shape[$0]).reversed() : Array(0..<oracle.shape[$0])
          }))
    }
    names.append("stack \(role)")
    view = try views.stacked(along: role)
    oracle = .stacked(oracles, at: place)
    staysMemory = false
  }
}

/// Compares shape, type, calibration, all pixels, a random region with random strides, and the memory if there is any.
func compare(
  _ view: any ImageView, _ oracle: NaiveImage, _ random: inout SeededGenerator, _ text: String
) throws {
  #expect(Array(view.shape) == oracle.shape, "\(text)")
  #expect(view.properties.shape == view.shape, "\(text)")
  #expect(
    view.dataType == (try DataType(oracle.componentType, componentCount: oracle.componentCount)), "\(text)"
  )
  guard Array(view.shape) == oracle.shape else { return }
  #expect(try view.bytes(of: Region(of: view.shape)) == oracle.bytes, "\(text)")
  for (axis, places) in zip(view.properties.axes, oracle.places) {
    guard let places, !places.isEmpty else { continue }
    guard let spacing = axis.spacing else {
      Issue.record("\(text): axis \(axis) has lost its spacing")
      continue
    }
    for (index, place) in places.enumerated() {
      #expect(
        abs((axis.origin ?? 0) + Double(index) * spacing - place) < 1e-9,
        "\(text): sample \(index) of \(axis)")
    }
  }
  #expect(Set(view.properties.sourceOrder) == Set(0..<view.rank), "\(text)")
  if let chunk = view.chunkShape {
    #expect(chunk.count == view.rank && chunk.allSatisfy { $0 > 0 }, "\(text): chunk \(chunk)")
  }
  #expect(
    (view.memory != nil) == view.capabilities.contains(.memoryAccess),
    "\(text): memory and \(view.capabilities)")
  if let memory = view.memory { try compareMemory(memory, oracle, text) }
  let origin = oracle.shape.map { Int.random(in: 0...$0, using: &random) }
  let size = zip(oracle.shape, origin).map { Int.random(in: 0...($0 - $1), using: &random) }
  let region = try Region(origin: AxisVector(origin), size: AxisVector(size))
  let destination = RandomDestination(size, view.dataType, &random)
  let read = try destination.read(view, region)
  #expect(
    read == destination.expected(oracle.bytes(origin: origin, size: size)),
    "\(text): \(region) into \(destination.layout)")
}

private func compareMemory(_ memory: StridedMemory, _ oracle: NaiveImage, _ text: String) throws {
  let all = memory.block.withBytes { $0.byteArray() }
  var bytes: [UInt8] = []
  for index in 0..<oracle.count {
    var rest = index
    var offset = memory.layout.byteOffset
    for axis in oracle.shape.indices {
      offset += rest % oracle.shape[axis] * memory.layout.strides[axis]
      rest /= oracle.shape[axis]
    }
    for component in 0..<oracle.componentCount {
      let start = offset + component * memory.layout.componentStride
      bytes += all[start..<(start + oracle.componentType.byteCount)]
    }
  }
  #expect(bytes == oracle.bytes, "\(text): in memory")
}

/// A destination with axes in random order, some of them backwards, with gaps, and components first or last.
struct RandomDestination {
  let size: [Int]
  let type: DataType
  var layout: StridedLayout
  var byteCount: Int

  init(_ size: [Int], _ type: DataType, _ random: inout SeededGenerator) {
    self.size = size
    self.type = type
    let order = Array(0...size.count).shuffled(using: &random)  // the last stands for the component
    var strides = AxisVector(repeating: 0, count: size.count)
    var componentStride = 0
    var stride = type.componentType.byteCount
    var offset = Int.random(in: 0...3, using: &random)
    for axis in order {
      let length = axis == size.count ? type.componentCount : max(1, size[axis])
      let isBackwards = Bool.random(using: &random)
      if isBackwards { offset += (length - 1) * stride }
      if axis == size.count {
        componentStride = isBackwards ? -stride : stride
      } else {
        strides[axis] = isBackwards ? -stride : stride
      }
      stride = stride * length + Int.random(in: 0...2, using: &random)
    }
    layout = StridedLayout(byteOffset: offset, strides: strides, componentStride: componentStride)
    byteCount = offset + stride + 4
  }

  func read(_ view: any ImageView, _ region: Region) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAA, count: byteCount)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes
    try view.read(region, into: &span, layout: layout, context: .default)
    return bytes
  }

  /// The bytes that the destination must hold: the dense ones in their places, and the others unchanged.
  func expected(_ dense: [UInt8]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAA, count: byteCount)
    let unit = type.componentType.byteCount
    for index in 0..<(dense.count / type.byteCount) {
      var rest = index
      var offset = layout.byteOffset
      for axis in size.indices {
        offset += rest % size[axis] * layout.strides[axis]
        rest /= size[axis]
      }
      for component in 0..<type.componentCount {
        let from = (index * type.componentCount + component) * unit
        let to = offset + component * layout.componentStride
        bytes.replaceSubrange(to..<(to + unit), with: dense[from..<(from + unit)])
      }
    }
    return bytes
  }
}
