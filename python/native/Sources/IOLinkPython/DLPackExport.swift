import CPython
import IOLink

/// DLPack capsules of a view's memory.
///
/// Source: DLPack 1.0, `dlpack.h` and the Python specification.
enum DLPackExport {
  /// `dlpack(view, versioned, copied)`: a capsule that holds the memory until its consumer lets go.
  ///
  /// - Throws: `BufferError` without MEMORY_ACCESS, for read-only memory in a capsule that cannot say so, and for strides
  ///   that are not a multiple of the item.
  static func capsule(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let isVersioned = try arguments.flag(1)
    let isCopied = try arguments.flag(2)
    guard let export = try box.export() else { throw PythonErrors.buffer("the view has no MEMORY_ACCESS; copy it first") }
    guard isVersioned || export.isWritable else {
      throw PythonErrors.buffer("the view is read-only, which DLPack can express only since version 1.0 (max_version=(1, 0))")
    }
    let tensor = try Tensor(export, of: box)
    return try isVersioned ? versioned(tensor, isCopied: isCopied) : plain(tensor)
  }

  /// What a capsule holds.
  private final class Tensor: @unchecked Sendable {  // immutable after init
    let export: ArrayExport
    private let box: ViewBox
    let sizes: UnsafeMutablePointer<Int64>
    let type: iolink_DLType

    /// Counts as a buffer of the view as long as it lives.
    init(_ export: ArrayExport, of box: ViewBox) throws {
      self.export = export
      self.box = box
      box.countBuffer(1)
      let componentType = export.memory.dataType.componentType
      sizes = .allocate(capacity: max(1, export.rank * 2))
      let code: UInt8 =
        componentType == .boolean ? 6 : componentType.isComplex ? 5 : componentType.isFloatingPoint ? 2 : componentType.isUnsignedInteger ? 1 : 0
      type = iolink_DLType(code: code, bits: UInt8(componentType.byteCount * 8), lanes: 1)
      for dimension in 0..<export.rank {
        let stride = export.strides[dimension]
        guard stride % export.itemSize == 0 else {
          throw PythonErrors.buffer("a stride of \(stride) bytes is not a multiple of the item's \(export.itemSize)")
        }
        sizes[dimension] = Int64(export.shape[dimension])
        sizes[export.rank + dimension] = Int64(stride / export.itemSize)
      }
    }

    deinit {
      box.countBuffer(-1)
      sizes.deallocate()
    }

    var head: iolink_DLTensor {
      iolink_DLTensor(
        data: export.start, device: iolink_DLDevice(type: 1, id: 0), rank: Int32(export.rank), type: type, shape: sizes,
        strides: sizes + export.rank, byte_offset: 0)
    }
  }

  private static let plainName = Permanent.literal("dltensor")
  private static let versionedName = Permanent.literal("dltensor_versioned")

  private static func plain(_ tensor: Tensor) throws -> Object {
    let managed = UnsafeMutablePointer<iolink_DLManaged>.allocate(capacity: 1)
    managed.initialize(
      to: iolink_DLManaged(
        tensor: tensor.head, context: Unmanaged.passRetained(tensor).toOpaque(),
        deleter: { managed in
          guard let managed else { return }
          Unmanaged<Tensor>.fromOpaque(managed.pointee.context).release()
          managed.deallocate()
        }))
    let capsule = PyCapsule_New(managed, plainName.pointer) { capsule in
      // A consumer renames the capsule and calls the deleter itself.
      guard PyCapsule_IsValid(capsule, DLPackExport.plainName.pointer) != 0 else { return }
      let managed = PyCapsule_GetPointer(capsule, DLPackExport.plainName.pointer)?.assumingMemoryBound(to: iolink_DLManaged.self)
      managed?.pointee.deleter(managed)
    }
    if capsule == nil { managed.pointee.deleter(managed) }
    return try Make.checked(capsule)
  }

  private static func versioned(_ tensor: Tensor, isCopied: Bool) throws -> Object {
    let managed = UnsafeMutablePointer<iolink_DLManagedVersioned>.allocate(capacity: 1)
    let flags: UInt64 = (tensor.export.isWritable ? 0 : 1) | (isCopied ? 2 : 0)
    managed.initialize(
      to: iolink_DLManagedVersioned(
        version: iolink_DLVersion(major: 1, minor: 0), context: Unmanaged.passRetained(tensor).toOpaque(),
        deleter: { managed in
          guard let managed else { return }
          Unmanaged<Tensor>.fromOpaque(managed.pointee.context).release()
          managed.deallocate()
        }, flags: flags, tensor: tensor.head))
    let capsule = PyCapsule_New(managed, versionedName.pointer) { capsule in
      guard PyCapsule_IsValid(capsule, DLPackExport.versionedName.pointer) != 0 else { return }
      let managed = PyCapsule_GetPointer(capsule, DLPackExport.versionedName.pointer)?
        .assumingMemoryBound(to: iolink_DLManagedVersioned.self)
      managed?.pointee.deleter(managed)
    }
    if capsule == nil { managed.pointee.deleter(managed) }
    return try Make.checked(capsule)
  }
}
