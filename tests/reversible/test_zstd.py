"""A frame comes back, and what it claims is checked first."""

import pytest
import zstandard

from sottovoce.reversible import zstd


@pytest.mark.parametrize("data", [b"", b"a", bytes(5_000_000), bytes(range(256)) * 5])
def test_what_is_compressed_comes_back(data: bytes) -> None:
    assert zstd.decompress(zstd.compress(data)) == data


def test_the_smallest_frames_that_there_are_may_be_read() -> None:
    zeros = bytes(1 << 23)
    assert zstd.decompress(zstandard.compress(zeros, 22)) == zeros


def test_a_size_that_cannot_be_is_refused_before_it_is_allocated() -> None:
    honest = zstd.compress(bytes(1 << 20))
    assert zstandard.get_frame_parameters(honest).content_size == 1 << 20
    head = bytes.fromhex("28b52ffd e0") + (10 * 2**40).to_bytes(8, "little")  # single segment, a size of 8 bytes
    assert zstandard.frame_content_size(head) == 10 * 2**40
    with pytest.raises(ValueError, match="claims more"):
        zstd.decompress(head + honest[9:])


@pytest.mark.parametrize("frame", [b"", b"text", zstandard.compress(b"text")[:-1]])
def test_what_is_no_frame(frame: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        zstd.decompress(frame)


def test_a_frame_without_a_size_is_not_ours() -> None:
    with pytest.raises(ValueError, match="claims more"):
        zstd.decompress(zstandard.ZstdCompressor(write_content_size=False).compress(b"text"))
