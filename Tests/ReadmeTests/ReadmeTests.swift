import Foundation
import IOLink
import Testing

/// The README agrees with the code.
@Suite struct ReadmeTests {
  private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The lines that are not empty, without their indentation.
  private func lines(_ text: some StringProtocol) -> [String] {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  /// The fenced Swift blocks of the README, in order.
  private func blocks() throws -> [[String]] {
    try text("README.md").components(separatedBy: "```swift\n").dropFirst().map { block in
      lines(block.components(separatedBy: "\n```")[0])
    }
  }

  @Test func theSwiftBlocksStandInCompiledExamples() throws {
    let examples = try ["Examples/Tour/Tour.swift", "Examples/PGM/PGMCodec.swift", "Examples/PGMApp/PGMApp.swift"].map {
      lines(try text($0))
    }
    let blocks = try blocks()
    #expect(blocks.count == 4)
    for block in blocks {
      let isQuoted = examples.contains { example in
        example.indices.contains { example[$0...].starts(with: block) }
      }
      #expect(isQuoted, "not in the examples: \(block.first ?? "")")
    }
  }

  @Test func theTableIsWhatTheCodecsDeclare() throws {
    let readme = try text("README.md")
    let begin = try #require(readme.range(of: "<!-- formats: begin -->\n"))
    let end = try #require(readme.range(of: "<!-- formats: end -->"))
    let table = readme[begin.upperBound..<end.lowerBound].trimmingCharacters(in: .newlines)
    #expect(table == SupportTable.markdown(CodecRegistry.standard.codecs.map(\.descriptor)), "run `make readme`")
  }

  @Test func aRowHasNameAndLinesInTheirOrder() {
    let writing = CodecDescriptor.Writing(
      componentTypes: [.uint8], componentCounts: 1...1, maximumRank: 2, features: [], lines: ["plain", "packed"])
    let table = SupportTable.markdown([
      CodecDescriptor(name: "Both", summary: "", extensions: ["b"], reads: ["one", "two"], writing: writing),
      CodecDescriptor(name: "Reader", summary: "", extensions: ["r"], reads: ["all"]),
    ])
    #expect(
      table == """
        | format | reads | writes |
        |---|---|---|
        | Both | one; two | plain; packed |
        | Reader | all | – |
        """)
  }

  @Test func everyFormatHasAPageOfTheSameShape() throws {
    let pages = ["NPY/NPY.md", "Raw/Raw.md", "PNG/PNG.md", "TIFF/TIFF.md", "HDF5/HDF5.md"]
    for page in pages {
      let page = try text("Plugins/" + page)
      for heading in ["## Specification", "## Supported", "## Not supported", "## Limits", "## Quirks"] {
        #expect(page.contains(heading), "\(page.prefix(20)) lacks \(heading)")
      }
    }
  }

  @Test func onlyPluginsNameFormats() throws {
    let forbidden = /\b(tiff|hdf5|npy|png)\b/.ignoresCase()
    for folder in ["Sources/IOLink", "Sources/IOLinkCore", "Sources/IOLinkSystem", "Sources/IOLinkCommand"] {
      let files = try #require(FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil))
      var count = 0
      for case let file as URL in files where file.pathExtension == "swift" {
        count += 1
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
          #expect(line.firstMatch(of: forbidden) == nil, "\(file.lastPathComponent): \(line)")
        }
      }
      #expect(count > 0)
    }
  }

  @Test func theCoreImportsOnlyItsMutexAndSynchronization() throws {
    let files = try #require(FileManager.default.enumerator(at: root.appending(path: "Sources/IOLinkCore"), includingPropertiesForKeys: nil))
    var imports: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where line.contains("import ") {
        let words = line.split(separator: " ")
        if words.first == "import" || words.dropFirst().first == "import", let name = words.last { imports.insert(String(name)) }
      }
    }
    #expect(imports == ["CMutex", "Synchronization"])
  }
}
