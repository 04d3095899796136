/// The loops of `ValueConversion`: one for each pair of types, without a branch on the type inside.
enum ConversionLoops {
  /// Converts `count` components. The caller has checked that both sides hold as many, and that a complex source has a complex
  /// target.
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
      // The two parts of a complex component are adjacent real components.
      let parts: ComponentType = sourceType == .complex64 ? .float32 : .float64
      let targetParts: ComponentType = targetType == .complex64 ? .float32 : .float64
      unsafe run(source, parts, target, targetParts, count: 2 &* count, map: nil)
    } else {
      unsafe sourceType.dispatchPart(CastFrom(source: source, target: target, targetType: targetType, count: count))
    }
  }

  /// Maps components through blocks of doubles on the stack: this takes one loop for each type on either side, not one for each pair.
  @unsafe
  private static func mapLinearly(
    _ source: UnsafeRawPointer, _ sourceType: ComponentType, _ target: UnsafeMutableRawPointer, _ targetType: ComponentType,
    count: Int, _ map: LinearMap
  ) {
    // 128 doubles are 1 KiB, the most that is certain to be allocated on the stack.
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

  /// Casts `count` components between two known types.
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

/// The first step of a cast, in which the type of the source is known.
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

/// The second step of a cast, in which both types are known.
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

/// The first step of a linear map: components of any type become doubles.
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

/// The second step of a linear map: doubles are mapped and cast to the type of the target.
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
