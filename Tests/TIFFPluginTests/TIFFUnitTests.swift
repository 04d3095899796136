import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Units in the spellings of other programs, in each description that a TIFF can have.
@Suite struct TIFFUnitTests {
  private func stack(_ unit: String?, sequence: String? = "s") throws -> any ImageView {
    try WrittenTIFF.image([
      Axis(.sequence, length: 2, spacing: 3, unit: sequence), Axis(.slice, length: 2, spacing: 2, unit: unit),
      Axis(.row, length: 2, spacing: 0.5, unit: unit), Axis(.column, length: 2, spacing: 0.5, unit: unit),
    ])
  }

  private func units(_ lost: [LostItem]) -> [String] { lost.map(\.path).filter { $0.hasSuffix("/unit") || $0.hasSuffix("/spacing") } }

  @Test(arguments: [
    ("um", "µm", 20_000.0), ("\u{3BC}m", "µm", 20_000), ("micron", "µm", 20_000), ("\\u00B5m", "µm", 20_000), ("nanometer", "nm", 2e7),
    ("millimetre", "mm", 20), ("Angstroms", "Å", 2e8), ("\u{212B}", "Å", 2e8), ("meter", "m", 0.02), ("mils", "thou", 2 / 2.54e-3),
  ] as [(String, String, Double)])
  func everyDescriptionHasTheUnit(_ spelling: String, _ symbol: String, _ perCentimetre: Double) throws {
    for description in ["ome", "imagej", "none"] {
      let (file, lost) = try WrittenTIFF.write(stack(spelling), ["metadata": description])
      if description == "ome" {
        let text = try #require(file.text(270))
        for letter in ["X", "Y", "Z"] { #expect(text.utf8Contains("PhysicalSize\(letter)Unit=\"\(symbol)\"")) }
        #expect(text.contains("PhysicalSizeX=\"0.5\"") && text.contains("TimeIncrement=\"3.0\" TimeIncrementUnit=\"s\"") && !text.contains("Annotation"))
        #expect(units(lost) == [])
      } else if description == "imagej" {
        let spelled = ["µm": "micron", "Å": "\\u00C5"][symbol] ?? symbol
        #expect(file.text(270)?.contains("unit=\(spelled)\nspacing=2.0\n") == true || file.text(270)?.contains("unit=\(spelled)\n") == true)
        #expect(file.values(282) == [2, 1] && file.values(296) == [1] && units(lost) == [])
      } else {
        let fraction = file.values(282)
        #expect(abs(Double(fraction[0]) / Double(fraction[1]) / perCentimetre - 1) < 1e-6 && file.values(296) == [3])
        #expect(units(lost) == ["/axes/slice/spacing", "/axes/slice/unit", "/axes/sequence/spacing", "/axes/sequence/unit"])
      }
    }
  }

  /// A unit that OME-XML does not have is lost, but the numbers are not: "reference frame" stands for an unknown unit.
  @Test func unknownUnitsAreListed() throws {
    let (file, lost) = try WrittenTIFF.write(stack("furlong", sequence: "fortnight"), ["metadata": "ome"])
    let text = try #require(file.text(270))
    #expect(text.contains("PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"reference frame\"") && !text.contains("TimeIncrement"))
    #expect(units(lost) == ["/axes/column/unit", "/axes/row/unit", "/axes/slice/unit", "/axes/sequence/unit"])
    let image = try TIFFBytes.open(file.bytes).image()
    #expect(image.properties.axes.map(\.spacing) == [0.5, 0.5, 2, 3] && image.properties.axes.allSatisfy { $0.unit == nil })
    // Without any unit, nothing is lost.
    #expect(units(try WrittenTIFF.write(stack(nil), ["metadata": "ome"]).lost) == [])
    // tifffile's JSON and ImageJ keep any text.
    for description in ["shaped", "imagej"] {
      let (file, lost) = try WrittenTIFF.write(stack("furlong", sequence: "fortnight"), ["metadata": description])
      #expect(units(lost) == [])
      #expect(try TIFFBytes.open(file.bytes).image().properties.axes.map(\.unit) == ["furlong", "furlong", "furlong", "fortnight"])
    }
    #expect(units(try WrittenTIFF.write(stack("furlong"), ["metadata": "none"]).lost).count == 8)
  }

  /// Other programs find the size of a pixel in a part of an image, and in its mirror image.
  @Test func partsHaveASize() throws {
    let part = try stack("um").flipped(.column).cropped(to: Region(origin: [0, 1, 0, 0], size: [2, 1, 2, 2]))
    let (file, lost) = try WrittenTIFF.write(part, ["metadata": "ome"])
    #expect(file.text(270)?.contains("PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"µm\" PhysicalSizeY=\"0.5\"") == true && units(lost) == [])
    let axes = try TIFFBytes.open(file.bytes).image().properties.axes
    #expect(axes[0].spacing == -0.5 && axes[0].origin == 0.5 && axes[1].spacing == 0.5 && axes[1].origin == 0.5)
  }

  @Test func timesOfImageJ() throws {
    let (file, lost) = try WrittenTIFF.write(stack("mm", sequence: "min"), ["metadata": "imagej"])
    #expect(file.text(270)?.contains("finterval=3.0\ntunit=min\n") == true && units(lost) == [])
    #expect(try TIFFBytes.open(file.bytes).image().properties.axes[3].unit == "min")
  }
}

extension String {
  /// Whether the text contains another one byte by byte. As strings, the angstrom sign equals the letter Å.
  fileprivate func utf8Contains(_ other: String) -> Bool {
    let (all, part) = (Array(utf8), Array(other.utf8))
    return all.indices.contains { all[$0...].starts(with: part) }
  }
}
