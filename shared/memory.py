"""How the process uses memory: tuned once, for services that handle batches all day."""

import ctypes
import gc
import sys
from typing import Final

_M_MMAP_THRESHOLD: Final = -3  # both of glibc's malloc.h
_M_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 256 * 1024


def keep_memory_in_one_place() -> None:
    """Let all threads share one heap; to be called before there are threads. Linux with glibc only.

    By default each thread that carries batches to MongoDB would keep a heap of its own, and what is
    fetched from Kafka, up to a megabyte for each partition, would leave holes in it: what is so
    large is given back when it is free.
    """
    if libc := _glibc():
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


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
