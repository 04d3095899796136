/// An image that can grow while it is open, because another program is still writing its file.
///
/// A view never changes: its shape is the one that the image had when it was opened. ``refreshed()`` returns a view of the image as it is
/// now. Views that are made of this one, such as a crop, are not refreshable; refresh the image, and crop it again.
public protocol RefreshableImageView: ImageView {
  /// Returns the image as its file describes it now.
  ///
  /// This view stays valid, with its own shape. Closing the file closes both.
  ///
  /// - Throws: `notFound` when the file does not have the image any more; `malformed`, `truncated` or `unsupported` when its description is
  ///   damaged; `limitExceeded` when reading that takes more than the limits allow; `io` when the system fails; `invalidArgument` when
  ///   the file is closed.
  func refreshed() throws(IOLinkError) -> any ImageView
}
