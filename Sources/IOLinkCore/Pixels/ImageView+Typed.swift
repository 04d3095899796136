extension ImageView {
  /// Reads a region as an array of values: COLUMN fastest, then ROW, and so on in canonical order.
  ///
  /// `Element` is the type of the image's elements; nothing is converted or reinterpreted. When elements have several components,
  /// `Element` is a vector (`SIMD4<UInt8>` for `uint8 × 4`) or the type of one component (`UInt8`). In the latter case, the
  /// components of an element follow each other in the array.
  ///
  /// - Returns: As many values as the region has elements, times the component count when `Element` is the type of one component.
  /// - Throws: `invalidArgument`, with both types, when `Element` is another type, or when the region does not lie inside the
  ///   image; `limitExceeded` when the number of values, or of their bytes, does not fit in an `Int`; otherwise any error that
  ///   ``read(_:into:layout:context:)`` throws.
  public func read<Element: PixelElement>(
    _ region: Region, as _: Element.Type = Element.self, context: OperationContext = .default
  ) throws(IOLinkError) -> [Element] {
    let form = try ElementForm(Element.self, of: dataType)
    try region.validate(in: shape)
    let count = try form.valueCount(of: region.size)
    var failure: IOLinkError?
    let values = unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      // The raw bytes of `count` values. The padding of vectors is set to 0 here, and the read sets all other bytes.
      var span = unsafe MutableRawSpan(_unsafeBytes: UnsafeMutableRawBufferPointer(buffer).prefix(count * form.stride))
      if form.stride * form.valuesPerElement != dataType.byteCount { span.zero() }
      do throws(IOLinkError) {
        try read(region, into: &span, form, Element.self, context)
        initializedCount = count
      } catch {
        failure = error
        initializedCount = 0
      }
    }
    if let failure { throw failure }
    return values
  }

  /// Reads all of the image as an array of values.
  ///
  /// - Throws: Any error that ``read(_:as:context:)`` throws.
  public func read<Element: PixelElement>(
    as type: Element.Type = Element.self, context: OperationContext = .default
  ) throws(IOLinkError) -> [Element] {
    try read(Region(of: shape), as: type, context: context)
  }

  /// Reads a region into the caller's values, in the order of ``read(_:as:context:)``.
  ///
  /// - Parameters:
  ///   - region: A region that lies inside the image.
  ///   - values: Receives the values. Its count must be that of the region's values.
  ///   - context: The threads that the call may use, and how it is stopped.
  /// - Throws: `invalidArgument` when the number of values differs from that of the region; otherwise any error
  ///   that ``read(_:as:context:)`` throws.
  public func read<Element: PixelElement>(
    _ region: Region, into values: inout MutableSpan<Element>, context: OperationContext = .default
  ) throws(IOLinkError) {
    let form = try ElementForm(Element.self, of: dataType)
    try region.validate(in: shape)
    let count = try form.valueCount(of: region.size)
    guard values.count == count else {
      throw IOLinkError(.invalidArgument, "the number of values is \(values.count), expected that of the region, \(count)")
    }
    var span = unsafe values.mutableBytes  // the values have no invalid bit patterns once they are normalised
    try read(region, into: &span, form, Element.self, context)
  }

  /// Reads one element.
  ///
  /// - Parameters:
  ///   - position: One index per axis, in canonical order.
  ///   - type: The type of the image's elements. For elements with several components this is a vector.
  ///   - context: The threads that the call may use, and how it is stopped.
  /// - Throws: `invalidArgument` when `Element` is another type, including that of one component of several, or the position does
  ///   not lie inside the image; otherwise any error that ``read(_:as:context:)`` throws.
  public func element<Element: PixelElement>(
    at position: AxisVector, as type: Element.Type = Element.self, context: OperationContext = .default
  ) throws(IOLinkError) -> Element {
    guard Element.dataType == dataType else {
      throw IOLinkError(.invalidArgument, "the image has elements of type \(dataType), but the element is \(Element.dataType)")
    }
    let region = try Region(origin: position, size: AxisVector(repeating: 1, count: position.count))
    let values = try read(region, as: type, context: context)
    return values[0]
  }

  /// Writes values to a region, in the order of ``read(_:as:context:)``.
  ///
  /// - Parameters:
  ///   - region: A region that lies inside the image.
  ///   - values: The new values. There must be exactly as many as the region has.
  ///   - context: How the call is stopped.
  /// - Throws: `unsupported` without WRITE; `invalidArgument` when `Element` is neither the type of the image's elements nor that of
  ///   a component, the region does not lie inside the image, or the number of values differs from that of the region; otherwise
  ///   any error that ``write(_:from:layout:context:)`` throws.
  public func write<Element: PixelElement>(
    _ region: Region, from values: Span<Element>, context: OperationContext = .default
  ) throws(IOLinkError) {
    let form = try ElementForm(Element.self, of: dataType)
    try region.validate(in: shape)
    let count = try form.valueCount(of: region.size)
    guard values.count == count else {
      throw IOLinkError(.invalidArgument, "the number of values is \(values.count), expected that of the region, \(count)")
    }
    // The padding of vectors is never read, because the layout does not cover it.
    try write(region, from: unsafe values.bytes, layout: form.layout(of: region.size, dataType), context: context)
  }

  /// Writes an array of values to a region, in the order of ``read(_:as:context:)``.
  ///
  /// - Throws: `unsupported` without WRITE; `invalidArgument` when `Element` is neither the type of the image's elements nor that of
  ///   a component, the region does not lie inside the image, or the number of values differs from that of the region; otherwise
  ///   any error that ``write(_:from:layout:context:)`` throws.
  public func write<Element: PixelElement>(
    _ region: Region, from values: [Element], context: OperationContext = .default
  ) throws(IOLinkError) {
    try write(region, from: values.span, context: context)
  }

  private func read<Element: PixelElement>(
    _ region: Region, into span: inout MutableRawSpan, _ form: ElementForm, _: Element.Type, _ context: OperationContext
  ) throws(IOLinkError) {
    try read(region, into: &span, layout: form.layout(of: region.size, dataType), context: context)
    Element.normalize(&span)
  }
}
