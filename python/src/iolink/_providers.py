"""What kind of view a view is."""

from ._files import MultiImageView
from ._view import ImageView


def _checked(view, kind):
    if not isinstance(view, kind):
        raise TypeError(f"{type(view).__name__} is no {kind.__name__}")
    return view


class ImageViewProvider:
    """Views that are one image."""

    @staticmethod
    def is_image(view):
        """Whether it is an ``ImageView``."""
        return isinstance(view, ImageView)

    @staticmethod
    def to_image(view):
        """The view as an ``ImageView``; a TypeError where it is none."""
        return _checked(view, ImageView)


class MultiImageViewProvider:
    """Views that hold several images: what ``iolink.open`` gives, and ``open_view`` of a file with several."""

    @staticmethod
    def is_multi_image(view):
        """Whether it is a ``MultiImageView``."""
        return isinstance(view, MultiImageView)

    @staticmethod
    def to_multi_image(view):
        """The view as a ``MultiImageView``; a TypeError where it is none."""
        return _checked(view, MultiImageView)
