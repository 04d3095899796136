import Foundation
import IOLinkSystem
import Synchronization
import Testing

@testable import IOLinkCore

/// Operations on memory that are cut into parts for several threads: they give what one thread gives, and stop when they are told to.
struct PartsTests {
  private static let pool = ThreadPool(threadCount: 3)

  /// A context whose operations are cut into parts of this many bytes.
  static func context(
    _ partByteCount: Int, _ executor: any Executor = pool, _ cancellation: Cancellation? = nil, cap: Int? = nil
  ) -> OperationContext {
    var context = OperationContext(threadCap: cap, cancellation: cancellation, executor: executor)
    context.partByteCount = partByteCount
    return context
  }

  /// Counts the threads that operations ask for.
  private final class RecordingExecutor: Executor {
    let requests = Guarded<[Int]>([])
    var threadCount: Int { 3 }
    func run(workers: Int, _ work: @Sendable () -> Void) {
      requests.withLock { $0.append(workers) }
      pool.run(workers: workers, work)
    }
  }

  private static func copy(
    _ shape: Shape, _ type: DataType, _ bytes: [UInt8], _ source: StridedLayout, into result: inout [UInt8],
    _ destination: StridedLayout, _ swap: ByteSwap, _ context: OperationContext
  ) throws {
    var span = result.mutableSpan
    var target = unsafe span.mutableBytes
    try PixelCopy.copy(
      shape, type, from: unsafe bytes.span.bytes, source, to: &target, destination, swappingBytes: swap, context: context)
  }

