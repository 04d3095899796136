"""What kind of view a view is."""

from ._arguments import instance
from ._multi_image import MultiImageView
from ._view import ImageView


class ImageViewProvider:
    """Views that are one image."""

    @staticmethod
    def is_image(view):
        """Whether it is an ``ImageView``."""
        return isinstance(view, ImageView)

    @staticmethod
    def to_image(view):
        """The view as an ``ImageView``. Raises ``ArgumentTypeError``, a ``TypeError``, for any other kind of view."""
        return instance(view, "view", ImageView, "an ImageView")


class MultiImageViewProvider:
    """Views that hold several images: what ``iolink.open`` gives, and ``open_view`` of a file with several."""

    @staticmethod
    def is_multi_image(view):
        """Whether it is a ``MultiImageView``."""
        return isinstance(view, MultiImageView)

    @staticmethod
    def to_multi_image(view):
        """The view as a ``MultiImageView``. Raises ``ArgumentTypeError``, a ``TypeError``, for any other kind of view."""
        return instance(view, "view", MultiImageView, "a MultiImageView")
