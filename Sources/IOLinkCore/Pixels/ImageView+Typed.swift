extension ImageView {
  /// Reads a region as an array of values: COLUMN fastest, then ROW, and so on in canonical order.
  ///
  /// `Element` is the type of the image's elements; nothing is converted or reinterpreted. For elements of several components
  /// it is a vector (`SIMD4<UInt8>` for `uint8 × 4`), or the type of one component (`UInt8`): the components are then one more
  /// axis, the fastest.
  ///
  /// - Returns: region.size product values, times the component count where `Element` is one component.
  /// - Throws: `invalidArgument` naming both types when `Element` is another type, or when the region passes the image;
  ///   otherwise as ``read(_:into:layout:context:)``.
  public func read<Element: PixelElement>(
    _ region: Region, as _: Element.Type = Element.self, context: OperationContext = .default
  ) throws(IOLinkError) -> [Element] {
    let form = try ElementForm(Element.self, of: dataType)
    try region.validate(in: shape)
    let count = try form.valueCount(of: region.size)
    var failure: IOLinkError?
    let values = unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      // Raw bytes of `count` values; padding of vectors is set to 0, everything else by the read.
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
  /// - Throws: as ``read(_:as:context:)``.
  public func read<Element: PixelElement>(
    as type: Element.Type = Element.self, context: OperationContext = .default
  ) throws(IOLinkError) -> [Element] {
    try read(Region(of: shape), as: type, context: context)
  }

  /// Reads a region into a caller's values, in the order of ``read(_:as:context:)``.
  ///
  /// - Parameter values: As many as the region has; all of them are written.
  /// - Throws: as ``read(_:as:context:)``; `invalidArgument` when the count differs.
  public func read<Element: PixelElement>(
    _ region: Region, into values: inout MutableSpan<Element>, context: OperationContext = .default
  ) throws(IOLinkError) {
    let form = try ElementForm(Element.self, of: dataType)
    try region.validate(in: shape)
    let count = try form.valueCount(of: region.size)
    guard values.count == count else {
      throw IOLinkError(.invalidArgument, "\(values.count) values for a region of \(count)")
    }
    var span = unsafe values.mutableBytes  // the values have no invalid bit patterns once they are normalised
    try read(region, into: &span, form, Element.self, context)
  }

  /// Reads one element.
  ///
  /// - Parameter position: Canonical order, one index per axis.
  /// - Throws: as ``read(_:as:context:)``; `invalidArgument` too when the image has several components and `Element` is one.
  public func element<Element: PixelElement>(
    at position: AxisVector, as type: Element.Type = Element.self, context: OperationContext = .default
  ) throws(IOLinkError) -> Element {
    guard Element.dataType == dataType else {
      throw IOLinkError(.invalidArgument, "the image holds \(dataType), the element asked for is \(Element.dataType)")
    }
    let region = try Region(origin: position, size: AxisVector(repeating: 1, count: position.count))
    let values = try read(region, as: type, context: context)
    return values[0]
  }

  /// Writes values to a region, in the order of ``read(_:as:context:)``.
  ///
  /// - Parameter values: As many as the region has.
  /// - Throws: `unsupported` without WRITE; `invalidArgument` naming both types when `Element` is another type than the image's,
  ///   when the region passes the image, or when the count differs; otherwise as ``write(_:from:layout:context:)``.
  public func write<Element: PixelElement>(
    _ region: Region, from values: Span<Element>, context: OperationContext = .default
  ) throws(IOLinkError) {
    let form = try ElementForm(Element.self, of: dataType)
    try region.validate(in: shape)
    let count = try form.valueCount(of: region.size)
    guard values.count == count else {
      throw IOLinkError(.invalidArgument, "\(values.count) values for a region of \(count)")
    }
    // Padding of vectors is never read: the layout does not name it.
    try write(region, from: unsafe values.bytes, layout: form.layout(of: region.size, dataType), context: context)
  }

  /// Writes an array of values to a region.
  ///
  /// - Throws: as ``write(_:from:context:)``.
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
