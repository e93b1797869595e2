import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipbuild.text.load import SourceError, decode
from lipbuild.text.text import SourceText


def test_positions_count_lines_and_columns_from_1() -> None:
    text = SourceText("c", "ab\r\ncd\ref\n")
    assert text.position(0) == (1, 1)
    assert text.position(4) == (2, 1)
    assert text.position(8) == (3, 2)
    assert text.position(10) == (4, 1)
    assert [text.line(n) for n in range(1, text.line_count + 1)] == ["ab", "cd", "ef", ""]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode("c", b"\xef\xbb\xbfa: 1\n").text == "a: 1\n"


@pytest.mark.parametrize("data", [b"\xff\xfea\x00", b"\x80", b"a: \xe9\n"])
def test_bytes_that_are_no_utf8_are_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="UTF-8"):
        decode("c", data)


@given(st.text(max_size=60), st.integers(0, 60))
def test_a_position_leads_back_to_its_offset(characters: str, offset: int) -> None:
    text = SourceText("c", characters)
    offset = min(offset, len(characters))
    line, column = text.position(offset)
    assert text.line_start(line) + column - 1 == offset
