"""How the process uses memory: tuned once, for services that handle batches all day."""

import ctypes
import gc
import sys
from typing import Final

_M_TRIM_THRESHOLD: Final = -1  # all of glibc's malloc.h
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 8 * 1024 * 1024  # more than a batch needs in one piece
_SPARE_BYTES: Final = 32 * 1024 * 1024  # what stays at the heap's end when it is free


def keep_memory_in_one_place() -> None:
    """Let all threads share one heap; to be called before there are threads. Linux with glibc only.

    By default each thread that carries batches to MongoDB would keep a heap of its own. What a
    batch needs for a moment, a megabyte or so from Kafka and for MongoDB, comes from the heap and
    stays there when it is free: were it taken from the system with every batch, its pages would
    come anew each time, which costs a tenth.
    """
    if libc := _glibc():
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, _SPARE_BYTES)


def tune_garbage_collection() -> None:
    """Collect garbage less often, and never look again at what lives from start to end.

    Called once, after everything is set up: a quarter more throughput, and the longest pauses gone.
    Until then nothing is collected (`starting.py`), so there is something to give back.
    """
    gc.collect()
    if libc := _glibc():
        libc.malloc_trim(0)
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


def _glibc() -> ctypes.CDLL | None:
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        return libc
    return None
