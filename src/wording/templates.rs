//! What the tools say in English, in Czech and Slovak.

/// The tools' templates, and what they are in Czech and Slovak, places by number. Of two
/// that fit, the first counts.
pub(super) const TEMPLATES: &[(&str, &str, &str)] = &[
    // Tool 1: why a table holds a term.
    (
        "the request names {}",
        "zadání uvádí {0}",
        "zadanie uvádza {0}",
    ),
    (
        "{} is in the table's name",
        "{0} je v názvu tabulky",
        "{0} je v názve tabuľky",
    ),
    (
        "{} is in its business name",
        "{0} je v jejím obchodním názvu",
        "{0} je v jej obchodnom názve",
    ),
    (
        "{} is in the schema's name",
        "{0} je v názvu schématu",
        "{0} je v názve schémy",
    ),
    (
        "{} is what its description is about",
        "popis tabulky mluví o {0}",
        "opis tabuľky hovorí o {0}",
    ),
    (
        "{} is in its description",
        "{0} je v jejím popisu",
        "{0} je v jej opise",
    ),
    (
        "{} is in the description of column {}",
        "{0} je v popisu sloupce {1}",
        "{0} je v opise stĺpca {1}",
    ),
    (
        "{} is in column {}",
        "{0} je ve sloupci {1}",
        "{0} je v stĺpci {1}",
    ),
    (
        "the entity's description speaks of it too",
        "mluví o ní i popis entity",
        "hovorí o nej aj opis entity",
    ),
    (
        "{} of {} words of {} met nothing",
        "{0} z {1} slov výrazu {2} nic neodpovídá",
        "{0} z {1} slov výrazu {2} nič nezodpovedá",
    ),
    (
        "{} is in the name of {}, one join away",
        "{0} je v názvu tabulky {1}, vzdálené jednu vazbu",
        "{0} je v názve tabuľky {1}, vzdialenej jednu väzbu",
    ),
    (
        "{} can be computed from {}: {}",
        "{0} lze spočítat z {1}: {2}",
        "{0} sa dá vypočítať z {1}: {2}",
    ),
    (
        "column {} has words of {}",
        "sloupec {0} má slova výrazu {1}",
        "stĺpec {0} má slová výrazu {1}",
    ),
    ("out of scope: {}", "mimo rozsah: {0}", "mimo rozsahu: {0}"),
    // Tool 2: why tables join.
    ("description: {}", "popis: {0}", "opis: {0}"),
    (
        "column {} is named after {}",
        "sloupec {0} nese jméno {1}",
        "stĺpec {0} nesie meno {1}",
    ),
    (
        "no table is called after column {}",
        "podle sloupce {0} se žádná tabulka nejmenuje",
        "podľa stĺpca {0} sa žiadna tabuľka nevolá",
    ),
    (
        "column {} is called as the key of {}, in a role",
        "sloupec {0} se jmenuje jako klíč {1}, v roli",
        "stĺpec {0} sa volá ako kľúč {1}, v role",
    ),
    (
        "column {} points at a row of the same table",
        "sloupec {0} odkazuje na řádek téže tabulky",
        "stĺpec {0} odkazuje na riadok tej istej tabuľky",
    ),
    (
        "column {} says who, and {} holds people",
        "sloupec {0} říká kdo a {1} obsahuje osoby",
        "stĺpec {0} hovorí kto a {1} obsahuje osoby",
    ),
    (
        "{} points back, more surely",
        "{0} odkazuje zpět, jistěji",
        "{0} odkazuje späť, istejšie",
    ),
    (
        "column {} is a date key",
        "sloupec {0} je klíč data",
        "stĺpec {0} je kľúč dátumu",
    ),
    (
        "same name as the key of {}",
        "stejný název jako klíč {0}",
        "rovnaký názov ako kľúč {0}",
    ),
    ("key of {} is {}", "klíč {0} je {1}", "kľúč {0} je {1}"),
    ("type unknown", "typ neznámý", "typ neznámy"),
    ("type {} fits", "typ {0} odpovídá", "typ {0} zodpovedá"),
    (
        "joins on a business key",
        "spojuje se obchodním klíčem",
        "spája sa obchodným kľúčom",
    ),
    (
        "in another schema, {}",
        "v jiném schématu, {0}",
        "v inej schéme, {0}",
    ),
    ("in another schema", "v jiném schématu", "v inej schéme"),
    (
        "holds all {} columns of the key of {}",
        "má všechny sloupce ({0}) klíče {1}",
        "má všetky stĺpce ({0}) kľúča {1}",
    ),
    // Tool 2: why a table is of its class.
    (
        "name starts with {}",
        "název začíná na {0}",
        "názov sa začína na {0}",
    ),
    (
        "{}, although name starts with {}",
        "{0}, ačkoli název začíná na {1}",
        "{0}, hoci sa názov začína na {1}",
    ),
    (
        "{}, although name ends with {}",
        "{0}, ačkoli název končí na {1}",
        "{0}, hoci sa názov končí na {1}",
    ),
    (
        "{}, although its schema is called {}",
        "{0}, ačkoli se její schéma jmenuje {1}",
        "{0}, hoci sa jej schéma volá {1}",
    ),
    (
        "name ends with {}",
        "název končí na {0}",
        "názov sa končí na {0}",
    ),
    (
        "its schema is called {}",
        "její schéma se jmenuje {0}",
        "jej schéma sa volá {0}",
    ),
    (
        "a technical table, name starts with {}",
        "technická tabulka, název začíná na {0}",
        "technická tabuľka, názov sa začína na {0}",
    ),
    (
        "a technical table, name ends with {}",
        "technická tabulka, název končí na {0}",
        "technická tabuľka, názov sa končí na {0}",
    ),
    (
        "a technical table, its schema is called {}",
        "technická tabulka, její schéma se jmenuje {0}",
        "technická tabuľka, jej schéma sa volá {0}",
    ),
    (
        "a technical table by its words",
        "technická tabulka podle svých slov",
        "technická tabuľka podľa svojich slov",
    ),
    (
        "a copy of {}: its name and columns",
        "kopie {0} podle názvu a sloupců",
        "kópia {0} podľa názvu a stĺpcov",
    ),
    ("measures", "míry", "miery"),
    (
        "events that point at context",
        "události s odkazy na kontext",
        "udalosti s odkazmi na kontext",
    ),
    (
        "describes people, places or things",
        "popisuje osoby, místa nebo věci",
        "opisuje osoby, miesta alebo veci",
    ),
    (
        "joins tables and has little else",
        "spojuje tabulky a má málo dalšího",
        "spája tabuľky a má málo ďalšieho",
    ),
    (
        "its name is that of events",
        "její název označuje události",
        "jej názov označuje udalosti",
    ),
    (
        "its name is that of people, places or things",
        "její název označuje osoby, místa nebo věci",
        "jej názov označuje osoby, miesta alebo veci",
    ),
    (
        "its name is that of a list of codes",
        "její název označuje číselník",
        "jej názov označuje číselník",
    ),
    (
        "its name is that of a relation",
        "její název označuje vazbu",
        "jej názov označuje väzbu",
    ),
    (
        "its name is put together from two that it points at",
        "její název je složen z názvů dvou tabulek, na které odkazuje",
        "jej názov je zložený z názvov dvoch tabuliek, na ktoré odkazuje",
    ),
    (
        "its name continues one that it points at",
        "její název rozvíjí název tabulky, na kterou odkazuje",
        "jej názov rozvíja názov tabuľky, na ktorú odkazuje",
    ),
    (
        "its description says so",
        "říká to její popis",
        "hovorí to jej opis",
    ),
    (
        "a column names its members",
        "sloupec pojmenovává její členy",
        "stĺpec pomenúva jej členov",
    ),
    (
        "columns say what its members are like",
        "sloupce říkají, jací její členové jsou",
        "stĺpce hovoria, akí jej členovia sú",
    ),
    (
        "its rows are dated",
        "její řádky nesou datum",
        "jej riadky nesú dátum",
    ),
    (
        "its key is made of references",
        "její klíč se skládá z odkazů",
        "jej kľúč sa skladá z odkazov",
    ),
    (
        "its key is made of references and a date",
        "její klíč se skládá z odkazů a data",
        "jej kľúč sa skladá z odkazov a dátumu",
    ),
    (
        "its rows are pairs of rows of one table",
        "její řádky jsou dvojice řádků jedné tabulky",
        "jej riadky sú dvojice riadkov jednej tabuľky",
    ),
    (
        "joins tables and measures nothing",
        "spojuje tabulky a nic neměří",
        "spája tabuľky a nič nemeria",
    ),
    (
        "measures that point at context",
        "míry s odkazy na kontext",
        "miery s odkazmi na kontext",
    ),
    (
        "other tables point at it",
        "odkazují na ni jiné tabulky",
        "odkazujú na ňu iné tabuľky",
    ),
    (
        "neither its name nor its joins decide",
        "nerozhoduje název ani vazby",
        "nerozhoduje názov ani väzby",
    ),
    (
        "no columns are listed and the name follows no convention",
        "sloupce nejsou uvedeny a název neodpovídá žádné konvenci",
        "stĺpce nie sú uvedené a názov nezodpovedá žiadnej konvencii",
    ),
    (
        "no columns are listed",
        "sloupce nejsou uvedeny",
        "stĺpce nie sú uvedené",
    ),
    (
        "{} numeric {}, points at {} {}, {} {} at it",
        "číselné míry: {0}, odkazuje na tabulky: {2}, na ni odkazuje: {4}",
        "číselné miery: {0}, odkazuje na tabuľky: {2}, na ňu odkazuje: {4}",
    ),
    (
        "role of {}, as its description says",
        "role {0}, jak říká její popis",
        "rola {0}, ako hovorí jej opis",
    ),
    (
        "role of {}: its name and columns",
        "role {0} podle názvu a sloupců",
        "rola {0} podľa názvu a stĺpcov",
    ),
    ("role: {}", "role: {0}", "rola: {0}"),
    (
        "columns are parts of a date",
        "sloupce jsou části data",
        "stĺpce sú časti dátumu",
    ),
    ("a calendar", "kalendář", "kalendár"),
    (
        "a list of codes: one column beside the key",
        "číselník: vedle klíče jeden sloupec",
        "číselník: popri kľúči jeden stĺpec",
    ),
    (
        "a list of codes: {} columns beside the key",
        "číselník: sloupců vedle klíče {0}",
        "číselník: stĺpcov popri kľúči {0}",
    ),
    (
        "a dimension of its own",
        "samostatná dimenze",
        "samostatná dimenzia",
    ),
    // Tool 1: how a metric is computed.
    (
        "rows on time / all rows",
        "řádky včas / všechny řádky",
        "riadky načas / všetky riadky",
    ),
    (
        "rate of rows on time",
        "podíl řádků včas",
        "podiel riadkov načas",
    ),
    (
        "rows with actual date ≤ promised date / all rows",
        "řádky se skutečným datem ≤ slíbené datum / všechny řádky",
        "riadky so skutočným dátumom ≤ sľúbený dátum / všetky riadky",
    ),
    (
        "rows without delay / all rows",
        "řádky bez zpoždění / všechny řádky",
        "riadky bez meškania / všetky riadky",
    ),
    (
        "delay, averaged or added up",
        "zpoždění, průměr nebo součet",
        "meškanie, priemer alebo súčet",
    ),
    (
        "actual date − promised date",
        "skutečné datum − slíbené datum",
        "skutočný dátum − sľúbený dátum",
    ),
    ("duration, averaged", "trvání, průměr", "trvanie, priemer"),
    (
        "end date − start date",
        "datum konce − datum začátku",
        "dátum konca − dátum začiatku",
    ),
    (
        "margin, added up or over revenue",
        "marže, součet nebo podíl na tržbách",
        "marža, súčet alebo podiel na tržbách",
    ),
    (
        "(revenue − cost) / revenue",
        "(tržby − náklady) / tržby",
        "(tržby − náklady) / tržby",
    ),
    (
        "amount / number of distinct documents",
        "částka / počet různých dokladů",
        "suma / počet rôznych dokladov",
    ),
    (
        "utilization, averaged",
        "využití, průměr",
        "využitie, priemer",
    ),
    (
        "used / capacity",
        "využito / kapacita",
        "využité / kapacita",
    ),
    (
        "issued or sold / average stock",
        "vydáno nebo prodáno / průměrná zásoba",
        "vydané alebo predané / priemerná zásoba",
    ),
    ("deviation, added up", "odchylka, součet", "odchýlka, súčet"),
    (
        "price − reference price",
        "cena − srovnávací cena",
        "cena − porovnávacia cena",
    ),
    ("actual − planned", "skutečnost − plán", "skutočnosť − plán"),
    (
        "delivered quantity / ordered quantity",
        "dodané množství / objednané množství",
        "dodané množstvo / objednané množstvo",
    ),
    (
        "orders / visits",
        "objednávky / návštěvy",
        "objednávky / návštevy",
    ),
    (
        "departures / all, by date",
        "odchody / všichni, podle data",
        "odchody / všetci, podľa dátumu",
    ),
    (
        "rows no longer active / all rows",
        "řádky již neaktivní / všechny řádky",
        "riadky už neaktívne / všetky riadky",
    ),
    (
        "rows without an end date / all rows",
        "řádky bez data ukončení / všechny řádky",
        "riadky bez dátumu ukončenia / všetky riadky",
    ),
    (
        "rows still active / all rows",
        "řádky stále aktivní / všechny řádky",
        "riadky stále aktívne / všetky riadky",
    ),
    // Tool 3: anomalies.
    (
        "requested entities that no table in scope holds",
        "požadované entity, které nemá žádná tabulka v rozsahu",
        "požadované entity, ktoré nemá žiadna tabuľka v rozsahu",
    ),
    (
        "tables that the catalog marks as missing from their source",
        "tabulky, které podle katalogu ve zdroji chybí",
        "tabuľky, ktoré podľa katalógu v zdroji chýbajú",
    ),
    (
        "columns that the catalog marks as missing from their source",
        "sloupce, které podle katalogu ve zdroji chybí",
        "stĺpce, ktoré podľa katalógu v zdroji chýbajú",
    ),
    (
        "tables of which the catalog lists no column, so nothing can be said about their content",
        "tabulky, u nichž katalog neuvádí žádný sloupec, takže o jejich obsahu nelze nic říct",
        "tabuľky, pri ktorých katalóg neuvádza žiadny stĺpec, takže o ich obsahu sa nedá nič povedať",
    ),
    (
        "facts that join no dimension in scope",
        "fakty bez vazby na dimenzi v rozsahu",
        "fakty bez väzby na dimenziu v rozsahu",
    ),
    (
        "columns named as the key of another table, with no table in scope to point at",
        "sloupce pojmenované jako klíč jiné tabulky, která v rozsahu není",
        "stĺpce pomenované ako kľúč inej tabuľky, ktorá v rozsahu nie je",
    ),
    (
        "tables whose name stands in several schemas; say which one is meant",
        "tabulky, jejichž název je ve více schématech; je třeba říct, která se myslí",
        "tabuľky, ktorých názov je vo viacerých schémach; treba povedať, ktorá sa myslí",
    ),
    (
        "tables with an articulation score below {}",
        "tabulky se skóre artikulace pod {0}",
        "tabuľky so skóre artikulácie pod {0}",
    ),
    // Tool 3: what to do.
    ("{} (other tables in scope).", "{0}.", "{0}."),
    (
        "{} (tables the request needs).",
        "{0} (tabulky potřebné pro zadání).",
        "{0} (tabuľky potrebné pre zadanie).",
    ),
    ("Name an owner", "Určete vlastníka", "Určte vlastníka"),
    ("Write a description", "Napište popis", "Napíšte opis"),
    (
        "Complete the documentation: articulation is low or unknown",
        "Doplňte dokumentaci: artikulace je nízká nebo neznámá",
        "Doplňte dokumentáciu: artikulácia je nízka alebo neznáma",
    ),
    (
        "Set a security classification",
        "Nastavte bezpečnostní klasifikaci",
        "Nastavte bezpečnostnú klasifikáciu",
    ),
    (
        "Record the source system and table",
        "Zapište zdrojový systém a tabulku",
        "Zapíšte zdrojový systém a tabuľku",
    ),
    (
        "Add a business description to the technical one",
        "Doplňte k technickému popisu obchodní",
        "Doplňte k technickému opisu obchodný",
    ),
    (
        "Have a steward validate the asset",
        "Nechte položku validovat stewardem",
        "Nechajte položku validovať stewardom",
    ),
    (
        "Describe the columns of the tables the request needs.",
        "Popište sloupce tabulek potřebných pro zadání.",
        "Opíšte stĺpce tabuliek potrebných pre zadanie.",
    ),
    (
        "Find a source for entities that no table holds, or take them out of the request.",
        "Najděte zdroj entit, které žádná tabulka nemá, nebo je ze zadání vypusťte.",
        "Nájdite zdroj entít, ktoré žiadna tabuľka nemá, alebo ich zo zadania vypustite.",
    ),
    (
        "Ask the owner whether assets missing from their source were renamed, moved or dropped.",
        "Zeptejte se vlastníka, zda byly položky chybějící ve zdroji přejmenovány, přesunuty, nebo zrušeny.",
        "Spýtajte sa vlastníka, či boli položky chýbajúce v zdroji premenované, presunuté alebo zrušené.",
    ),
    (
        "Harvest the columns of tables listed without any.",
        "Načtěte sloupce tabulek, které jsou uvedeny bez nich.",
        "Načítajte stĺpce tabuliek, ktoré sú uvedené bez nich.",
    ),
    (
        "Clarify the keys of facts that join no dimension.",
        "Vyjasněte klíče faktů bez vazby na dimenzi.",
        "Vyjasnite kľúče faktov bez väzby na dimenziu.",
    ),
    (
        "Say in the descriptions what unresolved keys point at, or bring the table into scope.",
        "Uveďte v popisech, kam míří nevyřešené klíče, nebo tabulku zahrňte do rozsahu.",
        "Uveďte v opisoch, kam mieria nevyriešené kľúče, alebo tabuľku zahrňte do rozsahu.",
    ),
    (
        "Say in the descriptions how tables of one name in several schemas differ.",
        "Uveďte v popisech, čím se liší stejnojmenné tabulky různých schémat.",
        "Uveďte v opisoch, čím sa líšia rovnomenné tabuľky rôznych schém.",
    ),
    // Tool 3: the risk.
    (
        "the quality score is {}, below {}",
        "skóre kvality je {0}, pod {1}",
        "skóre kvality je {0}, pod {1}",
    ),
    (
        "the quality score is {}, and {} recommendations are P1",
        "skóre kvality je {0}, doporučení P1: {1}",
        "skóre kvality je {0}, odporúčania P1: {1}",
    ),
    (
        "the quality score is {} and nothing is urgent",
        "skóre kvality je {0} a nic nespěchá",
        "skóre kvality je {0} a nič nie je naliehavé",
    ),
    (
        "in the way of the request stand {}",
        "požadavku stojí v cestě: {0}",
        "požiadavke stojí v ceste: {0}",
    ),
    (
        "none of the requested entities was found",
        "nenašla se žádná požadovaná entita",
        "nenašla sa žiadna požadovaná entita",
    ),
    // Remarks on the request.
    (
        "Out of scope {} fits no table in scope, so it excludes none.",
        "Mimo rozsah {0}: neodpovídá žádné tabulce v rozsahu, nic tedy nevylučuje.",
        "Mimo rozsahu {0}: nezodpovedá žiadnej tabuľke v rozsahu, nič teda nevylučuje.",
    ),
    (
        "Out of scope {} fits {} of {} tables: too general, not applied.",
        "Mimo rozsah {0}: odpovídá tabulkám v počtu {1} z {2}, je příliš obecné, a proto se neuplatnilo.",
        "Mimo rozsahu {0}: zodpovedá tabuľkám v počte {1} z {2}, je príliš všeobecné, a preto sa neuplatnilo.",
    ),
    (
        "{} fits {} and {} equally well; the first is used. Name the table or a scope to decide.",
        "{0} odpovídá stejně dobře {1} i {2}; použita je první. Rozhodne název tabulky nebo rozsah v zadání.",
        "{0} zodpovedá rovnako dobre {1} aj {2}; použitá je prvá. Rozhodne názov tabuľky alebo rozsah v zadaní.",
    ),
    (
        "The request names no entities: nothing was mapped; structure and quality cover the scope.",
        "Zadání nejmenuje žádné entity: nic nebylo přiřazeno, struktura a kvalita se týkají celého rozsahu.",
        "Zadanie nemenuje žiadne entity: nič nebolo priradené, štruktúra a kvalita sa týkajú celého rozsahu.",
    ),
    (
        "No schema is in scope: {} is neither a schema nor part of a schema's name. There are: {}.",
        "V rozsahu není žádné schéma: {0} není schéma ani část názvu schématu. Katalog má: {1}.",
        "V rozsahu nie je žiadna schéma: {0} nie je schéma ani časť názvu schémy. Katalóg má: {1}.",
    ),
    (
        "The document is empty.",
        "Dokument je prázdný.",
        "Dokument je prázdny.",
    ),
    (
        "The document was read up to its first 4 MiB.",
        "Z dokumentu byly přečteny první 4 MiB.",
        "Z dokumentu boli prečítané prvé 4 MiB.",
    ),
    (
        "The document was read up to its first 20,000 headings, items, rows and lines.",
        "Z dokumentu bylo přečteno prvních 20 000 nadpisů, položek a řádků.",
        "Z dokumentu bolo prečítaných prvých 20 000 nadpisov, položiek a riadkov.",
    ),
    (
        "Lists or quotes nested deeper than 32 levels were flattened.",
        "Seznamy a citace zanořené hlouběji než 32 úrovní byly zploštěny.",
        "Zoznamy a citácie vnorené hlbšie než 32 úrovní boli sploštené.",
    ),
    (
        "Control characters were dropped from the document.",
        "Řídicí znaky byly z dokumentu vypuštěny.",
        "Riadiace znaky boli z dokumentu vypustené.",
    ),
    (
        "A code block is not closed; what follows it was read as code.",
        "Blok kódu není uzavřen; co po něm následuje, bylo čteno jako kód.",
        "Blok kódu nie je uzavretý; čo po ňom nasleduje, bolo čítané ako kód.",
    ),
    (
        "Texts longer than {} characters were cut.",
        "Texty delší než {0} znaků byly zkráceny.",
        "Texty dlhšie než {0} znakov boli skrátené.",
    ),
    (
        "The list of {} was cut to its first {} entries.",
        "Seznam {0} byl zkrácen na prvních {1} položek.",
        "Zoznam {0} bol skrátený na prvých {1} položiek.",
    ),
    (
        "The other keys of the head were cut to the first {}.",
        "Z ostatních klíčů hlavičky bylo vzato prvních {0}.",
        "Z ostatných kľúčov hlavičky bolo vzatých prvých {0}.",
    ),
    (
        "The date of the request is not one the calendar has; it stands in `extra` as written.",
        "Datum zadání v kalendáři neexistuje; uvedeno je tak, jak je napsáno.",
        "Dátum zadania v kalendári neexistuje; uvedený je tak, ako je napísaný.",
    ),
    (
        "Of the entities only the first {} mentions were read.",
        "Z entit bylo přečteno jen prvních {0} zmínek.",
        "Z entít bolo prečítaných len prvých {0} zmienok.",
    ),
    (
        "Unknown option {} was ignored.",
        "Neznámá volba {0} byla ignorována.",
        "Neznáma voľba {0} bola ignorovaná.",
    ),
    (
        "Unknown field {} was ignored.",
        "Neznámé pole {0} bylo ignorováno.",
        "Neznáme pole {0} bolo ignorované.",
    ),
    (
        "no schema is in scope",
        "v rozsahu není žádné schéma",
        "v rozsahu nie je žiadna schéma",
    ),
];