  @Test(
    "A copy in parts copies what the whole copy does: any strides, backwards, with gaps, and repeated in the source",
    arguments: ComponentType.allCases, [8, 64, 1000])
  func copies(_ componentType: ComponentType, _ partByteCount: Int) throws {
    let seed = UInt64(partByteCount * 100 + componentType.byteCount)
    var random = SeededGenerator(seed: seed)
    for round in 0..<60 {
      var budget = 8_000 / componentType.byteCount
      let shape = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        let length = Int.random(in: 1...max(1, min(budget, 90)), using: &random)
        budget /= length
        return length
      }
      let type = try DataType(componentType, componentCount: Int.random(in: 1...4, using: &random))
      let unit = componentType.byteCount
      let all = shape + [type.componentCount]
      let source = StridedCopyTests.RandomLayout(shape: all, unit: unit, mayBroadcast: true, &random)
      let destination = StridedCopyTests.RandomLayout(shape: all, unit: unit, mayBroadcast: false, &random)
      let swap: ByteSwap = Bool.random(using: &random) ? .swap : .none
      let bytes = random.bytes(source.byteCount)
      var result = random.bytes(destination.byteCount)
      var expected = result
      NaiveCopy(
        shape: all, unit: unit, swapWidth: swap == .swap ? componentType.swapWidth : 1, source: (source.offset, source.strides),
        destination: (destination.offset, destination.strides)
      ).run(bytes, into: &expected)
      func layout(_ random: StridedCopyTests.RandomLayout) -> StridedLayout {
        StridedLayout(
          byteOffset: random.offset, strides: AxisVector(random.strides.dropLast()), componentStride: random.strides.last!)
      }
      try Self.copy(
        AxisVector(shape), type, bytes, layout(source), into: &result, layout(destination), swap, Self.context(partByteCount))
      #expect(result == expected, "seed \(seed), round \(round): \(shape) \(type), \(swap), \(source) → \(destination)")
    }
  }

  @Test("The parts of a transposition are blocks, and those of a dense copy are runs", arguments: [1, 2, 4, 8, 16])
  func transposition(unit: Int) throws {
    var random = SeededGenerator(seed: UInt64(unit))
    let types: [Int: ComponentType] = [1: .uint8, 2: .int16, 4: .float32, 8: .float64, 16: .complex128]
    let type = DataType(try #require(types[unit]))
    for shape in [[1500, 130], [130, 1500], [70, 3, 80], [3, 5000], [5000, 3], [20_000]] as [Shape] {
      let bytes = random.bytes(try shape.byteCount(of: type))
      let source = try StridedLayout(dense: shape, type)
      for order in [AxisVector(0..<shape.count), AxisVector((0..<shape.count).reversed())] {
        let destination = try StridedLayout(dense: shape, type, order: order)
        var whole = [UInt8](repeating: 0, count: bytes.count)
        var parts = whole
        try Self.copy(shape, type, bytes, source, into: &whole, destination, .none, .default)
        try Self.copy(shape, type, bytes, source, into: &parts, destination, .none, Self.context(4096))
        #expect(parts == whole, "\(shape) \(type), order \(order)")
      }
    }
  }

  @Test("Every part is inside its bound and not empty, and together they are the whole")
  func partsOfPlans() {
    var random = SeededGenerator(seed: 7)
    for round in 0..<200 {
      let shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in Int.random(in: 1...9, using: &random) }
      let unit = [1, 2, 3, 4, 8, 16, 60].randomElement(using: &random)!
      let source = StridedCopyTests.RandomLayout(shape: shape, unit: unit, mayBroadcast: true, &random)
      let destination = StridedCopyTests.RandomLayout(shape: shape, unit: unit, mayBroadcast: false, &random)
      var plan = CopyPlan(unit: unit, swapWidth: 1)
      plan.append(AxisVector(shape), AxisVector(source.strides), AxisVector(destination.strides))
      plan.arrange()
      let bound = [8, 60, 500, 1 << 20].randomElement(using: &random)!
      let parts = CopyParts(plan, atMost: bound)
      let sizes = (0..<parts.count).map { parts[$0].byteCount }
      #expect(sizes.allSatisfy { 1...bound ~= $0 } && sizes.reduce(0, +) == plan.byteCount, "round \(round): \(shape), \(unit), \(bound)")
    }
  }

  @Test("A conversion in parts gives what the whole conversion does", arguments: ComponentType.allCases)
  func conversions(_ source: ComponentType) throws {
    var random = SeededGenerator(seed: 11)
    let count = 1003
    let bytes = random.bytes(count * source.byteCount)
    let linear = ValueConversion.Mode.linear(inputRange: 0...200, outputRange: -3...50)
    for target in ComponentType.allCases where target.isComplex || !source.isComplex {
      for mode in source.isComplex ? [.cast] : [ValueConversion.Mode.cast, linear] {
        func converted(_ context: OperationContext) throws -> [UInt8] {
          var result = [UInt8](repeating: 0xEE, count: count * target.byteCount)
          var span = result.mutableSpan
          var raw = unsafe span.mutableBytes
          try ValueConversion.convert(unsafe bytes.span.bytes, as: source, to: &raw, as: target, mode: mode, context: context)
          return result
        }
        #expect(try ValueConversionTests.differences(converted(Self.context(100)), converted(.default), target) == [], "\(target), \(mode)")
      }
    }
  }

  @Test("Bytes swapped in parts are the bytes swapped at once", arguments: [1, 2, 4, 8])
  func swaps(width: Int) throws {
    var random = SeededGenerator(seed: 3)
    let bytes = random.bytes(1000 * width)
    func swapped(_ context: OperationContext) throws -> [UInt8] {
      var result = bytes
      var span = result.mutableSpan
      var raw = unsafe span.mutableBytes
      try PixelCopy.swapBytes(&raw, width: width, context: context)
      return result
    }
    #expect(try swapped(Self.context(64)) == swapped(.default))
  }

  @Test("A comparison in parts finds the same differences, and the same first one", arguments: ComponentType.allCases)
  func comparisons(_ componentType: ComponentType) throws {
    var random = SeededGenerator(seed: 5)
    let bytes = random.bytes(3000 * componentType.byteCount)
    for differing in [0, 1, 40] {
      var other = bytes
      for _ in 0..<differing { other[Int.random(in: 0..<other.count, using: &random)] ^= 0x11 }
      func compared(_ context: OperationContext) throws -> PixelComparison {
        try PixelComparison(unsafe bytes.span.bytes, unsafe other.span.bytes, as: componentType, context: context)
      }
      let (whole, parts) = (try compared(.default), try compared(Self.context(512)))
      #expect(parts == whole && whole.count == 3000)
    }
  }

  @Test("Statistics in parts are those of the whole", arguments: ComponentType.allCases.filter { !$0.isComplex })
  func statistics(_ componentType: ComponentType) throws {
    var random = SeededGenerator(seed: 9)
    let type = try DataType(componentType, componentCount: 3)
    for _ in 0..<40 {
      let shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in Int.random(in: 1...9, using: &random) }
      let layout = StridedCopyTests.RandomLayout(shape: shape + [3], unit: componentType.byteCount, mayBroadcast: true, &random)
      let bytes = random.bytes(layout.byteCount)
      let strided = StridedLayout(
        byteOffset: layout.offset, strides: AxisVector(layout.strides.dropLast()), componentStride: layout.strides.last!)
      func range(_ context: OperationContext) throws -> ClosedRange<Double>? {
        try PixelStatistics.range(of: unsafe bytes.span.bytes, AxisVector(shape), type, strided, context: context)
      }
      #expect(try range(Self.context(16)) == range(.default))
    }
  }

  @Test("Only an operation of two parts or more asks for threads, and never for more than the caller allows")
  func threads() throws {
    func requests(_ byteCount: Int, cap: Int? = nil) throws -> [Int] {
      let executor = RecordingExecutor()
      let context = Self.context(100, executor, cap: cap)
      var bytes = [UInt8](repeating: 1, count: byteCount)
      var span = bytes.mutableSpan
      var raw = unsafe span.mutableBytes
      try PixelCopy.swapBytes(&raw, width: 1, context: context)
      return executor.requests.withLock { $0 }
    }
    #expect(try requests(199) == [] && requests(200) == [2] && requests(299) == [2] && requests(10_000) == [3])
    #expect(try requests(10_000, cap: 2) == [2] && requests(10_000, cap: 1) == [1])
    #expect(OperationContext.default.partByteCount == 1 << 20)
  }

  @Test("On a thread that already works for an operation, parts stay on that thread")
  func nested() throws {
    let bytes = [UInt8](repeating: 1, count: 5000)
    let layout = StridedLayout(strides: [1], componentStride: 1)
    let strangers = Atomic<Int>(0)
    Self.pool.run(workers: 3) {
      let own = pthread_self()
      let watch = Cancellation(when: {
        if pthread_equal(own, pthread_self()) == 0 { strangers.wrappingAdd(1, ordering: .relaxed) }
        return false
      })
      let context = Self.context(64, Self.pool, watch)
      _ = try? PixelStatistics.range(of: unsafe bytes.span.bytes, [5000], .uint8, layout, context: context)
    }
    #expect(strangers.load(ordering: .relaxed) == 0)
  }

  @Test("No part begins after the one during which the operation is cancelled", arguments: [1, 3])
  func cancelled(threadCap: Int) throws {
    let checks = Atomic<Int>(0)
    let cancellation = Cancellation(when: { checks.wrappingAdd(1, ordering: .relaxed).newValue > 5 })
    let bytes = [UInt8](repeating: 1, count: 100_000)
    let layout = StridedLayout(strides: [1], componentStride: 1)
    var result = [UInt8](repeating: 0, count: bytes.count)
    let error = #expect(throws: IOLinkError.self) {
      try Self.copy(
        [100_000], .uint8, bytes, layout, into: &result, layout, .none, Self.context(1000, Self.pool, cancellation, cap: threadCap))
    }
    #expect(error?.code == .cancelled && result.count { $0 == 1 } == 5000)
  }
}
