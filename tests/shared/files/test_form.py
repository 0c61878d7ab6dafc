"""Content that is not UTF-8 text is recognised and named, never decoded by guess."""

import bz2
import gzip
import io
import lzma
import zipfile

import pytest

from shared.files.form import UnusableFileError, check_form, form_of, opened_text, read_text

TRADITIONAL = "類別,名稱\n製造業,光輝紡織有限公司\n,香港生產力促進局\n"
SIMPLIFIED = "类别,名称\n制造业,光辉纺织有限公司\n,香港生产力促进局\n"


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return made.getvalue()


FORMS = {
    "UTF-16 with a mark": ("name,城市\n".encode("utf-16"), "UTF-16"),
    "UTF-16, big-endian": (b"\xfe\xff" + TRADITIONAL.encode("utf-16-be"), "UTF-16"),
    "UTF-16 without a mark": (b"n\0a\0m\0e\0\n\0", "UTF-16"),
    "UTF-16 without a mark, big-endian": (b'\0{\0"\0a', "UTF-16"),
    "UTF-32": ("name\n".encode("utf-32"), "UTF-32"),
    "UTF-32 without a mark": ("name\n".encode("utf-32-be"), "UTF-32"),
    "Big5": (TRADITIONAL.encode("big5"), "Big5"),
    "Big5 with characters of Hong Kong": ("深水埗,啟德,鰂魚涌有限公司".encode("big5hkscs"), "Big5"),
    "GBK": (SIMPLIFIED.encode("gbk"), "GB18030"),
    "GB18030": (SIMPLIFIED.encode("gb18030"), "GB18030"),
    "GB18030 of traditional characters": (TRADITIONAL.encode("gb18030"), "GB18030"),
    "a name of two characters": ("name\n东莞\n".encode("gb18030"), "GB18030"),
    "what may be both": (b"name\n\xb6\xc0\n", "Big5 or GB18030"),
    "gzip": (gzip.compress(b"name\n", mtime=0), "gzip"),
    "bzip2": (bz2.compress(b"name\n"), "bzip2"),
    "xz": (lzma.compress(b"name\n"), "xz"),
    "zstd": (b"\x28\xb5\x2f\xfd\x24\x05", "zstd"),
    "an Excel workbook": (zipped(), "an Excel workbook"),
    "an old Excel workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook"),
}
UTF_8 = {
    "nothing": b"",
    "ASCII": b"name\n",
    "UTF-8": TRADITIONAL.encode(),
    "UTF-8 with a mark": ("\ufeff" + SIMPLIFIED).encode(),
    "a null byte": b'{"a": "\0"}',
}
NOT_RECOGNISED = {
    "one wrong byte": b"name\n\xff\n",
    "one wrong byte in UTF-8": TRADITIONAL.encode() + b"\xff",
    "one line of Big5 in UTF-8": TRADITIONAL.encode() + "光輝紡織".encode("big5"),
    "Latin-1": "name\nSociété Générale à Genève\n".encode("latin-1"),
    "half a surrogate pair": "光\ud800輝".encode(errors="surrogatepass"),
}


def write(tmp_path, content):
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_named_with_what_to_do(tmp_path, name):
    content, told = FORMS[name]
    form = form_of(content)

    assert form
    assert form.name.startswith(told)
    assert "Must be" in form.remedy
    for read in (check_form, read_text):
        with pytest.raises(UnusableFileError, match=f"this is {told}"):
            read(write(tmp_path, content))


@pytest.mark.parametrize("name", UTF_8)
def test_text_in_utf_8_is_taken(tmp_path, name):
    file = write(tmp_path, UTF_8[name])

    assert form_of(UTF_8[name]) is None
    assert read_text(file) == UTF_8[name].decode("utf-8-sig")


@pytest.mark.parametrize("name", NOT_RECOGNISED)
def test_what_is_wrong_in_places_is_left_to_the_checks_of_each_line(tmp_path, name):
    file = write(tmp_path, NOT_RECOGNISED[name])

    assert form_of(NOT_RECOGNISED[name]) is None
    with opened_text(file) as opened:
        assert any("\ud800" <= each <= "\udfff" for each in opened.read())
    with pytest.raises(UnusableFileError, match="must be text in UTF-8"):
        read_text(file)


def test_an_encoding_is_recognised_behind_much_ascii(tmp_path):
    rows = b"2018,partner-manufacturing,Bright Textiles Limited\n" * 50_000

    with pytest.raises(UnusableFileError, match="this is Big5"):
        check_form(write(tmp_path, rows + TRADITIONAL.encode("big5")))
