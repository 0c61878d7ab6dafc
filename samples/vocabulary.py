"""The words from which enterprises, factories, projects and people are invented.

Every entry is given in English, Traditional and Simplified Chinese, in this order.
"""

from typing import Final, TypeAlias

Words: TypeAlias = tuple[str, str, str]

SYLLABLES: Final[tuple[Words, ...]] = (
    ("Cheong", "昌", "昌"),
    ("Chun", "俊", "俊"),
    ("Fai", "輝", "辉"),
    ("Fung", "豐", "丰"),
    ("Hing", "興", "兴"),
    ("Ka", "嘉", "嘉"),
    ("Kin", "建", "建"),
    ("Kwong", "光", "光"),
    ("Lok", "樂", "乐"),
    ("Mei", "美", "美"),
    ("Ming", "明", "明"),
    ("On", "安", "安"),
    ("Po", "寶", "宝"),
    ("San", "新", "新"),
    ("Shun", "順", "顺"),
    ("Sing", "盛", "盛"),
    ("Tak", "德", "德"),
    ("Tat", "達", "达"),
    ("Wah", "華", "华"),
    ("Wing", "永", "永"),
    ("Yat", "日", "日"),
    ("Yiu", "耀", "耀"),
)

TRADES: Final[dict[str, tuple[Words, ...]]] = {
    "chemical-products": (
        ("Chemicals", "化工", "化工"),
        ("Coatings", "塗料", "涂料"),
        ("Inks", "油墨", "油墨"),
    ),
    "food-and-beverage": (
        ("Foods", "食品", "食品"),
        ("Beverages", "飲品", "饮品"),
        ("Bakery", "餅食", "饼食"),
    ),
    "furniture": (("Furniture", "傢俬", "家私"), ("Woodwork", "木業", "木业")),
    "metal-and-metal-products": (
        ("Metal Products", "五金", "五金"),
        ("Electroplating", "電鍍", "电镀"),
        ("Die Casting", "壓鑄", "压铸"),
    ),
    "non-metallic-mineral-products": (
        ("Ceramics", "陶瓷", "陶瓷"),
        ("Glass", "玻璃", "玻璃"),
        ("Building Materials", "建材", "建材"),
    ),
    "paper-and-paper-products": (
        ("Paper Products", "紙品", "纸品"),
        ("Packaging", "包裝", "包装"),
    ),
    "printing-and-publishing": (("Printing", "印刷", "印刷"), ("Colour Printing", "彩印", "彩印")),
    "textiles": (
        ("Textiles", "紡織", "纺织"),
        ("Dyeing", "漂染", "漂染"),
        ("Knitting", "針織", "针织"),
    ),
    "other": (
        ("Toys", "玩具", "玩具"),
        ("Electronics", "電子", "电子"),
        ("Watches", "鐘錶", "钟表"),
    ),
}
PRIORITY_INDUSTRIES: Final = tuple(name for name in TRADES if name != "other")
SOURCING: Final[Words] = ("Sourcing", "採購", "采购")
ENVIRONMENTAL: Final[Words] = ("Environmental Technology", "環保科技", "环保科技")

CITIES: Final[dict[str, tuple[Words, ...]]] = {
    "guangdong": (
        ("Dongguan", "東莞", "东莞"),
        ("Foshan", "佛山", "佛山"),
        ("Guangzhou", "廣州", "广州"),
        ("Heyuan", "河源", "河源"),
        ("Huizhou", "惠州", "惠州"),
        ("Jiangmen", "江門", "江门"),
        ("Meizhou", "梅州", "梅州"),
        ("Qingyuan", "清遠", "清远"),
        ("Shantou", "汕頭", "汕头"),
        ("Shaoguan", "韶關", "韶关"),
        ("Shenzhen", "深圳", "深圳"),
        ("Zhaoqing", "肇慶", "肇庆"),
        ("Zhongshan", "中山", "中山"),
        ("Zhuhai", "珠海", "珠海"),
    ),
    "hong-kong": (
        ("Chai Wan", "柴灣", "柴湾"),
        ("Fo Tan", "火炭", "火炭"),
        ("Kwai Chung", "葵涌", "葵涌"),
        ("Kwun Tong", "觀塘", "观塘"),
        ("Tai Po", "大埔", "大埔"),
        ("Tsuen Wan", "荃灣", "荃湾"),
        ("Tuen Mun", "屯門", "屯门"),
        ("Yuen Long", "元朗", "元朗"),
    ),
    "elsewhere": (
        ("Haiphong", "海防", "海防"),
        ("Ningbo", "寧波", "宁波"),
        ("Wuxi", "無錫", "无锡"),
        ("Xiamen", "廈門", "厦门"),
    ),
}

