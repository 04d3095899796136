import Foundation
import IOLink
import Testing

/// The README and the pages of the documentation agree with the code.
@Suite struct ReadmeTests {
  private func text(_ path: String) throws -> String { try Quotations.text(path) }

  @Test func theSwiftBlocksStandInCompiledExamples() throws {
    let documents = try ["README.md"] + Quotations.files("md", below: "Sources")
    let examples = try Quotations.files("swift", below: "Examples", "Tests/ExampleTests")
    let pieces = try examples.flatMap { example in
      try Quotations.pieces(of: example).map { (name: "\(example), \($0.name)", lines: $0.lines) }
    }
    var quoted: Set<String> = []
    for document in documents {
      for block in try Quotations.blocks(of: document) {
        let piece = pieces.first { $0.lines == block }
        #expect(piece != nil, "\(document): not in the examples: \(block.first ?? "")")
        if let piece { quoted.insert(piece.name) }
      }
    }
    #expect(try Quotations.blocks(of: "README.md").count == 4)
    #expect(quoted == Set(pieces.map(\.name)), "pieces that no document quotes")
  }

  @Test(arguments: ["IOLinkCore", "IOLinkSystem"])
  func theLandingPageListsEveryType(_ module: String) throws {
    let declaration = /^public (?:final )?(?:class|struct|enum|protocol|typealias) (\w+)/.anchorsMatchLineEndings()
    let page = try text("Sources/\(module)/\(module).docc/\(module).md")
    let listed = page.matches(of: /^- ``(\w+)``/.anchorsMatchLineEndings()).map { String($0.1) }
    let declared = try Quotations.files("swift", below: "Sources/\(module)").flatMap { file in
      try text(file).matches(of: declaration).map { String($0.1) }
    }
    #expect(listed.sorted() == declared.sorted())
    #expect(!declared.isEmpty)
  }

  @Test func theReadmeListsEveryKey() throws {
    let readme = try text("README.md")
    for key in MetadataKey.all {
      let path = key.path.replacing("*", with: key.isAboutChannels ? "<index>" : "<axis>")
      #expect(readme.contains("`\(path)`"), "\(key.path)")
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
      let files = try Quotations.files("swift", below: folder)
      #expect(!files.isEmpty)
      for file in files {
        for line in try text(file).split(separator: "\n") {
          #expect(line.firstMatch(of: forbidden) == nil, "\(file): \(line)")
        }
      }
    }
  }

  @Test func theCoreImportsOnlyItsMutexAndSynchronization() throws {
    var imports: Set<String> = []
    for file in try Quotations.files("swift", below: "Sources/IOLinkCore") {
      for line in try text(file).split(separator: "\n") where line.contains("import ") {
        let words = line.split(separator: " ")
        if words.first == "import" || words.dropFirst().first == "import", let name = words.last { imports.insert(String(name)) }
      }
    }
    #expect(imports == ["CMutex", "Synchronization"])
  }
}
