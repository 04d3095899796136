internal import IOLinkCore

/// What absent chunks hold: the value of GDAL's tag 42113 on each page, and 0 where a page states none.
///
/// Source: GDAL, GeoTIFF driver, "Nodata value" and sparse files. As there, a value that the type cannot hold becomes the nearest one that
/// it can, and one that is not a number becomes 0 in integers.
struct TIFFBackground: Hashable, Sendable {
  /// One component per page in native byte order. A single one stands for all pages.
  private let components: [[UInt8]]

  /// - Parameters:
  ///   - pages: The pages of the image. A page without the tag has the value of the first one that has it.
  ///   - other: The text of the tag that applies if no page has it.
  init(_ pages: [TIFFPage], orElse other: String?, _ type: ComponentType) {
    let stated = pages.map(\.background)
    let common = stated.first { $0 != nil } ?? other
    let values = stated.contains { $0 != nil } ? stated.map { Self.component($0 ?? common, type) } : [Self.component(common, type)]
    components = values.allSatisfy { $0 == values.first } ? Array(values.prefix(1)) : values
  }

  /// - Parameter text: The text of the tag; `nil` where the file has none, which means 0.
  init(_ text: String?, _ type: ComponentType) { components = [Self.component(text, type)] }

  /// Whether absent chunks of all pages hold zeros.
  var isZero: Bool { components.allSatisfy { $0.allSatisfy { $0 == 0 } } }

  /// Fills an absent chunk of the page at an index.
  func fill(_ elements: inout MutableRawSpan, page: Int) {
    let component = components.count == 1 ? components[0] : components[page]
    guard component.contains(where: { $0 != 0 }) else { return elements.zero() }
    let block = Array(repeatElement(component, count: min(256, elements.byteCount / component.count)).joined())
    for start in stride(from: 0, to: elements.byteCount, by: max(1, block.count)) {
      let part = unsafe block.span.bytes.extracting(first: elements.byteCount - start)  // bytes have no padding
      elements.copy(from: part, at: start)
    }
  }

  /// Fills an absent chunk of a plane.
  func fill(_ elements: inout MutableRawSpan, plane: TIFFPlane) {
    switch plane {
    case .page(let page): fill(&elements, page: page)
    case .missing: fill(&elements, page: 0)
    case .blank: elements.zero()
    }
  }

  /// Returns the bytes of one component. The real part of a complex one has the value, and its imaginary part is 0.
  private static func component(_ text: String?, _ type: ComponentType) -> [UInt8] {
    guard let text else { return [0] }
    // The first word counts, and a comma may stand for the point.
    let word = String((text.split(whereSeparator: \.isWhitespace).first ?? "").map { $0 == "," ? "." : $0 })
    let isNaN = ["nan", "#ind"].contains { word.lowercased().hasOccurrence(of: $0) }
    let real = isNaN ? .nan : Double(word) ?? (word.hasPrefix("1.#") ? .infinity : word.hasPrefix("-1.#") ? -.infinity : 0)
    var bytes: [UInt8] = []
    func append<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) {
      let exact = Int64(word).map { Number(clamping: $0) } ?? UInt64(word).map { Number(clamping: $0) }
      bytes.append(exact ?? Self.nearest(real), order: .native)
    }
    switch type {
    case .boolean: bytes = [real != 0 && !isNaN ? 1 : 0]
    case .uint8: append(UInt8.self)
    case .uint16: append(UInt16.self)
    case .uint32: append(UInt32.self)
    case .uint64: append(UInt64.self)
    case .int8: append(Int8.self)
    case .int16: append(Int16.self)
    case .int32: append(Int32.self)
    case .int64: append(Int64.self)
    case .float16: bytes.append(Float16(real).bitPattern, order: .native)
    case .float32, .complex64: bytes.append(Float(real).bitPattern, order: .native)
    case .float64, .complex128: bytes.append(real.bitPattern, order: .native)
    }
    return bytes + Array(repeating: 0, count: type.byteCount - bytes.count)
  }

  private static func nearest<Number: FixedWidthInteger>(_ value: Double) -> Number {
    if value.isNaN { return 0 }
    if value <= Double(Number.min) { return Number.min }
    if value >= Double(Number.max) { return Number.max }
    return Number(value.rounded())
  }
}

extension TIFFPage {
  /// The text of GDAL's tag for the value of missing pixels.
  var background: String? { (try? file.text(directory, .gdalNoData)).flatMap { $0 } }
}
