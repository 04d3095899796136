/// The loops of `ValueConversion`, one per pair of types, each without a branch on the type inside.
enum ConversionLoops {
  /// Converts `count` components; both sides hold so many. The types were checked: complex sources have complex targets.
  @unsafe
  static func run(
    _ source: UnsafeRawPointer, _ sourceType: ComponentType, _ target: UnsafeMutableRawPointer, _ targetType: ComponentType,
    count: Int, map: LinearMap?
  ) {
    if let map {
      unsafe mapLinearly(source, sourceType, target, targetType, count: count, map)
    } else if sourceType == targetType {
      unsafe target.copyMemory(from: source, byteCount: count &* sourceType.byteCount)
    } else if sourceType.isComplex {
      // Both parts are real components, one behind the other.
      let parts: ComponentType = sourceType == .complex64 ? .float32 : .float64
      let targetParts: ComponentType = targetType == .complex64 ? .float32 : .float64
      unsafe run(source, parts, target, targetParts, count: 2 &* count, map: nil)
    } else {
      unsafe sourceType.dispatchPart(CastFrom(source: source, target: target, targetType: targetType, count: count))
    }
  }

  /// Through blocks of doubles on the stack: one loop per type on either side instead of one per pair.
  @unsafe
  private static func mapLinearly(
    _ source: UnsafeRawPointer, _ sourceType: ComponentType, _ target: UnsafeMutableRawPointer, _ targetType: ComponentType,
    count: Int, _ map: LinearMap
  ) {
    // 1 KiB: the most that is sure to be on the stack.
    let blockCount = 128
    unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: blockCount) { block in
      guard let doubles = block.baseAddress else { return }
      var done = 0
      while done < count {
        let part = min(blockCount, count &- done)
        // `done + part` is at most `count`, and `part` at most the block.
        unsafe sourceType.dispatchPart(
          Widen(source: source + done &* sourceType.byteCount, target: doubles, count: part))
        unsafe targetType.dispatch(
          MapTo(source: doubles, target: target + done &* targetType.byteCount, count: part, map: map))
        done &+= part
      }
    }
  }

  @unsafe
  @inline(__always)
  fileprivate static func cast<Source: ConvertibleComponent, Target: ConvertibleComponent>(
    _ source: UnsafeRawPointer, as _: Source.Type, to target: UnsafeMutableRawPointer, as _: Target.Type, count: Int
  ) {
    // The caller vouches for `count` components on both sides; loads and stores are unaligned.
    for index in 0..<count {
      let component = unsafe source.loadUnaligned(fromByteOffset: index &* MemoryLayout<Source>.size, as: Source.self)
      unsafe target.storeBytes(
        of: component.cast(to: Target.self), toByteOffset: index &* MemoryLayout<Target>.size, as: Target.self)
    }
  }
}

/// First step of a cast: the source's type is known.
@unsafe
private struct CastFrom: ComponentVisitor {
  let source: UnsafeRawPointer
  let target: UnsafeMutableRawPointer
  let targetType: ComponentType
  let count: Int

  @inline(never)
  func visit<Source: ConvertibleComponent>(_: Source.Type) {
    unsafe targetType.dispatch(CastTo<Source>(source: source, target: target, count: count))
  }
}

/// Second step of a cast: both are known.
@unsafe
private struct CastTo<Source: ConvertibleComponent>: ComponentVisitor {
  let source: UnsafeRawPointer
  let target: UnsafeMutableRawPointer
  let count: Int

  @inline(never)
  func visit<Target: ConvertibleComponent>(_: Target.Type) {
    unsafe ConversionLoops.cast(source, as: Source.self, to: target, as: Target.self, count: count)
  }
}

/// First step of a linear map: any component to doubles.
@unsafe
private struct Widen: ComponentVisitor {
  let source: UnsafeRawPointer
  let target: UnsafeMutablePointer<Double>
  let count: Int

  @inline(never)
  func visit<Source: ConvertibleComponent>(_: Source.Type) {
    // The caller vouches for `count` components on both sides.
    unsafe ConversionLoops.cast(
      source, as: Source.self, to: UnsafeMutableRawPointer(target), as: Double.self, count: count)
  }
}

/// Second step of a linear map: mapped and cast.
@unsafe
private struct MapTo: ComponentVisitor {
  let source: UnsafeMutablePointer<Double>
  let target: UnsafeMutableRawPointer
  let count: Int
  let map: LinearMap

  @inline(never)
  func visit<Target: ConvertibleComponent>(_: Target.Type) {
    // The caller vouches for `count` components on both sides; stores are unaligned.
    let (count, source, target, map) = unsafe (count, source, target, map)
    for index in 0..<count {
      let mapped = unsafe map(source[index])
      unsafe target.storeBytes(
        of: Target.cast(double: mapped), toByteOffset: index &* MemoryLayout<Target>.size, as: Target.self)
    }
  }
}
