"""What people in Germany call places abroad, where libphonenumber knows them in English only.

By country code, the English name as libphonenumber writes it first. Names that German texts of today use; none that
only history does.
"""

from __future__ import annotations

from app.core.phones.places import Names

#: Numbers of no country: freephone, satellites and the like.
INTERNATIONAL = Names("International", "International")

#: Misspelt in the data, or spelt in two ways.
SPELLING = {
    "Abu dhabi": "Abu Dhabi",
    "British Colombia": "British Columbia",
    "Chernigov region": "Chernihiv",
    "Esksehir": "Eskişehir",
    "Kyiv city": "Kyiv",
    "Sevastopol city": "Sevastopol",
}

#: Regions of a neighbour under names that the occupier gave them: nothing but the country of the numbers is sure.
NOT_NAMED = {
    "7": frozenset(("Donetsk People's Republic", "Luhansk People's Republic", "Kherson Region", "Sevastopol")),
}

GERMAN = {
    "1": {
        "California": "Kalifornien",
        "Newfoundland and Labrador": "Neufundland und Labrador",
        "Northwest Territories/Nunavut/Yukon": "Nordwest-Territorien/Nunavut/Yukon",
        "Washington State": "Bundesstaat Washington",
    },
    "20": {"Cairo/Giza/Qalyubia": "Kairo/Gizeh"},
    "30": {
        "Athens/Piraeus/Salamina": "Athen/Piräus/Salamis",
        "Corfu": "Korfu",
        "Corfu Island": "Korfu",
        "Corinth": "Korinth",
        "Heraklion": "Iraklio",
        "Rhodes": "Rhodos",
    },
    "31": {"The Hague": "Den Haag"},
    "33": {"Dunkirk": "Dünkirchen", "Mulhouse": "Mülhausen", "Nice": "Nizza", "Strasbourg": "Straßburg"},
    "34": {
        "Asturias": "Asturien",
        "Balearic Islands": "Balearen",
        "Cantabria": "Kantabrien",
        "Cordova": "Córdoba",
        "Navarre": "Navarra",
        "Seville": "Sevilla",
        "Tenerife": "Teneriffa",
        "Zaragoza": "Saragossa",
    },
    "351": {"Lisbon": "Lissabon"},
    "358": {"Central Finland": "Mittelfinnland", "Lapland": "Lappland", "North Karelia": "Nordkarelien"},
    "380": {"Crimea": "Krim", "Kyiv": "Kiew", "Odesa": "Odessa", "Lviv": "Lwiw", "Sevastopol": "Sewastopol"},
    "381": {"Belgrade": "Belgrad"},
    "385": {"Istra": "Istrien"},
    "39": {
        "Aosta Valley": "Aostatal",
        "Bolzano/Bozen": "Bozen",
        "Florence": "Florenz",
        "Genoa": "Genua",
        "Milan": "Mailand",
        "Naples": "Neapel",
        "Padova": "Padua",
        "Rome": "Rom",
        "Trento": "Trient",
        "Trieste": "Triest",
        "Venice": "Venedig",
    },
    "40": {"Bucharest and Ilfov County": "Bukarest und Ilfov"},
    "420": {
        "Central Bohemian Region": "Mittelböhmen",
        "Hradec Králové Region": "Region Hradec Králové",
        "Karlovy Vary Region": "Region Karlsbad",
        "Liberec Region": "Region Liberec",
        "Moravian-Silesian Region": "Mähren-Schlesien",
        "Olomouc Region": "Region Olmütz",
        "Pardubice Region": "Region Pardubice",
        "Plzeň Region": "Region Pilsen",
        "Prague": "Prag",
        "South Bohemian Region": "Südböhmen",
        "South Moravian Region": "Südmähren",
        "Vysočina Region": "Region Vysočina",
        "Zlín Region": "Region Zlín",
        "Ústí nad Labem Region": "Region Ústí nad Labem",
    },
    "46": {"Gothenburg": "Göteborg"},
    "48": {
        "Gdańsk": "Danzig",
        "Kraków": "Krakau",
        "Poznań": "Posen",
        "Szczecin": "Stettin",
        "Warsaw": "Warschau",
        "Wroclaw": "Breslau",
    },
    "7": {"Moscow": "Moskau", "St Petersburg": "St. Petersburg"},
    "81": {"Tokyo": "Tokio"},
    "86": {"Beijing": "Peking"},
    "90": {"Istanbul (Anatolia)": "Istanbul (asiatischer Teil)", "Istanbul (Europe)": "Istanbul (europäischer Teil)"},
    "91": {"New Delhi": "Neu-Delhi"},
    "972": {"Haifa and North Regions": "Haifa und der Norden"},
}
