import IOLinkCore
import Testing

/// Trees of named values: paths, leaves, and values as text or numbers.
struct MetadataTests {
  @Test("Values are set, read and removed by path, and empty nodes are removed with them")
  func paths() {
    var node = MetadataNode()
    node["/a/b/c"] = .integer(1)
    node["a/d"] = .text("x")
    #expect(node["/a/b/c"]?.integer == 1 && node["/a//d"]?.text == "x" && node["/a"] == nil && node["/a/b/x"] == nil)
    #expect(node[components: ["a", "d"]]?.text == "x")
    node[components: ["a/b", ""]] = .integer(2)
    #expect(node[components: ["a/b", ""]]?.integer == 2 && node["/a/b"] == nil)
    node[components: ["a/b", ""]] = nil
    node["/a/b/c"] = nil
    #expect(node.children.map(\.name) == ["a"] && node[child: "a"]?.children.map(\.name) == ["d"])
    node["/a/d"] = nil
    #expect(node.isEmpty && node == MetadataNode())
    node["/none/at/all"] = nil
    #expect(node.isEmpty)
  }

  @Test("Leaves come depth first, in the order of the children")
  func leaves() {
    var node = MetadataNode(.text("root"))
    node["/z/b"] = .integer(1)
    node["/a"] = .integer(2)
    node["/z"] = .integer(3)
    node["/z/a"] = .integer(4)
    #expect(node.leaves.map(\.path) == ["/", "/z", "/z/b", "/z/a", "/a"])
    #expect(node.leaves.map(\.value.description) == ["root", "3", "1", "4", "2"])
    node[""] = nil
    node[child: "z"] = MetadataNode(.integer(5))
    #expect(node.leaves.map(\.path) == ["/z", "/a"])
  }

  @Test("A single value can be read as text or as a number, but several values cannot")
  func singles() throws {
    #expect(MetadataValue.text("x").text == "x" && MetadataValue.texts(["x"]).text == "x")
    #expect(MetadataValue.texts(["x", "y"]).text == nil && MetadataValue.texts([]).text == nil && MetadataValue.integer(1).text == nil)
    #expect(MetadataValue.real(1.5).double == 1.5 && MetadataValue.real(2).integer == 2 && MetadataValue.real(1.5).integer == nil)
    #expect(MetadataValue.reals([1, 2]).double == nil && MetadataValue.reals([]).double == nil && MetadataValue.reals([1, 2]).integer == nil)
    #expect(MetadataValue.reals([1, 2]).doubles == [1, 2] && MetadataValue.text("1").double == nil)
    let large = MetadataValue.numbers(try NumericArray(.uint64, shape: [], bytes: [UInt8](repeating: 0xFF, count: 8)))
    #expect(large.integer == nil && large.double == 0x1p64)
    #expect(MetadataValue.integer(.max).integer == .max)
  }

  @Test("Numbers fill their shape, and complex ones have two parts")
  func numbers() throws {
    #expect(throws: IOLinkError.self) { try NumericArray(.uint16, shape: [2], bytes: [1, 2, 3]) }
    #expect(throws: IOLinkError.self) { try NumericArray(.uint16, shape: [2, 2], bytes: [1, 2, 3, 4]) }
    let parts: [Float] = [1, -2, 3, 4]
    let complex = try NumericArray(.complex64, shape: [2], bytes: unsafe parts.span.bytes.byteArray())
    #expect(complex.count == 2 && complex.doubles == [1, 3] && complex.parts == [1, -2, 3, 4] && complex.integers == nil)
    #expect(MetadataValue.numbers(complex).description == "[1.0 + -2.0i, 3.0 + 4.0i]")
    #expect(MetadataValue.boolean(true).description == "true" && MetadataValue.integer(-3).description == "-3")
    #expect(MetadataValue.bytes([1, 2]).description == "2 bytes" && MetadataValue.texts(["a"]).description == "[\"a\"]")
  }

  @Test("Dates are those of XML Schema", arguments: [
    ("2026-01-31T13:45:00", true), ("2026-01-31T13:45:00.125", true), ("2026-01-31T13:45:00Z", true), ("2026-01-31T13:45:00.5-08:00", true),
    ("2026-01-31", false), ("2026-01-31 13:45:00", false), ("2026-13-31T13:45:00", false), ("2026-01-31T13:45:00.", false),
    ("2026-01-31T13:45:00+1:00", false), ("2026-01-31T13:45:00ZZ", false), ("2026:01:31 13:45:00", false), ("", false), ("٢٠٢٦-01-31T13:45:00", false),
  ])
  func dates(_ text: String, _ isDate: Bool) {
    #expect(MetadataKey.isDate(text) == isDate && MetadataKey.acquisitionDate.accepts(.text(text)) == isDate)
  }

  @Test("Keys accept values of their kind")
  func keys() throws {
    #expect(MetadataKey.color("#0080FFff") == 0x0080_FFFF && MetadataKey.text(ofColor: 0x0080_FFFF) == "#0080FFFF")
    for text in ["0080FFFF", "#0080FF", "#+080FFFF", "#0080FFFF0", "#0080FFFé", "red"] { #expect(MetadataKey.color(text) == nil) }
    #expect(MetadataKey.magnification.accepts(.integer(40)) && !MetadataKey.magnification.accepts(.real(0)))
    #expect(!MetadataKey.numericalAperture.accepts(.real(.infinity)) && !MetadataKey.numericalAperture.accepts(.text("1.4")))
    let numbers = try NumericArray(.float32, shape: [1, 1, 2], bytes: [UInt8](repeating: 0, count: 8))
    #expect(MetadataKey.planeTime.accepts(.numbers(numbers)) && !MetadataKey.planeTime.accepts(.reals([0, 0])))
    #expect(MetadataKey.planeLabel.accepts(.texts(["a"])) && !MetadataKey.planeLabel.accepts(.real(1)))
    #expect(MetadataKey.channelColor.path(channel: 2) == "/channels/2/color" && MetadataKey.title.path(channel: 2) == "/title")
    #expect(Set(MetadataKey.all.map(\.path)).count == MetadataKey.all.count)
    #expect(MetadataKey.all.filter(\.isTopLevel).count == 7)
  }
}
