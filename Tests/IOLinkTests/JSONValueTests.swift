import IOLinkCore
import Testing

@Suite struct JSONValueTests {
  @Test func values() {
    let text = #"{"axes": [{"key": "z", "resolution": 2.5e-1, "description": "a\"\u00b5\n"}, {}], "x": [true, null, -3], "x": [1, 2]}"#
    let value = JSONValue(text)
    #expect(value?["axes"]?.array?.first?["key"]?.text == "z")
    #expect(value?["axes"]?.array?.first?["resolution"]?.number == 0.25)
    #expect(value?["axes"]?.array?.first?["description"]?.text == "a\"µ\n")
    #expect(value?["x"]?.integers == [1, 2])
    #expect(JSONValue("[true, null, -3] ") == .array([.boolean(true), .null, .number(-3)]))
    #expect(JSONValue(#""\ud83d\ude00""#)?.text == "😀")
    #expect(JSONValue("[1.5]")?.integers == nil && JSONValue("1e99")?.integer == nil)
  }

  @Test(arguments: ["", "{", "[1,", "{\"a\" 1}", "{\"a\": }", "tru", "\"\\u12\"", "[1] 2", String(repeating: "[", count: 100_000)])
  func damagedTextHasNoValue(text: String) { #expect(JSONValue(text) == nil) }

  @Test func depthIsLimited() {
    #expect(JSONValue("[[[1]]]", depthLimit: 4) != nil)
    #expect(JSONValue("[[[1]]]", depthLimit: 3) == nil)
    #expect(JSONValue("{\"a\": {\"a\": 1}}", depthLimit: 3) != nil)
    #expect(JSONValue("{\"a\": {\"a\": 1}}", depthLimit: 2) == nil)
  }

  @Test func quotedTextIsASCII() { #expect(JSONValue.quoted("µ\"\n") == "\"\\u00b5\\\"\\u000a\"") }
}
