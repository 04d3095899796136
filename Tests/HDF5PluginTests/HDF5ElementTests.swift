import Foundation
import HDF5Plugin
import IOLinkCore
import Testing

/// Numbers in every form and attributes of every class, in a file that h5py wrote (Fixtures/elements.py).
struct HDF5ElementTests {
  /// The elements of a dataset as libhdf5 converts them to float64.
  struct Entry: CustomTestStringConvertible, Sendable {
    let name: String
    let values: [Double]
    var testDescription: String { name }
  }

  private static let table: [Entry] = {
    guard let text = try? String(contentsOf: HDF5FormatFile.fixtures.appending(path: "elements.txt"), encoding: .utf8) else { return [] }
    return text.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      return Entry(name: String(words[0]), values: words.dropFirst().map { Double($0) ?? 99 })
    }
  }()

  private static let file = Result { try HDF5FixtureTests.open("../Tests/HDF5PluginTests/Fixtures/elements.h5") }

  private func image(_ name: String) throws -> any ImageView { try Self.file.get().image(named: name) }

  private func parts(_ image: any ImageView) throws -> [Double] {
    try NumericArray(image.dataType.componentType, shape: Array(image.shape), bytes: image.bytes(of: Region(of: image.shape))).parts
  }

  @Test func tableHasEntries() { #expect(Self.table.count == 20) }

  @Test(arguments: table)
  func numbersAreThoseOfTheLibrary(_ entry: Entry) throws {
    let found = try parts(image(entry.name))
    #expect(found.count == entry.values.count)
    for (index, (value, wanted)) in zip(found, entry.values).enumerated() where !(value.isNaN && wanted.isNaN) {
      #expect(value == wanted && value.sign == wanted.sign, "element \(index)")
    }
  }

  /// The narrowest type that holds every value, and a note where no type in memory is the stored one.
  @Test(arguments: [
    ("bfloat16", .float32, "bfloat16"), ("bfloat16_big", .float32, "bfloat16"), ("float8_e4m3", .float32, "float8 E4M3"),
    ("float8_e5m2", .float32, "float8 E5M2"), ("float24", .float32, "float of 24 bits (7 of exponent, 16 of mantissa)"),
    ("float32_far", .float64, "float of 32 bits (8 of exponent, 23 of mantissa)"),
    ("float16_in_4", .float32, "float of 16 bits (5 of exponent, 10 of mantissa)"),
    ("float32_in_12", .float32, "float of 32 bits (8 of exponent, 23 of mantissa)"),
    ("vax_f", .float64, "float of 32 bits (8 of exponent, 23 of mantissa, order of the VAX)"),
    ("vax_g", .float64, "float of 64 bits (11 of exponent, 52 of mantissa, order of the VAX)"),
    ("int24", .int32, "signed integer of 24 bits in 3 bytes"), ("uint40_packed", .uint64, "unsigned integer of 40 bits in 7 bytes"),
    ("int12_packed_big", .int16, nil), ("int33_in_16", .int64, "signed integer of 33 bits in 16 bytes"),
    ("complex_f16le", .complex64, "complex of float of 16 bits"), ("complex_f32be", .complex64, nil), ("complex_f64le", .complex128, nil),
    ("halves", .complex64, "complex of float of 16 bits"), ("bits16", .uint16, nil), ("time32", .int32, "time of 32 bits"),
  ] as [(String, DataType, String?)])
  func typesAndNotes(_ name: String, _ type: DataType, _ note: String?) throws {
    let image = try image(name)
    #expect(image.dataType == type)
    #expect(image.metadata["/hdf5/stored_type"]?.text == note)
  }

  @Test func elementsThatTheLibraryDoesNotConvert() throws {
    #expect(try parts(image("bits16")) == [0xfffe, 0x0102])
    #expect(try parts(image("time32")) == [-1, 256])
    #expect(#expect(throws: IOLinkError.self) { try image("float80") }?.code == .unsupported)
  }

  @Test func attributesOfEveryClass() throws {
    let metadata = try image("holder").metadata
    func value(_ name: String) -> MetadataValue? { metadata["/hdf5/attributes/" + name] }
    func numbers<Number: BitwiseCopyable>(_ values: [Number], _ type: ComponentType, _ shape: [Int]) throws -> MetadataValue {
      .numbers(try NumericArray(type, shape: shape, bytes: unsafe values.withUnsafeBytes { unsafe Array($0) }))
    }
    #expect(value("z_texts") == .texts(["one", "three"]))
    #expect(value("y_text") == .text("a µ"))
    #expect(value("x_empty_text") == .texts([]))
    #expect(try value("w_empty_number") == numbers([Float](), .float32, [0]))
    #expect(value("v_boolean") == .boolean(true))
    #expect(try value("u_enumeration") == numbers([Int16(5)], .int16, []))
    #expect(try value("t_compound/count") == numbers([UInt16(7)], .uint16, []))
    #expect(value("t_compound/size") == .real(2.5))
    #expect(try value("s_compounds/a") == numbers([Int32(1), 3], .int32, [2]))
    #expect(try value("s_compounds/b/c") == numbers([Int32(2), 4], .int32, [2]))
    #expect(value("s_compounds/b/d") == .texts(["ab", "c"]))
    #expect(value("r_object") == .text("/holder"))
    #expect(value("q_objects") == .texts(["/group", "", "/"]))
    #expect(value("p_region") == .text("a region of /holder"))
    #expect(try value("o_sequence") == numbers([Int32(1), 2, 3], .int32, [3]))
    #expect(try value("n_sequences/0") == numbers([1.5], .float64, [1]))
    #expect(try value("n_sequences/1") == numbers([Double](), .float64, [0]))
    #expect(value("m_opaque") == .bytes([1, 2, 3]))
    #expect(try value("l_arrays/pair") == numbers([Int32(1), 2, 3, 4], .int32, [2, 2]))
    #expect(try value("k_complex") == numbers([1.0, 2.0], .complex128, [1]))
    #expect(value("j_long") == .bytes(Self.long([0xc0, 0xff, 0x3f]) + Self.long([0x80, 0, 0xc0])))
    #expect(value("i_texts") == .texts(["a", "", "ccc"]))
    #expect(value("g_reference_lists/0") == .texts(["/group", "/holder"]))
    #expect(value("f_new_references") == .texts(["/group", "a region of /holder", "attribute y_text of /holder", ""]))
    #expect(try value("e_time") == numbers([Int32(258)], .int32, []))
    #expect(try value("d_bfloat16") == numbers([Float(1.5)], .float32, []))
  }

  /// A float of 80 bits in 16 bytes, of whose mantissa only the first byte is not 0.
  private static func long(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, 0, 0, 0, 0] + bytes + [0, 0, 0, 0, 0, 0] }

  /// The attributes were created in the reverse order of their names.
  @Test func attributesAreInTheOrderOfCreation() throws {
    let names = try image("holder").metadata[child: "hdf5"]?[child: "attributes"]?.children.map(\.name) ?? []
    #expect(names.count == 22 && names == names.sorted(by: >))
  }

  @Test func commentsAreMetadata() throws {
    #expect(try image("holder").metadata["/hdf5/comment"] == .text("measured twice"))
    #expect(try image("int24").metadata["/hdf5/comment"] == nil)
  }
}
