import IOLinkCore
import IOLinkXML
import Testing

@testable import TIFFPlugin

@Suite struct TIFFDescriptionTests {
  @Test func imageJHyperstack() throws {
    let text = "ImageJ=1.53t\nimages=12\nchannels=2\nslices=3\nframes=2\nhyperstack=true\nunit=micron\nspacing=0.5\nfinterval=2.5\n"
    let description = try #require(ImageJDescription(text))
    let (axes, areInferred) = try #require(description.axes(planes: 12))
    #expect(axes.map(\.role) == [.sequence, .slice, .channel])
    #expect(axes.map(\.length) == [2, 3, 2])
    #expect(axes[1] == Axis(.slice, length: 3, spacing: 0.5, unit: "µm"))
    #expect(axes[0].unit == "s")
    #expect(!areInferred)
    #expect(description.calibration((4, 2))[.column] == TIFFCalibration(spacing: 0.25, unit: "µm"))
    #expect(description.axes(planes: 11) == nil)
    #expect(ImageJDescription("a text") == nil)
  }

  @Test func shapesInJSON() throws {
    let named = try #require(ShapedDescription("{\"shape\": [2, 3, 4, 5], \"axes\": \"TZYX\"}"))
    #expect(named.roles(withoutSample: nil)?.roles == [.sequence, .slice, .row, .column])
    #expect(named.roles(withoutSample: nil)?.areInferred == false)
    let plain = try #require(ShapedDescription("{\"shape\": [3, 4, 5]}"))
    #expect(plain.roles(withoutSample: nil)?.areInferred == true)
    #expect(ShapedDescription("shape=(2, 3)")?.shape == [2, 3])
    #expect(ShapedDescription("{\"shape\": [0]}") == nil)
    #expect(ShapedDescription("{\"shape\": [1e99]}") == nil)
  }

  @Test func xmlHasNoEntities() throws {
    let limits = ReadLimits()
    let root = try XMLTree.parse("<?xml version=\"1.0\"?><o:OME xmlns:o=\"u\"><A b='1&lt;2'>text</A></o:OME>", limits: limits)
    #expect(root.name == "OME")
    #expect(root.child(named: "A")?.attributes["b"] == "1<2")
    #expect(root.child(named: "A")?.text == "text")
    let bomb = "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"
    #expect { try XMLTree.parse(bomb, limits: limits) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
    #expect { try XMLTree.parse("<a><b></a>", limits: limits) } throws: { ($0 as? IOLinkError)?.code == .malformed }
    let deep = String(repeating: "<a>", count: 65) + String(repeating: "</a>", count: 65)
    #expect { try XMLTree.parse(deep, limits: limits) } throws: { ($0 as? IOLinkError)?.code == .limitExceeded }
  }

  /// A plane that is in another file is missing, and the planes of this file remain.
  @Test func planesOfAFileSet() throws {
    let xml = """
      <OME UUID="urn:uuid:1"><Image ID="Image:0"><Pixels DimensionOrder="XYCZT" SizeX="3" SizeY="2" SizeZ="1" SizeC="2" SizeT="1" Type="uint8">\
      <TiffData FirstC="0" IFD="0"><UUID FileName="a.tif">urn:uuid:1</UUID></TiffData>\
      <TiffData FirstC="1" IFD="0"><UUID FileName="b.tif">urn:uuid:2</UUID></TiffData></Pixels></Image></OME>
      """
    var page = TIFFBytes.gray(3, 2)
    page.insert(TIFFBytes.text(270, xml), at: 5)
    let image = try TIFFBytes.open(TIFFBytes.file([page], pixels: [1, 2, 3, 4, 5, 6])).image()
    #expect(image.shape == [3, 2])
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3, 4, 5, 6])
  }

  @Test func hostileSizesOfOMEAreRefused() throws {
    let xml = """
      <OME><Image ID="Image:0"><Pixels DimensionOrder="XYZCT" SizeX="3" SizeY="2" SizeZ="2000000000" SizeC="2000000000" SizeT="2000000000"/></Image></OME>
      """
    var page = TIFFBytes.gray(3, 2)
    page.insert(TIFFBytes.text(270, xml), at: 5)
    #expect(TIFFBytes.failure(TIFFBytes.file([page], pixels: [1, 2, 3, 4, 5, 6]))?.code == .limitExceeded)
  }
}