MEASURES: Final[tuple[Words, ...]] = (
    ("Waste heat recovery from air compressors", "空壓機餘熱回收", "空压机余热回收"),
    ("Activated carbon filters for exhaust air", "廢氣活性炭吸附", "废气活性炭吸附"),
    ("Variable-speed drives for pumps and fans", "水泵及風機變頻", "水泵及风机变频"),
    ("Low-NOx burners for steam boilers", "鍋爐低氮燃燒器", "锅炉低氮燃烧器"),
    ("Recycling of rinsing water", "清洗水循環再用", "清洗水循环再用"),
    ("Water-borne coating line", "水性塗裝線", "水性涂装线"),
    ("Regenerative thermal oxidiser", "蓄熱式焚化爐", "蓄热式焚化炉"),
    ("Recovery of solvents from spent ink", "廢油墨溶劑回收", "废油墨溶剂回收"),
    ("Heat pumps for process hot water", "工序熱水熱泵", "工序热水热泵"),
    ("Sludge drying with waste heat", "餘熱污泥乾化", "余热污泥干化"),
)
NEW_TECHNOLOGIES: Final[tuple[Words, ...]] = (
    ("Low-temperature catalytic oxidation", "低溫催化氧化", "低温催化氧化"),
    ("Dyeing in supercritical carbon dioxide", "超臨界二氧化碳染色", "超临界二氧化碳染色"),
    ("Membrane concentration of effluent", "廢水膜濃縮", "废水膜浓缩"),
    ("UV-LED curing", "UV-LED固化", "UV-LED固化"),
    ("Self-learning boiler control", "鍋爐智能控制", "锅炉智能控制"),
    ("Photocatalytic removal of odour", "光催化除臭", "光催化除臭"),
)
SUBJECTS: Final[dict[str, Words]] = {
    "assessment": ("On-site assessment", "實地評估", "实地评估"),
    "demonstration": ("Demonstration", "示範項目", "示范项目"),
    "demonstration-i": ("Demonstration (i)", "示範項目(I)", "示范项目(I)"),
    "demonstration-ii": ("Demonstration (ii)", "示範項目(II)", "示范项目(II)"),
    "verification": ("Verification", "核證", "核证"),
    "new-technology": ("New technology", "新技術", "新技术"),
    "organisation-support": ("Promotion to the trade", "業界推廣", "业界推广"),
}

SURNAMES: Final[tuple[Words, ...]] = (
    ("Chan", "陳", "陈"),
    ("Cheung", "張", "张"),
    ("Ho", "何", "何"),
    ("Lam", "林", "林"),
    ("Lee", "李", "李"),
    ("Leung", "梁", "梁"),
    ("Mak", "麥", "麦"),
    ("Ng", "吳", "吴"),
    ("Wong", "黃", "黄"),
    ("Yeung", "楊", "杨"),
)
GIVEN_NAMES: Final[tuple[Words, ...]] = (
    ("Chi Keung", "志強", "志强"),
    ("Ka Ming", "家明", "家明"),
    ("Kit Yee", "潔儀", "洁仪"),
    ("Mei Ling", "美玲", "美玲"),
    ("Siu Fan", "小芬", "小芬"),
    ("Tsz Ching", "子晴", "子晴"),
    ("Wai Man", "偉文", "伟文"),
    ("Yuk Lan", "玉蘭", "玉兰"),
)
