"""The words of a generated address book: names, trades, towns with their area codes and postcodes.

Frequent ones come first: :mod:`benchmarks.large.generator` draws them by rank, as they occur in a real telephone book.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Town:
    """A town with its area code (without the 0), the beginning of its postcodes, and its country."""

    name: str
    area_code: str
    postcode: str
    country: str

    @property
    def calling_code(self) -> str:
        """Of the country, without its plus."""
        return {"DE": "49", "AT": "43", "CH": "41"}[self.country]

    @property
    def postcode_length(self) -> int:
        """Digits of a whole postcode there."""
        return 5 if self.country == "DE" else 4


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


def _towns(text: str) -> tuple[Town, ...]:
    return tuple(Town(*line.strip().split("|")) for line in text.strip().splitlines())


SURNAMES = _words("""
    Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf
    Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause Meier
    Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller
    Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke
    Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß
    Seidel Heinrich Brandt Haas Schreiber Graf Schulte Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann
    Thomas Voigt Sauer Arnold Wolff Pfeiffer Ernst Lindner Hübner Kramer Franz Beyer Wenzel Kaufmann Hansen Petersen
    Jansen Lutz Ott Bauer-Schmidt Yılmaz Kaya Demir Nowak Kowalski Wójcik Hoang Nguyen Rossi Novák Horvat Petrović
    Silva Öztürk Şahin Çelik
""")

#: Rarer surnames are put together of these.
STEMS = _words("""
    Acker Adler Alten Apfel Auer Bach Baum Berg Birken Blumen Boden Brach Brand Breiten Brink Brunn Buchen Burg
    Busch Dorn Dorf Drei Eber Eichen Eisen Erlen Eschen Falken Feld Felsen Finken Fischer Forst Freuden Fried Geiger
    Gold Grau Grün Hafer Hagen Hain Hammer Hasel Heiden Helm Herbst Himmel Hirsch Hoch Hof Holz Honig Hopfen Kalk
    Kamp Kirch Klee Kloster König Korn Kranz Kupfer Land Lauter Leim Linden Löwen Luft Mai Markt Maurer Mehl Moos
    Mühlen Nacht Neu Nieder Nuss Ober Ost Perlen Pfeifer Quell Raben Reben Rosen Roth Sand Schiefer Schlüter Schön
    Silber Sonnen Specht Stein Stern Tannen Tauben
""")
ENDINGS = _words("""
    mann meier bauer huber müller hofer brink kamp berger bach feld stein hausen wald beck schmied scheid rath loh
    horst egger thaler reuter mayr lechner born brock busch garten graber heim hölzl kötter kuhl leitner macher
    moser ner rieder roth sasse schein schläger stätter tal träger vogel wieser winkel wirth zeller
""")

FIRST_NAMES = _words("""
    Michael Thomas Andreas Peter Sabine Stefan Petra Christian Monika Susanne Martin Birgit Frank Andrea Markus
    Claudia Matthias Nicole Klaus Stefanie Jürgen Gabriele Jürg Anna Daniel Julia Alexander Katharina Sebastian
    Sandra Wolfgang Martina Uwe Heike Jan Ursula Bernd Renate Florian Anja Ralf Karin Tobias Christine Oliver
    Brigitte Dirk Sarah Jörg Melanie Philipp Barbara Max Lena Tim Laura Felix Lisa Jonas Marie Lukas Sophie Paul
    Emma Leon Mia Ben Hannah Elias Ayşe Mehmet Fatma Mustafa Agnieszka Piotr Giulia Marco Zoë René Séverine Łukasz
    Bjørn Søren Käthe Götz Björn Jörn
""")

TRADES = _words("""
    Maschinenbau Elektrotechnik Bau Immobilien Bäckerei Metallbau Sanitär Heizungsbau Gartenbau Logistik Transporte
    Handel Holzbau Tischlerei Malerbetrieb Druckerei Autohaus Kfz-Technik Medizintechnik Feinkost Getränke
    Hausverwaltung Gebäudereinigung Steuerberatung Versicherungen Software Datentechnik Werbung Messebau Spedition
    Landtechnik Fördertechnik Kunststofftechnik Verpackungen Lebensmittel Blumen Optik Apotheke Pflegedienst
    Zahntechnik Orthopädie Schreinerei Dachdeckerei Zimmerei Fliesen Bodenbeläge Textil Moden Schuhe Möbel Küchen
    Antriebstechnik Werkzeugbau Hydraulik Umwelttechnik Recycling Brauerei Weingut Gasthof Hotel Reisen Fahrschule
    Verlag Musikhaus Sicherheitstechnik Schließanlagen Kältetechnik Solartechnik Vermessung Architektur
    Ingenieurbüro Rechtsanwälte Notariat Personalservice Zeitarbeit Catering Gerüstbau Tiefbau Straßenbau
