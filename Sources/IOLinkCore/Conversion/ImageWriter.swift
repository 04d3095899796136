/// Writes an image region by region, in any order within the memory budget, or frame by frame along a growing axis.
///
/// Complete chunks are encoded in parallel and stored; incomplete ones wait in memory. A region of whole chunks does not wait, where it is
/// the turn of these. `finish()` stores what is left, with zeros
/// where nothing was written, and completes the container. A writer may be used from several threads; their calls take turns.
///
/// Where the container can grow, chunks that are cut off at the end of its slowest axis wait for frames that may be appended.
/// Before the first frame is appended, they wait only while all waiting chunks take at most half of the memory budget.
public final class ImageWriter: Sendable {
  struct Pending {
    let block: MemoryBlock
    /// The parts that were written, relative to the origin of the chunk.
    var parts: [Region] = []
  }

  struct State {
    var shape: Shape
    var pending: [Int: Pending] = [:]
    var stored: Set<Int> = []
    /// The ordinal of the next chunk, where the container takes chunks in order.
    var next = 0
    var isOver = false
    var hasGrown = false
    /// Why a chunk could not be stored. The container lacks that chunk, so `finish()` throws this error.
    var failure: IOLinkError?
  }

  let sink: any ChunkSink
  let runtime: Runtime
  let properties: ImageProperties
  let state: Guarded<State>
  private let turn = Guarded<Void>(())
  let completion: @Sendable () throws(IOLinkError) -> Void
  /// The axes, calibration and metadata of the image that the format cannot keep.
  public let lost: [LostItem]

  /// Makes a writer for a sink. Applications use ``CodecRegistry/create(_:on:format:options:completion:)`` instead.
  ///
  /// - Parameters:
  ///   - sink: What ``Codec/create(_:on:options:context:)`` returned.
  ///   - image: The description of the image that the sink was made with.
  ///   - runtime: The threads and the memory budget to use.
  ///   - completion: Called by `finish()` when the container is complete, for example to give a file its name.
  /// - Throws: Nothing. `finish()` throws any error that `completion` throws.
  public init(
    _ sink: ImageSink, _ image: ImageDescription, runtime: Runtime,
    completion: @escaping @Sendable () throws(IOLinkError) -> Void = {}
  ) {
    self.sink = sink.chunks
    lost = sink.lost
    properties = image.properties
    self.runtime = runtime
    self.completion = completion
    state = Guarded(State(shape: image.shape))
  }

  /// The type of an element.
  public var dataType: DataType { sink.dataType }
  /// The lengths of the axes, in canonical order. `append` makes the slowest axis of the source order longer.
  public var shape: Shape { state.withLock { $0.shape } }

  /// Writes a region.
  ///
  /// - Parameters:
  ///   - region: The region, inside ``shape``, in which nothing was written before.
  ///   - source: The components, in native byte order.
  ///   - layout: Where the elements of the region lie in `source`, in canonical order.
  ///   - context: Threads and cancellation of this call.
  /// - Throws: `invalidArgument` when the region extends past the image or the layout past `source`, when a part of the region was
  ///   written before, and after `finish()`; `limitExceeded` when more incomplete chunks would wait than the memory budget holds;
  ///   `io` when the target cannot be written, and other errors of the sink; `cancelled`.
  public func write(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext = .default
  ) throws(IOLinkError) {
    try inTurn { () throws(IOLinkError) in try put(region, source, layout, context) }
  }

  private func put(
    _ region: Region, _ source: RawSpan, _ layout: StridedLayout, _ context: OperationContext
  ) throws(IOLinkError) {
    try region.validate(in: shape)
    try validate(region.size, layout, source)
    if region.isEmpty { return }
    var box = region
    var strides = layout.strides
    if dataType.componentCount > 1 {
      box = Region(
        uncheckedOrigin: AxisVector(Array(region.origin) + [0]), size: AxisVector(Array(region.size) + [dataType.componentCount]))
      strides.append(layout.componentStride)
    }
    let components = StridedLayout(byteOffset: layout.byteOffset, strides: strides, componentStride: 0)
    if try !storeWhole(box, source, components, context) { try scatter(box, source, components, context) }
    try storeComplete(context)
  }

  /// Runs the calls of several threads one after another: containers take one chunk at a time, some of them in order.
  private func validate(_ size: Shape, _ layout: StridedLayout, _ source: RawSpan) throws(IOLinkError) {
    let range = try layout.byteRange(of: size, dataType)
    guard range.lowerBound >= 0, range.upperBound <= source.byteCount else {
      throw IOLinkError(.invalidArgument, "the layout touches bytes \(range), expected a range inside \(source.byteCount) bytes")
    }
  }

  private func inTurn(_ body: () throws(IOLinkError) -> Void) throws(IOLinkError) {
    let result = turn.withLock { _ -> Result<Void, IOLinkError> in
      do throws(IOLinkError) { return .success(try body()) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Makes the slowest axis of the source order longer by 1, and writes the new frame.
  ///
  /// - Parameters:
  ///   - source: The components, in native byte order.
  ///   - layout: Where the elements of the frame lie in `source`, in canonical order over all axes of the image. The stride of the
  ///     growing axis does not matter.
  ///   - context: Threads and cancellation of this call.
  /// - Throws: `unsupported` when the format cannot grow while it is written, or the image has no axes; otherwise the same errors as
  ///   ``write(_:from:layout:context:)``.
  public func append(
    _ source: RawSpan, layout: StridedLayout, context: OperationContext = .default
  ) throws(IOLinkError) {
    guard let slowest = properties.sourceOrder.first else {
      throw IOLinkError(.unsupported, "an image without axes cannot grow")
    }
    try inTurn { () throws(IOLinkError) in
      let present = shape
      var longer = present
      longer[slowest] = try Checked.add(present[slowest], 1)
      var size = present
      size[slowest] = 1
      // Everything that can be wrong with the frame is found before the image grows.
      guard !state.withLock({ $0.isOver }) else { throw IOLinkError(.invalidArgument, "the writer is already finished") }
      try validate(size, layout, source)
      try sink.grow(to: longer)
      state.withLock { state in
        state.shape = longer
        state.hasGrown = true
      }
      var origin = AxisVector(repeating: 0, count: present.count)
      origin[slowest] = present[slowest]
      try put(try Region(origin: origin, size: size), source, layout, context)
    }
  }

  /// Stores what is left and completes the container. Nothing can be written afterwards.
  ///
  /// - Parameter context: Threads and cancellation of this call.
  /// - Returns: A report of everything that the format could not keep.
  /// - Throws: `invalidArgument` when the writer is already finished; `io` when the target cannot be written, and other errors of the
  ///   sink, also when a chunk written earlier could not be stored; `cancelled`. The container is then incomplete.
  public func finish(context: OperationContext = .default) throws(IOLinkError) -> TransferReport {
    try inTurn { () throws(IOLinkError) in try complete(context) }
    return TransferReport(lost: lost, pixelByteCount: try shape.byteCount(of: dataType), course: nil)
  }
}
