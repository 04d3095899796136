import IOLinkCore
import IOLinkTesting
import Testing

/// What a `Conversion` selects, changes and refuses.
struct ConversionValueTests {
  private static func image() throws -> MemoryImageView {
    let axes = [Axis(.slice, length: 3, spacing: 2, origin: 10, unit: "µm"), Axis(.row, length: 2), Axis(.column, length: 4)]
    let image = try MemoryImageView.allocate([4, 2, 3], .uint16, properties: ImageProperties(fileAxes: axes))
    try image.write(Region(of: [4, 2, 3]), from: (0..<24).map { UInt16($0 * 1000) })
    return image
  }

  private func code(_ conversion: Conversion, _ image: any ImageView) -> IOLinkError.Code? {
    do { _ = try conversion.apply(to: image) } catch { return error.code }
    return nil
  }

  @Test("By default nothing changes")
  func nothing() throws {
    let image = try Self.image()
    let same = try Conversion().apply(to: image)
    #expect(try same.read(as: UInt16.self) == image.read(as: UInt16.self) && same.properties == image.properties)
  }

  @Test("Crop and step keep the elements that they name, and calibration follows")
  func selection() throws {
    let part = try Conversion(crop: [.slice: 1..<3, .column: 1..<4], step: [.column: 2]).apply(to: Self.image())
    #expect(part.shape == [2, 2, 2] && part.properties.axes[2].origin == 12 && part.properties.axes[2].spacing == 2)
    #expect(try part.read(as: UInt16.self) == [9000, 11000, 13000, 15000, 17000, 19000, 21000, 23000])
    let image = try Self.image()
    for wrong in [
      Conversion(crop: [.slice: 1..<4]), Conversion(crop: [.slice: -1..<2]), Conversion(crop: [.channel: 0..<1]),
      Conversion(step: [.row: 0]), Conversion(step: [.sequence: 2]),
    ] { #expect(code(wrong, image) == .invalidArgument) }
  }

  @Test("Axes are named before they are cropped")
  func axes() throws {
    let named = try Conversion(axes: AxisNames([.sequence, .row, .column]), crop: [.sequence: 2..<3]).apply(to: Self.image())
    #expect(named.properties.axes.map(\.role) == [.column, .row, .sequence] && named.shape == [4, 2, 1])
    #expect(try named.element(at: [0, 0, 0], as: UInt16.self) == 16000)
    let split = try Conversion(axes: AxisNames(parsing: "Z=3,T=1,Y,X")).apply(to: Self.image())
    #expect(split.properties.axes.map(\.role) == [.column, .row, .slice, .sequence])
    #expect(try code(Conversion(axes: AxisNames([.row, .column])), Self.image()) == .invalidArgument)
  }

  @Test("A type that does not hold every value requires a value mapping, and a value mapping requires a type")
  func types() throws {
    let image = try Self.image()
    #expect(code(Conversion(type: .uint8), image) == .invalidArgument && code(Conversion(type: .int16), image) == .invalidArgument)
    #expect(code(Conversion(values: .cast), image) == .invalidArgument)
    #expect(try Conversion(type: .float32).apply(to: image).read(as: Float.self)[3] == 3000)
    #expect(try Conversion(type: .uint8, values: .cast).apply(to: image).read(as: UInt8.self).prefix(2) == [0, 255])
    // 23000 × 255 / 65535 is 89.49.
    #expect(try Conversion(type: .uint8, values: .rescale).apply(to: image).read(as: UInt8.self).last == 89)
  }

  @Test("The image is found by name or by index, and by default it is the main one")
  func choice() throws {
    let first = try Self.image()
    let second = try first.cropped(to: Region(origin: [0, 0, 0], size: [1, 1, 1]))
    let images = ImageCollection([("a", first), ("b", second)])
    #expect(try Conversion(image: "b").image(of: images).shape == [1, 1, 1])
    #expect(try Conversion(image: "0").image(of: images).shape == [4, 2, 3])
    #expect(throws: IOLinkError.self) { try Conversion().image(of: images) }
    #expect(throws: IOLinkError.self) { try Conversion(image: "c").image(of: images) }
  }
}
