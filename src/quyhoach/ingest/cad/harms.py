"""What the CAD libraries raise, in practice, on files that are not what they should be."""

import struct


def harms() -> tuple[type[Exception], ...]:
    """Exceptions that mean a broken file or entity. MemoryError is none: it means that the limits are reached."""
    from ezdxf.lldxf.const import DXFError
    from shapely.errors import ShapelyError

    return (
        DXFError,
        ShapelyError,
        OSError,
        ArithmeticError,
        AssertionError,
        AttributeError,
        EOFError,
        LookupError,
        RuntimeError,
        StopIteration,
        TypeError,
        ValueError,
        struct.error,
    )


def reason_of(error: BaseException) -> str:
    """A library's words on one line, not too many of them."""
    return " ".join(str(error).split())[:200]
