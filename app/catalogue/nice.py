"""The 45 classes of the Nice Classification in a few words each; the number decides, the words help to find it.

Classes 1 to 34 are goods, 35 to 45 services (Nice Agreement, WIPO). The words are short names of the class headings.
"""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy

NICE = "nice_class"
"""The key of the questions that ask for them."""
CLASSES: Mapping[str, LazyString] = {
    "1": lazy("Chemicals"),
    "2": lazy("Paints and varnishes"),
    "3": lazy("Cosmetics and cleaning preparations"),
    "4": lazy("Lubricants and fuels"),
    "5": lazy("Pharmaceuticals"),
    "6": lazy("Metals and metal goods"),
    "7": lazy("Machines and motors"),
    "8": lazy("Hand tools"),
    "9": lazy("Scientific and electronic apparatus, software"),
    "10": lazy("Medical apparatus"),
    "11": lazy("Lighting, heating, cooling, sanitary apparatus"),
    "12": lazy("Vehicles"),
    "13": lazy("Firearms and fireworks"),
    "14": lazy("Jewellery and clocks"),
    "15": lazy("Musical instruments"),
    "16": lazy("Paper goods and stationery"),
    "17": lazy("Rubber and plastics, half-finished"),
    "18": lazy("Leather goods and bags"),
    "19": lazy("Building materials, not of metal"),
    "20": lazy("Furniture"),
    "21": lazy("Household and kitchen utensils"),
    "22": lazy("Ropes, nets and tents"),
    "23": lazy("Yarns and threads"),
    "24": lazy("Fabrics and bed linen"),
    "25": lazy("Clothing, footwear, headwear"),
    "26": lazy("Buttons, zips and lace"),
    "27": lazy("Carpets and floor coverings"),
    "28": lazy("Games, toys, sporting goods"),
    "29": lazy("Meat, dairy, preserved foods"),
    "30": lazy("Coffee, tea, flour, bakery, seasonings"),
    "31": lazy("Fresh produce, live animals, feed"),
    "32": lazy("Beers and soft drinks"),
    "33": lazy("Alcoholic beverages except beers"),
    "34": lazy("Tobacco and smokers’ articles"),
    "35": lazy("Advertising, business, retail"),
    "36": lazy("Insurance, finance, real estate"),
    "37": lazy("Construction, installation, repair"),
    "38": lazy("Telecommunications"),
    "39": lazy("Transport, storage, travel"),
    "40": lazy("Treatment of materials"),
    "41": lazy("Education, entertainment, sport"),
    "42": lazy("Science, technology, software services"),
    "43": lazy("Restaurants and accommodation"),
    "44": lazy("Medical, beauty and agricultural services"),
    "45": lazy("Legal, security and personal services"),
}
