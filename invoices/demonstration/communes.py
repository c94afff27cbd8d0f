"""Sixty communes of metropolitan France, where the demonstration's shops are."""

from typing import NamedTuple


class Commune(NamedTuple):
    """A commune with one of its postcodes, and the town whose registry (RCS) keeps its companies."""

    postcode: str
    city: str
    rcs_city: str


# By the telephone's zone, which gives the shops their landline numbers.
COMMUNES: dict[str, tuple[Commune, ...]] = {
    "01": (  # Île-de-France
        Commune("75011", "Paris", "Paris"),
        Commune("92100", "Boulogne-Billancourt", "Nanterre"),
        Commune("93200", "Saint-Denis", "Bobigny"),
        Commune("93100", "Montreuil", "Bobigny"),
        Commune("94000", "Créteil", "Créteil"),
        Commune("94240", "L’Haÿ-les-Roses", "Créteil"),
        Commune("78000", "Versailles", "Versailles"),
        Commune("78100", "Saint-Germain-en-Laye", "Versailles"),
        Commune("95100", "Argenteuil", "Pontoise"),
        Commune("91000", "Évry-Courcouronnes", "Évry"),
        Commune("77100", "Meaux", "Meaux"),
        Commune("77000", "Melun", "Melun"),
    ),
    "02": (  # north-west
        Commune("35000", "Rennes", "Rennes"),
        Commune("35400", "Saint-Malo", "Saint-Malo"),
        Commune("29000", "Quimper", "Quimper"),
        Commune("29200", "Brest", "Brest"),
        Commune("56100", "Lorient", "Lorient"),
        Commune("44000", "Nantes", "Nantes"),
        Commune("44600", "Saint-Nazaire", "Saint-Nazaire"),
        Commune("49000", "Angers", "Angers"),
        Commune("72000", "Le Mans", "Le Mans"),
        Commune("14000", "Caen", "Caen"),
        Commune("76600", "Le Havre", "Le Havre"),
        Commune("45000", "Orléans", "Orléans"),
    ),
    "03": (  # north-east
        Commune("59000", "Lille", "Lille Métropole"),
        Commune("59650", "Villeneuve-d’Ascq", "Lille Métropole"),
        Commune("80000", "Amiens", "Amiens"),
        Commune("51100", "Reims", "Reims"),
        Commune("51480", "Œuilly", "Reims"),
        Commune("51290", "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson", "Châlons-en-Champagne"),  # the longest name
        Commune("57000", "Metz", "Metz"),
        Commune("54000", "Nancy", "Nancy"),
        Commune("67000", "Strasbourg", "Strasbourg"),
        Commune("68100", "Mulhouse", "Mulhouse"),
        Commune("21000", "Dijon", "Dijon"),
        Commune("25000", "Besançon", "Besançon"),
    ),
    "04": (  # south-east
        Commune("69003", "Lyon", "Lyon"),
        Commune("69100", "Villeurbanne", "Lyon"),
        Commune("42000", "Saint-Étienne", "Saint-Étienne"),
        Commune("38000", "Grenoble", "Grenoble"),
        Commune("73000", "Chambéry", "Chambéry"),
        Commune("74000", "Annecy", "Annecy"),
        Commune("63000", "Clermont-Ferrand", "Clermont-Ferrand"),
        Commune("13001", "Marseille", "Marseille"),
        Commune("13100", "Aix-en-Provence", "Aix-en-Provence"),
        Commune("06000", "Nice", "Nice"),
        Commune("30000", "Nîmes", "Nîmes"),
        Commune("34000", "Montpellier", "Montpellier"),
    ),
    "05": (  # south-west
        Commune("33000", "Bordeaux", "Bordeaux"),
        Commune("31000", "Toulouse", "Toulouse"),
        Commune("64000", "Pau", "Pau"),
        Commune("64100", "Bayonne", "Bayonne"),
        Commune("64500", "Saint-Jean-de-Luz", "Bayonne"),
        Commune("87000", "Limoges", "Limoges"),
        Commune("86000", "Poitiers", "Poitiers"),
        Commune("17000", "La Rochelle", "La Rochelle"),
        Commune("16000", "Angoulême", "Angoulême"),
        Commune("24000", "Périgueux", "Périgueux"),
        Commune("81000", "Albi", "Albi"),
        Commune("12000", "Rodez", "Rodez"),
    ),
}
