import IOLinkTesting
import Testing

@testable import IOLinkCore

/// Index transforms, compared position by position, and what views through them report.
struct AxisTransformTests {
  private static func axes() throws -> ImageProperties {
    try ImageProperties(
      axes: [Axis(.column, length: 10, spacing: 0.5, origin: 3, unit: "mm"), Axis(.row, length: 6, spacing: 2)],
      significantBits: 7, alpha: .straight, spatialDirections: SpatialDirections(column: [0, 1, 0], row: [1, 0, 0]))
  }

  private func code(_ body: () throws(IOLinkError) -> Void) -> IOLinkError.Code? {
    do throws(IOLinkError) { try body() } catch { return error.code }
    return nil
  }

  @Test("A selection must lie inside the image, at its first and its last index, in either direction")
  func selections() {
    func code(_ start: Int, _ count: Int, _ step: Int) -> IOLinkError.Code? {
      self.code { () throws(IOLinkError) in _ = try AxisTransform(selecting: [start], count: [count], step: [step], in: [10]) }
    }
    for (start, count, step) in [(0, 10, 1), (9, 10, -1), (1, 5, 2), (0, 4, 3), (9, 4, -3), (9, 1, 100), (50, 0, 7)] {
      #expect(code(start, count, step) == nil, "\(start) \(count) \(step)")
    }
    for (start, count, step) in [(0, 11, 1), (9, 11, -1), (2, 5, 2), (0, 5, 3), (8, 4, -3), (10, 1, 1), (-1, 1, 1), (0, 1, 0), (0, -1, 1)] {
      #expect(code(start, count, step) == .invalidArgument, "\(start) \(count) \(step)")
    }
    #expect(code(0, .max, .max) == .limitExceeded)
  }

  @Test("A crop of a subsampling of a flip is a single transform")
  func composition() throws {
    let flip = try AxisTransform(selecting: [9], count: [10], step: [-1], in: [10])
    let everyThird = try AxisTransform(selecting: [1], count: [3], step: [3], in: [10])
    let crop = try AxisTransform(selecting: [1], count: [2], step: [1], in: [3])
    let chain = try flip.then(everyThird).then(crop)
    #expect(chain.start == [5] && chain.step == [-3] && chain.shape == [2])
    #expect(code { () throws(IOLinkError) in _ = try chain.then(AxisTransform(identity: [2, 2])) } == .invalidArgument)
    let longer = try AxisTransform(selecting: [0], count: [4], step: [1], in: [4])
    #expect(code { () throws(IOLinkError) in _ = try chain.then(longer) } == .invalidArgument)
    #expect(code { () throws(IOLinkError) in _ = try chain.then(AxisTransform(fixing: 0, at: 2, in: [3])) } == .invalidArgument)
    let layout = chain.apply(to: StridedLayout(byteOffset: 100, strides: [4], componentStride: 4))
    #expect(layout == StridedLayout(byteOffset: 120, strides: [-12], componentStride: 4))
    let empty = try AxisTransform(selecting: [1 << 40], count: [0], step: [1], in: [10])
    #expect(empty.apply(to: StridedLayout(byteOffset: 100, strides: [4], componentStride: 4)).byteOffset == 100)
  }

  @Test("New axes keep their roles through a chain, and come first in the source order")
  func newAxes() throws {
    let base = try MemoryImageView.allocate([10, 6], .uint8, properties: Self.axes())
    let wide = try base.inserting(.channel).inserting(.slice).inserting(.sequence).flipped(axis: 0)
    #expect(wide.properties.axes.map(\.role) == [.column, .row, .slice, .channel, .sequence])
    #expect(wide.shape == [10, 6, 1, 1, 1] && wide.properties.sourceOrder == [4, 2, 3, 1, 0])
    let transform = try AxisTransform(inserting: .slice, at: 1, in: [4]).then(AxisTransform(inserting: .channel, at: 2, in: [4, 1]))
    #expect(transform.newRoles == [.slice, .channel] && (0..<3).map(transform.sourceAxis) == [0, nil, nil])
    #expect(try transform.then(AxisTransform(fixing: 1, at: 0, in: [4, 1, 1])).newRoles == [.channel])
  }

  @Test("Origin and spacing follow the selected indices")
  func calibration() throws {
    let base = PatternView(.uint8, properties: try Self.axes())
    func column(_ view: any ImageView) -> [Double?] { [view.properties.axes[0].origin, view.properties.axes[0].spacing] }
    #expect(column(try base.flipped(axis: 0)) == [7.5, -0.5])
    #expect(column(try base.subsampled(by: [3, 1])) == [3, 1.5])
    #expect(column(try base.cropped(to: Region(origin: [4, 0], size: [2, 2])).flipped(axis: 0)) == [5.5, -0.5])
    let row = try base.cropped(to: Region(origin: [0, 0], size: [2, 1])).flipped(axis: 1).properties.axes[1]
    #expect(row.origin == 0 && row.spacing == -2)
    let unmoved = try base.cropped(to: Region(origin: [0, 0], size: [2, 2])).properties.axes[1]
    #expect(unmoved.origin == nil && unmoved.spacing == 2)
    #expect(try base.cropped(to: Region(origin: [0, 3], size: [2, 2])).properties.axes[1].origin == 6)
  }

