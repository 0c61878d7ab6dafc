"""Pages with a table: values are shown as text, whatever they are."""

from shared.http.html import table_page


def test_values_are_text_and_never_markup():
    page = table_page("<b>", ("a & b",), [("<script>alert(1)</script>", 3)])
    text = bytes(page.body).decode()

    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</td><td>3</td>" in text
    assert "<h1>&lt;b&gt;</h1>" in text
    assert "a &amp; b" in text


def test_a_page_loads_nothing():
    assert "default-src 'none'" in table_page("a", (), []).headers["content-security-policy"]
