import IOLinkCore
import Testing

@testable import TIFFPlugin

/// What samples mean: components, channels, alpha and colors.
@Suite struct TIFFMeaningTests {
  private typealias T = TIFFBytes

  private func image(_ samples: Int, _ others: T.Field...) throws -> any ImageView {
    let bits = T.Field(tag: 258, type: 3, count: samples, bytes: Array(repeating: [8, 0], count: samples).flatMap { $0 })
    var page = T.page(T.gray(2, 1), with: bits, T.short(277, samples), T.long(279, 2 * samples))
    for field in others { page = T.page(page, with: field) }
    let image = try T.open(T.file([page], pixels: (1...UInt8(2 * samples)).map { $0 })).image()
    #expect(try image.bytes(of: Region(of: image.shape)).sorted() == Array(1...UInt8(2 * samples)))
    return image
  }

  private func extra(_ values: Int...) -> T.Field { T.Field(tag: 338, type: 3, count: values.count, bytes: values.flatMap { T.short(0, $0).bytes }) }

  @Test func componentsAndChannels() throws {
    func components(_ image: any ImageView) -> [Int] { [image.dataType.componentCount] + Array(image.shape) }
    #expect(try components(image(1)) == [1, 2, 1])
    #expect(try components(image(3, T.short(262, 2))) == [3, 2, 1])
    #expect(try components(image(4, T.short(262, 2), extra(2))) == [4, 2, 1])
    #expect(try components(image(4, T.short(262, 2))) == [4, 2, 1])
    #expect(try components(image(5, T.short(262, 2), extra(0, 2))) == [1, 2, 1, 5])
    #expect(try components(image(4, T.short(262, 5))) == [4, 2, 1])
    #expect(try components(image(5, T.short(262, 5), extra(2))) == [1, 2, 1, 5])
    #expect(try components(image(2, T.short(262, 5), T.short(334, 2))) == [2, 2, 1])
    #expect(try components(image(4, T.short(262, 5), T.short(334, 2))) == [1, 2, 1, 4])
    #expect(try components(image(2, extra(1))) == [2, 2, 1])
    #expect(try components(image(2, extra(2))) == [2, 2, 1])
    #expect(try components(image(2, extra(0))) == [1, 2, 1, 2])
    #expect(try components(image(2)) == [1, 2, 1, 2])
    #expect(try components(image(3)) == [1, 2, 1, 3])
  }

  @Test func kindsOfAlpha() throws {
    func alpha(_ values: T.Field?) throws -> AlphaMode {
      if let values { return try image(4, T.short(262, 2), values).properties.alpha }
      return try image(4, T.short(262, 2)).properties.alpha
    }
    #expect(try alpha(extra(0)) == .unspecified)
    #expect(try alpha(extra(1)) == .premultiplied)
    #expect(try alpha(extra(2)) == .straight)
    #expect(try alpha(nil) == .unspecified)
    #expect(try image(3, T.short(262, 2)).properties.alpha == .none)
    #expect(try image(2, extra(1)).properties.alpha == .premultiplied)
    #expect(try image(2, extra(0)).properties.alpha == .none)
  }

  @Test(arguments: [
    (0, 1, "MIN_IS_WHITE"), (1, 1, "GRAYSCALE"), (2, 3, "RGB"), (3, 1, "PALETTE"), (5, 4, "CMYK"), (8, 3, "CIELAB"), (9, 3, "CIELAB"),
    (10, 3, "CIELAB"), (1, 3, "MULTISPECTRAL"), (777, 1, "GRAYSCALE"),
  ])
  func interpretations(_ photometric: Int, _ samples: Int, _ name: String) throws {
    #expect(try image(samples, T.short(262, photometric)).properties.interpretation == ImageInterpretation(name))
  }

  @Test func inksThatAreNotFour() throws {
    #expect(try image(3, T.short(262, 5), T.short(334, 3)).properties.interpretation == .multispectral)
    #expect(try image(4, T.short(262, 5), T.short(334, 4)).properties.interpretation == .cmyk)
  }

  /// PhotometricInterpretation is required. If it is missing, it is guessed from the other fields.
  @Test func meaningThatIsNotStated() throws {
    func guess(_ samples: Int, _ others: T.Field...) throws -> ImageInterpretation {
      let bits = T.Field(tag: 258, type: 3, count: samples, bytes: Array(repeating: [8, 0], count: samples).flatMap { $0 })
      var page = [T.long(256, 2), T.long(257, 1), bits, T.long(273, 8), T.short(277, samples), T.long(279, 2 * samples)]
      for field in others { page = T.page(page, with: field) }
      return try T.open(T.file([page], pixels: (1...UInt8(2 * samples)).map { $0 })).image().properties.interpretation
    }
    #expect(try guess(1) == .grayscale)
    #expect(try guess(3) == .rgb)
    #expect(try guess(4) == .cmyk)
    #expect(try guess(4, extra(2)) == .rgb)
    #expect(try guess(1, T.short(320, 1, 2, 3)) == .palette)
    #expect(try guess(1, T.short(258, 1), T.short(259, 2)) == .minIsWhite)
  }

  /// SampleFormat 4 is read as an unsigned integer, a missing one means 1, and others are refused.
  @Test func formatsOfSamples() throws {
    #expect(try image(1, T.short(339, 4)).dataType == .uint8)
    #expect(try image(1, T.short(339, 2)).dataType == .int8)
    #expect(try image(1).dataType == .uint8)
    #expect { try image(1, T.short(339, 7)) } throws: { ($0 as? IOLinkError)?.code == .malformed }
    #expect { try image(1, T.short(339, 3)) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
    #expect { try image(2, T.short(339, 1, 2)) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
  }

  /// Samples in separate planes become channels that come before rows in the file order.
  @Test func planesOfChannels() throws {
    let image = try image(2, T.short(284, 2), T.long(273, 8, 10), T.long(279, 2, 2))
    #expect(image.shape == [2, 1, 2])
    #expect(image.properties.axes[2].role == .channel)
    #expect(image.properties.fileAxes.map(\.role) == [.channel, .row, .column])
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3, 4])
    let mixed = try self.image(2)
    #expect(mixed.properties.fileAxes.map(\.role) == [.row, .column, .channel])
    #expect(try mixed.bytes(of: Region(of: mixed.shape)) == [1, 3, 2, 4])
  }
}