  @Test("A step must be positive, and an empty axis can be flipped")
  func steps() throws {
    let view = PatternView(.uint8, properties: try ImageProperties(.image, shape: [0, 4]))
    #expect(try view.flipped(axis: 0).shape == [0, 4])
    for step in [[1, 0], [1, -1], [1], [1, 1, 1]] as [AxisVector] {
      #expect(code { () throws(IOLinkError) in _ = try view.subsampled(by: step) } == .invalidArgument, "\(step)")
    }
    #expect(try view.subsampled(by: [1, 3]).shape == [0, 2])
  }

  @Test("The chunks of a view are those of its base, as far as the view reaches")
  func chunks() throws {
    let properties = try ImageProperties(.image, shape: [20, 12])
    let source = try TestChunkSource(PatternView(.uint8, properties: properties), chunk: [8, 4])
    let base = try ChunkedImageView(source, properties: properties, identity: .unique(byteCount: 0), runtime: Runtime(executor: SerialExecutor()))
    #expect(base.chunkShape == [8, 4])
    let box = try Region(origin: [2, 2], size: [5, 10])
    // This view does not implement the transform itself.
    let converted = try base.converted(to: .uint16, .cast)
    #expect(try converted.subsampled(by: [3, 1]).chunkShape == [3, 4] && converted.cropped(to: box).chunkShape == [5, 4])
    #expect(try converted.flipped(axis: 0).permuted(to: [1, 0]).chunkShape == [4, 8])
  }

  @Test("A view through a transform accepts properties of its own shape, and cannot be reshaped")
  func properties() throws {
    let base = try MemoryImageView.allocate([10, 6], .uint8, properties: Self.axes())
    let pattern = PatternView(.uint8, properties: try Self.axes())
    for view in [try pattern.flipped(axis: 0), try base.flipped(axis: 0), try pattern.flipped(axis: 0).converted(to: .uint16, .cast)] {
      #expect(!view.capabilities.contains(.reshape))
      #expect(throws: IOLinkError.self) { try view.with(properties: ImageProperties(.image, shape: [10, 5])) }
      #expect(view.properties.significantBits == 7 && view.properties.alpha == .straight && view.properties.spatialDirections != nil)
    }
  }

  @Test("Renaming axes keeps calibration, significant bits, alpha and directions")
  func reinterpretation() throws {
    let base = PatternView(.uint8, properties: try Self.axes())
    for view in [try base.reinterpreted(axes: [.slice, .row]), try base.reinterpreted(as: .image)] {
      #expect(view.properties.significantBits == 7 && view.properties.alpha == .straight && view.properties.spatialDirections != nil)
    }
    let renamed = try base.reinterpreted(axes: [.slice, .row]).properties.axes
    #expect(renamed.map(\.role) == [.row, .slice] && renamed[0].spacing == 0.5 && renamed[0].origin == 3 && renamed[1].spacing == 2)
    let named = try base.reinterpreted(as: .image).properties.axes
    #expect(named.map(\.role) == [.column, .row] && named[0] == Axis(.column, length: 10, spacing: 0.5, origin: 3, unit: "mm"))
    let rgb = PatternView(try DataType(.uint8, componentCount: 3), properties: try Self.axes())
    #expect(try rgb.reinterpreted(listing: [.slice, .row, .component]).properties.axes.map(\.role) == [.row, .slice])
    #expect(code { () throws(IOLinkError) in _ = try rgb.reinterpreted(listing: [.component, .row, .column]) } == .invalidArgument)
    #expect(code { () throws(IOLinkError) in _ = try base.reinterpreted(axes: [.row]) } == .invalidArgument)
  }

  @Test("A view without WRITE refuses to be written, however it is transformed")
  func readOnly() throws {
    let memory = try MemoryImageView.allocate([10, 6], .uint8, properties: Self.axes())
    let view = try memory.converted(to: .uint16, .cast)
    #expect(view.capabilities.contains(.write) && view.readOnly().capabilities == .read)
    #expect(try view.readOnly().flipped(axis: 0).capabilities == .read && view.readOnly().with(metadata: MetadataNode()).capabilities == .read)
    #expect(try !memory.readOnly().capabilities.contains(.write) && memory.flipped(axis: 0).capabilities.contains(.write))
  }
}
