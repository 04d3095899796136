// swift-tools-version: 6.2
import PackageDescription

/// One row a target: name, folder, what it may import. Arrows point down only.
struct Row {
  enum Kind { case library, executable, c, test, system(pkgConfig: String?, apt: [String]) }
  var kind: Kind
  var name: String
  var path: String
  var uses: [Target.Dependency] = []
  var exclude: [String] = []
  var product = false
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// What compares our readers of HDF5 and PNG with the libraries of these formats. Nothing else needs them, so these rows are left out
/// unless `IOLINK_ORACLE=1` asks for them, as `make test` does.
let oracle =
  Context.environment["IOLINK_ORACLE"] != "1"
  ? []
  : [
    Row(kind: .system(pkgConfig: "hdf5-serial", apt: ["libhdf5-dev"]), name: "CHDF5", path: "Tests/HDF5OracleTests/CHDF5"),
    Row(
      kind: .test, name: "HDF5OracleTests", path: "Tests/HDF5OracleTests",
      uses: ["IOLinkCore", "IOLinkSystem", "HDF5Plugin", "CHDF5"], exclude: ["CHDF5"]),
    Row(kind: .system(pkgConfig: "libpng", apt: ["libpng-dev"]), name: "CPNG", path: "Tests/PNGOracleTests/CPNG"),
    Row(
      kind: .test, name: "PNGOracleTests", path: "Tests/PNGOracleTests",
      uses: ["IOLinkCore", "IOLinkCompression", "IOLinkSystem", "IOLinkTesting", "PNGPlugin", "CPNG"], exclude: ["CPNG"]),
  ]

/// `IOLINK_SMALL=1` leaves out what would make the Python module much larger: the asynchronous forms, and with them Swift's concurrency; and
/// the HDF5 filters ZFP and FCIDECOMP, whose libraries bring OpenMP with them, and for which Python has decoders.
let isSmall = Context.environment["IOLINK_SMALL"] == "1"
let lossyFilters: [Target.Dependency] = isSmall ? [] : ["CZFP", "CCharLS"]

/// What is then compiled for size: the modules that mostly read and write structures. The loops over pixels are in other modules.
let forSize: Set = [
  "HDF5Plugin", "IOLinkSerialization", "IOLinkSystem", "IOLinkTables", "IOLinkXML", "NPYPlugin", "PNGPlugin", "RawPlugin", "TIFFPlugin",
]

let rows: [Row] = [
  Row(kind: .c, name: "CMutex", path: "Sources/CMutex"),
  Row(
    kind: .library, name: "IOLinkCore", path: "Sources/IOLinkCore", uses: ["CMutex"],
    exclude: isSmall ? ["Concurrency/Executor+Async.swift"] : [], product: true),
  Row(
    kind: .test, name: "IOLinkKernelTests", path: "Tests/IOLinkKernelTests", uses: ["IOLinkCore", "IOLinkSystem"],
    exclude: ["make_conversions.py"]),
  Row(kind: .test, name: "IOLinkTests", path: "Tests/IOLinkTests",
    uses: ["IOLinkCore", "IOLinkSystem", "IOLinkTesting", "IOLinkTables", "IOLinkSerialization"]),
  Row(kind: .library, name: "IOLinkTables", path: "Sources/IOLinkTables", uses: ["IOLinkCore"], product: true),
  Row(
    kind: .library, name: "IOLinkSerialization", path: "Sources/IOLinkSerialization", uses: ["IOLinkCore", "IOLinkTables"],
    product: true),
  Row(kind: .c, name: "CFileRange", path: "Sources/CFileRange"),
  Row(
    kind: .library, name: "IOLinkSystem", path: "Sources/IOLinkSystem", uses: ["IOLinkCore", "CMutex", "CFileRange"],
    exclude: isSmall ? ["Async"] : [], product: true),
  Row(kind: .c, name: "CForkSupport", path: "Tests/Helpers/CForkSupport"),
  Row(kind: .c, name: "CSystemCalls", path: "Tests/Helpers/CSystemCalls"),
  Row(
    kind: .executable, name: "SystemTestTool", path: "Tests/Helpers/SystemTestTool",
    uses: ["IOLinkCore", "IOLinkSystem", "CForkSupport", "CSystemCalls"]),
  Row(
    kind: .test, name: "IOLinkSystemTests", path: "Tests/IOLinkSystemTests",
    uses: ["IOLinkCore", "IOLinkSystem", "SystemTestTool"]),

  Row(kind: .system(pkgConfig: "libdeflate", apt: ["libdeflate-dev"]), name: "CDeflate", path: "Sources/IOLinkCompression/CDeflate"),
  Row(kind: .system(pkgConfig: "zlib", apt: ["zlib1g-dev"]), name: "CZlib", path: "Sources/IOLinkCompression/CZlib"),
  Row(kind: .system(pkgConfig: "libisal", apt: ["libisal-dev"]), name: "CISAL", path: "Sources/IOLinkCompression/CISAL"),
  Row(kind: .system(pkgConfig: "libzstd", apt: ["libzstd-dev"]), name: "CZstd", path: "Sources/IOLinkCompression/CZstd"),
  Row(
    kind: .library, name: "IOLinkCompression", path: "Sources/IOLinkCompression",
    uses: ["IOLinkCore", "CDeflate", "CISAL", "CZlib", "CZstd"], exclude: ["CDeflate", "CISAL", "CZlib", "CZstd"],
    product: true),

  Row(kind: .library, name: "NPYPlugin", path: "Plugins/NPY", uses: ["IOLinkCore", "IOLinkCompression"], exclude: ["NPY.md"], product: true),
  Row(kind: .library, name: "RawPlugin", path: "Plugins/Raw", uses: ["IOLinkCore"], exclude: ["Raw.md"], product: true),
  Row(kind: .library, name: "PNGFilters", path: "Plugins/PNG/Filters"),
  Row(
    kind: .library, name: "PNGPlugin", path: "Plugins/PNG", uses: ["IOLinkCore", "IOLinkCompression", "PNGFilters"],
    exclude: ["Filters", "PNG.md"], product: true),
  Row(kind: .system(pkgConfig: "libtiff-4", apt: ["libtiff-dev"]), name: "CTIFF", path: "Plugins/TIFF/CTIFF"),
  Row(kind: .system(pkgConfig: "expat", apt: ["libexpat1-dev"]), name: "CExpat", path: "Sources/IOLinkXML/CExpat"),
  Row(kind: .library, name: "IOLinkXML", path: "Sources/IOLinkXML", uses: ["IOLinkCore", "CExpat"], exclude: ["CExpat"]),
  Row(
    kind: .library, name: "TIFFPlugin", path: "Plugins/TIFF", uses: ["IOLinkCore", "IOLinkCompression", "IOLinkXML", "CTIFF"],
    exclude: ["TIFF.md", "CTIFF"], product: true),
  Row(kind: .system(pkgConfig: "liblz4", apt: ["liblz4-dev"]), name: "CLZ4", path: "Plugins/HDF5/CLZ4"),
  Row(kind: .system(pkgConfig: "blosc", apt: ["libblosc-dev"]), name: "CBlosc", path: "Plugins/HDF5/CBlosc"),
  Row(kind: .system(pkgConfig: "charls", apt: ["libcharls-dev"]), name: "CCharLS", path: "Plugins/HDF5/CCharLS"),
  // Debian's libaec, libbz2 and libzfp come without pkg-config files.
  Row(kind: .system(pkgConfig: nil, apt: ["libaec-dev"]), name: "CAEC", path: "Plugins/HDF5/CAEC"),
  Row(kind: .system(pkgConfig: nil, apt: ["libbz2-dev"]), name: "CBZip2", path: "Plugins/HDF5/CBZip2"),
  Row(kind: .system(pkgConfig: nil, apt: ["libzfp-dev"]), name: "CZFP", path: "Plugins/HDF5/CZFP"),
  Row(
    kind: .library, name: "HDF5Plugin", path: "Plugins/HDF5",
    uses: ["IOLinkCore", "IOLinkCompression", "IOLinkXML", "CLZ4", "CAEC", "CBlosc", "CBZip2"] + lossyFilters,
    exclude: ["HDF5.md", "CLZ4", "CAEC", "CBlosc", "CBZip2", "CZFP", "CCharLS"]
      + (isSmall ? ["Filters/ZFP.swift", "Filters/JPEGLS.swift"] : []), product: true),
  Row(
    kind: .library, name: "IOLinkFormats", path: "Sources/IOLinkFormats",
    uses: ["IOLinkCore", "NPYPlugin", "RawPlugin", "PNGPlugin", "TIFFPlugin", "HDF5Plugin"], product: true),
  Row(kind: .library, name: "IOLink", path: "Sources/IOLink", uses: ["IOLinkCore", "IOLinkSystem", "IOLinkFormats"], product: true),
  Row(kind: .library, name: "IOLinkTesting", path: "Sources/IOLinkTesting", uses: ["IOLinkCore"], product: true),
  Row(
    kind: .executable, name: "IOLinkCommand", path: "Sources/IOLinkCommand",
    uses: ["IOLink", argumentParser], product: true),

  Row(
    kind: .library, name: "ConformanceSupport", path: "Tests/Helpers/ConformanceSupport",
    uses: ["IOLink", "IOLinkTesting"]),
  Row(
    kind: .executable, name: "ConformanceProbe", path: "Tests/Helpers/ConformanceProbe",
    uses: ["IOLinkCore", "IOLinkSystem", "IOLinkTesting", "ConformanceSupport", "CForkSupport"]),
  Row(
    kind: .test, name: "ConformanceTests", path: "Tests/ConformanceTests",
    uses: ["IOLink", "IOLinkTesting", "ConformanceSupport", "ConformanceProbe"]),

  Row(
    kind: .executable, name: "UpdateTool", path: "Tests/Helpers/UpdateTool", uses: ["IOLink"]),
  Row(kind: .test, name: "CLITests", path: "Tests/CLITests", uses: ["IOLinkCommand", "UpdateTool"], exclude: ["Shim"]),
  Row(kind: .test, name: "CorpusTests", path: "Tests/CorpusTests", uses: ["IOLinkCommand"], exclude: ["Results"]),

  Row(kind: .library, name: "PGMExample", path: "Examples/PGM", uses: ["IOLinkCore"]),
  Row(kind: .executable, name: "PGMApp", path: "Examples/PGMApp", uses: ["IOLink", "PGMExample"]),
  Row(kind: .executable, name: "Tour", path: "Examples/Tour", uses: ["IOLink", "PGMExample"]),
  Row(kind: .library, name: "ArticleExamples", path: "Examples/Articles", uses: ["IOLink", "PGMExample"]),

  Row(kind: .test, name: "ConversionTests", path: "Tests/ConversionTests", uses: ["IOLink", "IOLinkCore"]),
  Row(kind: .test, name: "ExampleTests", path: "Tests/ExampleTests", uses: ["IOLinkCore", "IOLinkTesting", "PGMExample"]),
  Row(kind: .test, name: "ReadmeTests", path: "Tests/ReadmeTests", uses: ["IOLink", "IOLinkTesting", "ArticleExamples", "Tour"]),
  Row(
    kind: .test, name: "HDF5PluginTests", path: "Tests/HDF5PluginTests",
    uses: ["IOLinkCore", "IOLinkSystem", "IOLinkCompression", "IOLinkTesting", "HDF5Plugin"],
    exclude: ["Fixtures"]),
  Row(
    kind: .test, name: "PNGPluginTests", path: "Tests/PNGPluginTests",
    uses: ["IOLinkCore", "IOLinkCompression", "IOLinkTesting", "PNGFilters", "PNGPlugin"]),
  Row(kind: .test, name: "TIFFPluginTests", path: "Tests/TIFFPluginTests", uses: ["IOLinkCore", "TIFFPlugin"]),
  Row(kind: .test, name: "NPYPluginTests", path: "Tests/NPYPluginTests", uses: ["IOLinkCore", "NPYPlugin"]),
  Row(kind: .test, name: "RawPluginTests", path: "Tests/RawPluginTests", uses: ["IOLinkCore", "RawPlugin"]),
  Row(
    kind: .test, name: "IOLinkCompressionTests", path: "Tests/IOLinkCompressionTests", uses: ["IOLinkCore", "IOLinkCompression", "HDF5Plugin"],
    exclude: ["Fixtures"]),
] + oracle

/// Strict builds turn warnings into errors; what depends on this package is not touched by them.
let isStrict = Context.environment["IOLINK_STRICT"] == "1"

/// `make docs` asks for the plugin that builds the site; packages that depend on this one never fetch it.
let buildsDocumentation = Context.environment["IOLINK_DOCS"] == "1"

let settings: [SwiftSetting] =
  [
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (isStrict ? [.treatAllWarnings(as: .error)] : []) + (isSmall ? [.define("IOLINK_SMALL")] : [])

let package = Package(
  name: "IOLink",
  products: rows.filter(\.product).map { row in
    if case .executable = row.kind { return .executable(name: "iolink", targets: [row.name]) }
    return .library(name: row.name, targets: [row.name])
  },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ] + (buildsDocumentation ? [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")] : []),
  targets: rows.map { row in
    switch row.kind {
    case .library:
      .target(
        name: row.name, dependencies: row.uses, path: row.path, exclude: row.exclude,
        swiftSettings: settings + (isSmall && forSize.contains(row.name) ? [.unsafeFlags(["-Osize"])] : []))
    case .executable:
      .executableTarget(name: row.name, dependencies: row.uses, path: row.path, exclude: row.exclude, swiftSettings: settings)
    case .c:
      .target(name: row.name, dependencies: row.uses, path: row.path, exclude: row.exclude)
    case .test:
      .testTarget(name: row.name, dependencies: row.uses, path: row.path, exclude: row.exclude, swiftSettings: settings)
    case .system(let pkgConfig, let apt):
      .systemLibrary(name: row.name, path: row.path, pkgConfig: pkgConfig, providers: [.apt(apt), .brew(apt)])
    }
  },
  swiftLanguageModes: [.v6]
)
