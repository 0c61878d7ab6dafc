"""Which city of the closed list a factory is in, whatever language and spelling it is stated in.

Applications state the city in words of their own. Only codes are kept: of a place that is not known
no more than that it is elsewhere in Guangdong.
"""

import re
from functools import lru_cache
from typing import Final
from unicodedata import normalize

from services.portal.web.wording import WORDING

HONG_KONG: Final = "hong-kong"
OTHER_GUANGDONG: Final = "other-guangdong"
ELSEWHERE: Final = "elsewhere"
NO_FACTORY: Final = "no-factory"
_PARTS: Final = re.compile(r"[,;/()·]")
_DROPPED: Final = re.compile(r"[\s'\u2019.-]|^(?:guangdong|廣東省|广东省)|(?:city|市|province)$")
# Towns and districts that applicants name in place of the city.
_WITHIN: Final = {
    "guangzhou": ("Panyu", "Nansha", "Huadu", "Zengcheng", "番禺", "南沙", "花都", "增城"),
    "shenzhen": ("Bao'an", "Longgang", "Longhua", "Guangming", "寶安", "宝安", "龍崗", "龙岗"),
    "foshan": ("Shunde", "Nanhai", "Sanshui", "Gaoming", "順德", "顺德", "南海", "三水", "高明"),
    "dongguan": ("Chang'an", "Humen", "Houjie", "Qingxi", "長安", "长安", "虎門", "虎门", "厚街"),
    "jiangmen": ("Xinhui", "Heshan", "Kaiping", "Taishan", "新會", "新会", "鶴山", "鹤山", "開平"),
    "huizhou": ("Boluo", "Huiyang", "Zhongkai", "博羅", "博罗", "惠陽", "惠阳", "仲愷", "仲恺"),
}


def _folded(text: str) -> str:
    plain = normalize("NFKC", text).casefold().strip()
    while (shorter := _DROPPED.sub("", plain)) != plain:
        plain = shorter
    return plain


def _names() -> dict[str, str]:
    cities = {
        _folded(name): key.removeprefix("city.")
        for words in WORDING.values()
        for key, name in words.items()
        if key.startswith("city.")
    }
    return cities | {_folded(each): code for code, names in _WITHIN.items() for each in names}


_NAMES: Final = _names()
_CHINESE: Final = {name: code for name, code in _NAMES.items() if not name.isascii()}


@lru_cache(4096)
def place_of(place: str, city: str) -> str:
    """Return the code of a factory's city."""
    if place != "guangdong":
        return HONG_KONG if place == "hong-kong" else ELSEWHERE
    parts = [_folded(each) for each in (city, *_PARTS.split(normalize("NFKC", city)))]
    known = (_NAMES.get(each) or _longer(each) for each in parts)
    return next((each for each in known if each), OTHER_GUANGDONG)


def _longer(name: str) -> str | None:
    """Return the city at the beginning of a longer Chinese name, as of a town with its city."""
    return next((code for start, code in _CHINESE.items() if name.startswith(start)), None)
