import IOLinkCore
import IOLinkTesting
import Testing

/// Views of another component type: what they report, and how they are written.
struct ConvertedViewTests {
  private func view(_ componentType: ComponentType, significantBits: Int? = nil) throws -> MemoryImageView {
    var properties = try ImageProperties(.image, shape: [3, 2])
    properties.significantBits = significantBits
    return try MemoryImageView.allocate([3, 2], DataType(componentType), properties: properties)
  }

  @Test("Significant bits are kept if the values are unchanged and the type has room for them")
  func significantBits() throws {
    let twelve = try view(.uint16, significantBits: 12)
    func bits(_ componentType: ComponentType, _ mapping: ValueMapping = .cast) throws -> Int? {
      try twelve.converted(to: componentType, mapping).properties.significantBits
    }
    #expect(try bits(.uint16) == 12 && bits(.uint32) == 12 && bits(.int16) == 12)
    #expect(try bits(.uint8) == nil && bits(.int8) == nil && bits(.boolean) == nil)
    #expect(try bits(.uint16, .rescaled(from: 0...4095, to: 0...65535)) == nil)
    #expect(try bits(.uint32, .rescale) == nil)
    #expect(try view(.uint8, significantBits: 4).converted(to: .boolean, .cast).properties.significantBits == nil)
  }

  @Test("Significant bits that a caller states are kept, also through a crop")
  func statedBits() throws {
    let narrow = try view(.uint16, significantBits: 12).converted(to: .uint8, .cast)
    var properties = narrow.properties
    properties.significantBits = 7
    let stated = try narrow.with(properties: properties)
    #expect(stated.properties.significantBits == 7)
    #expect(try stated.cropped(to: Region(origin: [1, 0], size: [2, 2])).properties.significantBits == 7)
    #expect(try narrow.flipped(axis: 0).properties.significantBits == nil)
  }

  @Test("Writing maps values back: rounded, saturated, and rescaled from the target's range")
  func writing() throws {
    let base = try view(.uint8)
    let region = try Region(origin: [0, 1], size: [3, 1])
    let layout = try StridedLayout(dense: [3, 1], .float32)
    let numbers: [Float] = [-3, 1.5, 300]
    let cast = try base.converted(to: .float32, .cast)
    #expect(cast.capabilities == [.read, .write])
    try cast.write(region, from: unsafe numbers.span.bytes, layout: layout, context: .default)
    #expect(try base.bytes(of: Region(of: [3, 2])) == [0, 0, 0, 0, 2, 255])
    let rescaled = try base.converted(to: .float32, .rescale)
    let parts: [Float] = [0, 0.2, 1]
    try rescaled.write(region, from: unsafe parts.span.bytes, layout: layout, context: .default)
    #expect(try base.bytes(of: region) == [0, 51, 255])
    let stored = unsafe parts.span.bytes.byteArray()
    #expect(try rescaled.bytes(of: region) == stored)
  }

  @Test("Real images seen as complex ones cannot be written; complex ones do not become real")
  func complex() throws {
    let base = try view(.float32)
    let complex = try base.converted(to: .complex64, .cast)
    #expect(complex.capabilities == .read)
    let bytes = [UInt8](repeating: 0, count: 48)
    let error = #expect(throws: IOLinkError.self) {
      try complex.write(Region(of: [3, 2]), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: [3, 2], .complex64), context: .default)
    }
    #expect(error?.code == .unsupported)
    #expect(throws: IOLinkError.self) { try view(.complex64).converted(to: .float32, .cast) }
    #expect(try view(.complex64).converted(to: .complex128, .cast).capabilities == [.read, .write])
  }

  @Test("Rescaling onto the same type rescales")
  func sameType() throws {
    let base = try view(.uint8)
    let bytes: [UInt8] = [0, 1, 2, 3, 4, 255]
    try base.write(Region(of: [3, 2]), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: [3, 2], .uint8), context: .default)
    let doubled = try base.converted(to: .uint8, .rescaled(from: 0...100, to: 0...200))
    #expect(try doubled.bytes(of: Region(of: [3, 2])) == [0, 2, 4, 6, 8, 255])
    #expect(try base.converted(to: .uint8, .cast).memory != nil)
  }
}