""")

LEGAL_FORMS = _phrases("""
    GmbH, GmbH, GmbH, GmbH & Co. KG, KG, AG, OHG, e.K., GbR, UG (haftungsbeschränkt), e.V.
""")

#: A third of the contacts have none.
DEPARTMENTS = (
    "",
    "",
    "",
    *_words("Einkauf Vertrieb Buchhaltung Technik Geschäftsführung Lager Personal Service"),
)

STREETS = _phrases("""
    Hauptstraße, Bahnhofstraße, Schulstraße, Gartenstraße, Dorfstraße, Bergstraße, Birkenweg, Lindenstraße,
    Kirchstraße, Waldstraße, Ringstraße, Schillerstraße, Goethestraße, Mühlenweg, Industriestraße, Am Markt,
    Rosenweg, Wiesenstraße, Feldstraße, Jahnstraße, Gewerbepark, Hafenstraße, Im Grund, Robert-Bosch-Straße
""")

TOWNS = _towns("""
    Berlin|30|10|DE
    Hamburg|40|20|DE
    München|89|80|DE
    Zürich|44|80|CH
    Köln|221|506|DE
    Frankfurt am Main|69|603|DE
    Stuttgart|711|701|DE
    Graz|316|80|AT
    Düsseldorf|211|402|DE
    Leipzig|341|041|DE
    Dortmund|231|441|DE
    Essen|201|451|DE
    Bremen|421|281|DE
    Dresden|351|010|DE
    Bern|31|30|CH
    Linz|732|40|AT
    Hannover|511|301|DE
    Nürnberg|911|904|DE
    Duisburg|203|470|DE
    Bochum|234|447|DE
    Wuppertal|202|421|DE
    Bielefeld|521|336|DE
    Basel|61|40|CH
    Salzburg|662|50|AT
    Bonn|228|531|DE
    Münster|251|481|DE
    Mannheim|621|681|DE
    Karlsruhe|721|761|DE
    Augsburg|821|861|DE
    Wiesbaden|611|651|DE
    Mönchengladbach|2161|410|DE
    Gelsenkirchen|209|458|DE
    Innsbruck|512|60|AT
    Luzern|41|60|CH
    Aachen|241|520|DE
    Braunschweig|531|381|DE
    Chemnitz|371|091|DE
    Kiel|431|241|DE
    Halle (Saale)|345|061|DE
    Magdeburg|391|391|DE
    Freiburg im Breisgau|761|790|DE
    Krefeld|2151|477|DE
    Klagenfurt am Wörthersee|463|90|AT
    St. Gallen|71|90|CH
    Mainz|6131|551|DE
    Lübeck|451|235|DE
    Erfurt|361|990|DE
    Rostock|381|180|DE
    Kassel|561|341|DE
    Saarbrücken|681|661|DE
    Potsdam|331|144|DE
    Oldenburg|441|261|DE
    Osnabrück|541|490|DE
    Heidelberg|6221|691|DE
    Darmstadt|6151|642|DE
    Genève|22|12|CH
    St. Pölten|2742|31|AT
    Regensburg|941|930|DE
    Würzburg|931|970|DE
    Göttingen|551|370|DE
    Ulm|731|890|DE
    Ingolstadt|841|850|DE
    Koblenz|261|560|DE
    Trier|651|542|DE
    Jena|3641|077|DE
    Cottbus|355|030|DE
    Siegen|271|570|DE
    Winterthur|52|84|CH
    Dornbirn|5572|68|AT
    Konstanz|7531|784|DE
    Passau|851|940|DE
    Bayreuth|921|954|DE
    Flensburg|461|249|DE
    Wolfsburg|5361|384|DE
    Garmisch-Partenkirchen|8821|824|DE
    Bad Tölz|8041|836|DE
    Lugano|91|69|CH
    Chur|81|70|CH
    Lausanne|21|10|CH
    Königs Wusterhausen|3375|157|DE
    Weißenfels|3443|066|DE
    Schwäbisch Gmünd|7171|735|DE
    Rüsselsheim|6142|654|DE
    Lörrach|7621|795|DE
    Füssen|8362|876|DE
    Wels|7242|46|AT
    Nördlingen|9081|867|DE
    Straubing|9421|943|DE
""")
