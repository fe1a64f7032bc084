//! Words that say what a column or a table holds: amounts, dates, names, events, people.
//!
//! General vocabulary of warehouses and applications in English, with the common words of
//! Czech and Slovak; nothing here comes from one catalog. All look-ups are by stems.

use once_cell::sync::Lazy;

use super::words::Words;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, [$($english:literal),* $(,)?], [$($slavic:literal),* $(,)?]) => {
        $(#[$doc])*
        pub(super) static $name: Lazy<Words> =
            Lazy::new(|| Words::new(&[$($english),*], &[$($slavic),*]));
    };
}

words!(
    /// Words of numbers that add up, over at least some of their dimensions.
    AMOUNTS,
    [
        "amount", "amt", "quantity", "qty", "total", "sum", "count", "cnt", "tax", "discount",
        "revenue", "margin", "profit", "spend", "sales", "paid", "freight", "fee", "charge",
        "balance", "volume", "refund", "net", "gross", "duration", "delay", "lag", "minutes",
        "hours", "units", "loss", "turnover", "savings", "downtime", "distance", "calls"
    ],
    [
        "mnozstvi", "mnozstvo", "castka", "suma", "celkem", "pocet", "obrat", "trzba", "zisk",
        "sleva", "zlava", "marze", "marza", "dan", "naklad", "poplatek", "zustatek", "zostatok",
        "objem", "zasoba", "hodnota", "uhrazeno"
    ]
);
words!(
    /// Words of other numbers that are measured: prices, rates, scores, physical sizes.
    LEVELS,
    [
        "price", "cost", "value", "rate", "ratio", "percent", "percentage", "pct", "share",
        "score", "weight", "stock", "deviation", "variance", "capacity", "salary", "utilization",
        "utilisation", "average", "avg", "limit", "temperature", "income", "budget", "quota",
        "factor", "prc", "coefficient", "points"
    ],
    [
        "cena", "sazba", "sadzba", "podil", "podiel", "kurz", "vaha", "hmotnost", "procento",
        "koeficient", "limit", "plat", "mzda"
    ]
);
words!(
    /// Words of numbers that are no measure: parts of dates, places in an order, codes.
    NO_MEASURES,
    [
        "year", "quarter", "month", "week", "semester", "fiscal", "period", "version", "sequence",
        "seq", "position", "level", "latitude", "longitude", "lat", "lon", "lng", "flag", "type",
        "status", "line", "batch", "postal", "zip", "phone", "rank", "index", "priority",
        "revision", "sort", "ordinal", "indicator", "ind", "offset", "step", "row", "age", "name",
        "text", "description", "class", "group", "category", "size", "depth", "yr", "qtr", "mth",
        "rn"
    ],
    [
        "rok", "mesic", "mesiac", "tyden", "tyzden", "ctvrtleti", "poradi", "poradie", "verze",
        "verzia", "uroven", "radek", "riadok", "priznak", "obdobi", "obdobie", "typ", "druh",
        "stav", "psc"
    ]
);
words!(
    /// Units of time: a number of them is a duration, one of them a part of a date.
    TIME_UNITS,
    ["day", "hour", "minute", "second", "week", "month", "year", "min", "sec", "hr"],
    ["den", "hodina", "minuta", "mesic", "mesiac", "tyden", "tyzden", "rok"]
);
words!(
    /// Words of columns that the loading process owns.
    LOADING,
    [
        "load", "loaded", "etl", "insert", "inserted", "update", "updated", "ingestion", "ingested",
        "dwh", "audit", "checksum", "hash", "modified", "extracted", "airbyte", "fivetran", "dbt",
        "lineage", "rowguid", "datasource", "invocation"
    ],
    ["zmenil", "nahrano", "davka"]
);
words!(
    /// Words that end the name of a date or a point in time.
    DATES,
    ["date", "datetime", "time", "timestamp", "dt", "ts", "on", "at"],
    ["datum", "cas"]
);
words!(
    /// Words of dates that bound a life or a validity rather than date an event.
    LIFETIMES,
    [
        "valid", "effective", "eff", "start", "begin", "end", "from", "to", "birth", "hire",
        "open", "opened", "close", "closed", "launch", "launched", "expiry", "expiration",
        "established", "founded", "first", "last", "rec", "introduced", "discontinued", "current",
        "enrollment", "termination", "until", "thru", "remodel", "deactivated", "withdraw",
        "delivery"
    ],
    [
        "platnost", "platny", "od", "do", "nastup", "ukonceni", "narozeni", "narodenia", "zalozeni",
        "registrace", "vznik", "zanik"
    ]
);
words!(
    /// Parts of a date or of a time of day.
    DATE_PARTS,
    [
        "year", "quarter", "month", "week", "day", "weekday", "weekend", "holiday", "semester",
        "fiscal", "yr", "qtr", "mth", "wk", "dow", "moy", "dom", "qoy", "season", "decade", "fy",
        "hol", "workday"
    ],
    [
        "rok", "ctvrtleti", "stvrtrok", "kvartal", "mesic", "mesiac", "tyden", "tyzden", "den",
        "svatek", "sviatok", "vikend", "pololeti"
    ]
);
words!(
    /// Parts of a time of day.
    CLOCK_PARTS,
    ["hour", "minute", "second", "hhmm", "am", "pm", "ampm", "shift", "daypart"],
    ["hodina", "minuta", "sekunda", "smena"]
);
words!(
    /// Words that end the name of a calendar.
    CALENDARS,
    ["date", "calendar", "day", "time", "period", "month", "week", "year", "cal"],
    ["datum", "kalendar", "den", "obdobi", "obdobie", "cas", "mesic"]
);
words!(
    /// Words that end the column which says what a member is called.
    NAMINGS,
    [
        "name", "desc", "description", "title", "label", "text", "caption", "nm", "fullname",
        "firstname", "lastname", "surname", "txt", "descr"
    ],
    ["nazev", "nazov", "popis", "jmeno", "meno", "prijmeni", "priezvisko"]
);
words!(
    /// Words of what people, places and things are like.
    TRAITS,
    [
        "address", "addr", "street", "city", "phone", "fax", "email", "mail", "country", "state",
        "county", "province", "zip", "postal", "zipcode", "postcode", "gender", "sex", "marital",
        "birth", "color", "colour", "size", "brand", "manager", "url", "region", "education",
        "occupation", "language", "segment", "website", "contact", "salutation", "nationality",
        "manufacturer", "model", "style", "photo", "image", "picture", "category", "subcategory",
        "class", "band", "territory", "suite", "iso", "timezone", "iata", "isbn", "sku", "ean",
        "barcode", "iban", "vat"
    ],
    [
        "ulice", "ulica", "mesto", "obec", "psc", "telefon", "zeme", "krajina", "stat", "kraj",
        "okres", "adresa", "pohlavi", "barva", "farba", "znacka", "velikost", "ico", "dic", "ucet",
        "vedouci"
    ]
);
words!(
    /// Nouns of tables that hold what happened or stood at some time.
    EVENTS,
    [
        "sales", "sale", "order", "invoice", "payment", "transaction", "txn", "trx", "shipment",
        "delivery", "receipt", "return", "refund", "purchase", "movement", "posting", "entry",
        "event", "visit", "claim", "booking", "reservation", "call", "usage", "click", "inventory",
        "balance", "snapshot", "quota", "budget", "forecast", "line", "detail", "lineitem",
        "lineorder", "rental", "trip", "measurement", "observation", "exposure", "occurrence",
        "response", "performance", "requisition", "quote", "fill", "coverage", "finance", "spend",
        "spending", "expense", "activity", "accrual", "adjustment", "application", "registration",
        "attendance", "admission", "encounter", "reading", "delay", "ticket", "complaint",
        "evaluation", "survey", "rate", "daily", "weekly", "monthly", "hourly", "history",
        "revenue", "cost", "analysis", "capacity", "deposit", "withdrawal", "transfer", "trade",
        "bid", "deal", "vote", "interaction", "pageview", "backlog", "death", "incident",
        "inspection", "appointment", "subscription", "churn", "billing", "settlement", "journal",
        "episode", "consumption", "production", "timesheet", "stock", "lifecycle",
        "turnover", "actual", "kpi"
    ],
    [
        "prodej", "predaj", "objednavka", "faktura", "platba", "uhrada", "transakce", "transakcia",
        "dodavka", "vratka", "nakup", "pohyb", "zasoba", "zasob", "zustatek", "polozka", "radek",
        "reklamace", "reklamacia", "plan", "rozpocet", "kurz", "hlaseni", "udalost", "navsteva",
        "rezervace", "vykon", "stav", "doklad", "ucetni", "spotreba", "vyroba", "smena", "hovor"
    ]
);
words!(
    /// Nouns of tables that hold people, places and things.
    MASTERS,
    [
        "customer", "client", "product", "item", "article", "material", "part", "supplier",
        "vendor", "employee", "person", "people", "user", "member", "patient", "provider", "store",
        "shop", "branch", "warehouse", "plant", "site", "location", "address", "city", "region",
        "country", "nation", "territory", "district", "department", "division", "company",
        "organization", "organisation", "org", "account", "project", "campaign", "promotion",
        "channel", "brand", "calendar", "currency", "demographic", "geography", "household",
        "agent", "carrier", "vehicle", "asset", "equipment", "team", "school", "course", "student",
        "teacher", "airport", "station", "page", "catalog", "bank", "buyer", "seller", "reseller",
        "scenario", "center", "centre", "merchant", "party", "individual", "industry", "shipper",
        "partner", "facility", "machine", "device", "doctor", "physician", "pharmacy", "drug",
        "diagnosis", "passenger", "aircraft", "driver", "dealer", "publisher", "author", "film",
        "actor", "artist", "album", "track", "book", "hotel", "room", "office", "employer",
        "coupon", "date", "time", "day", "shopper", "cashier", "terminal", "tariff", "specialty",
        "network", "zone", "county", "state", "area"
    ],
    [
        "zakaznik", "klient", "produkt", "vyrobek", "zbozi", "tovar", "material", "dodavatel",
        "zamestnanec", "osoba", "uzivatel", "pacient", "lekar", "prodejna", "predajna", "pobocka",
        "sklad", "zavod", "misto", "miesto", "adresa", "mesto", "obec", "kraj", "okres", "zeme",
        "krajina", "stredisko", "oddeleni", "firma", "spolecnost", "organizace", "ucet", "projekt",
        "kampan", "mena", "kalendar", "obchodnik", "partner", "vozidlo", "stroj", "zarizeni",
        "student", "ucitel", "banka", "dopravce", "datum", "den"
    ]
);
words!(
    /// Nouns of tables that list the values of a code.
    CODES,
    [
        "type", "status", "reason", "method", "mode", "group", "class", "code", "category",
        "subcategory", "segment", "unit", "kind", "term", "terms", "condition", "band", "range",
        "priority", "indicator", "junk", "role", "grade", "cause", "flag", "lookup", "ref",
        "level", "language", "scheme", "option", "family"
    ],
    [
        "typ", "druh", "duvod", "dovod", "zpusob", "sposob", "skupina", "trida", "trieda",
        "segment", "jednotka", "ciselnik", "kategorie", "kategoria", "role", "rola"
    ]
);
words!(
    /// Words of tables that relate others to each other.
    LINKS,
    [
        "bridge", "link", "xref", "map", "mapping", "relation", "relationship", "rel", "assoc",
        "association", "assignment", "membership", "has", "hierarchy", "closure", "brg", "access",
        "permission", "grant", "security"
    ],
    ["vazba", "vztah", "prirazeni", "priradenie", "opravneni", "pristup"]
);
words!(
    /// Words of tables that a loading process, a tool or an operator owns.
    TECHNICAL,
    [
        "log", "logs", "audit", "staging", "stg", "stage", "tmp", "temp", "temporary", "etl",
        "migration", "migrations", "changelog", "sysdiagram", "sysdiagrams", "diagram", "cutoff",
        "watermark", "checkpoint", "raw", "dump", "backup", "bak", "build", "batch", "lock",
        "cache", "queue", "debug", "test", "dbversion", "flyway", "liquibase", "dbt", "airbyte",
        "fivetran", "import", "export", "scratch", "sandbox", "dummy", "buildversion",
        "databaselog", "metadata", "landing", "wrk", "reject", "rejected", "quarantine"
    ],
    ["davka", "zaloha", "docasna", "docasny", "pomocna"]
);
words!(
    /// Words that say how much of a whole a related row stands for.
    WEIGHTINGS,
    [
        "weight", "weighting", "factor", "allocation", "share", "pct", "percent", "percentage",
        "ownership", "split", "ratio", "primary", "preferred", "sequence", "seq", "order",
        "position", "role", "level", "distance", "depth", "lvl"
    ],
    ["podil", "podiel", "vaha", "poradi", "poradie", "role", "rola", "uroven"]
);
words!(
    /// Words of the row above in a hierarchy inside one table.
    SUPERIORS,
    [
        "parent", "manager", "supervisor", "reports", "superior", "boss", "head", "leader",
        "mgr", "ancestor", "root", "sup"
    ],
    ["nadrizeny", "nadriadeny", "rodic", "vedouci", "veduci"]
);
words!(
    /// Words of the upper and the lower end of a pair of rows of one table.
    ENDS,
    [
        "parent", "child", "ancestor", "descendant", "subject", "object", "base", "top", "from",
        "to", "source", "target", "superior", "subordinate", "predecessor", "successor", "related"
    ],
    ["nadrizeny", "podrizeny", "rodic", "potomek"]
);

words!(
    /// Nouns of tables that group the members of others.
    GROUPINGS,
    [
        "category", "group", "class", "type", "segment", "family", "department", "division",
        "brand", "line", "region", "territory", "model", "sector", "industry", "subcategory",
        "manufacturer", "series", "company", "tier"
    ],
    ["skupina", "kategorie", "kategoria", "typ", "druh", "trida", "trieda", "segment", "kraj"]
);
words!(
    /// Words of a place that is somebody's own and not where the member is.
    OTHER_PLACES,
    ["birth", "manager", "code2", "phone", "origin", "destination", "dest", "ship", "bill"],
    ["narozeni"]
);
words!(
    /// Words of columns that say something about a period and do not tell it.
    PARTS_OF_TIMES,
    [
        "is", "weekday", "weekend", "holiday", "current", "last", "first", "end", "start",
        "same", "following", "previous", "next", "flag", "ind", "indicator", "in", "working",
        "dow", "dom", "season", "update", "load", "label"
    ],
    ["je", "svatek", "pracovni", "tydnu", "fiskalni"]
);
words!(
    /// Words before the number of a level.
    LEVEL_WORDS,
    ["level", "lvl", "tier", "l"],
    ["uroven"]
);
words!(CITIES, ["city", "town", "municipality"], ["mesto", "obec"]);
words!(COUNTIES, ["county", "district"], ["okres"]);
words!(
    STATES,
    ["state", "province", "stateprovince", "prov"],
    ["kraj"]
);
words!(
    COUNTRIES,
    ["country", "nation"],
    ["zeme", "krajina", "stat"]
);
words!(CONTINENTS, ["continent"], ["kontinent", "svetadil"]);
/// Levels of places, the finest first.
pub(super) static PLACES: [&Lazy<Words>; 5] =
    [&CITIES, &COUNTIES, &STATES, &COUNTRIES, &CONTINENTS];
words!(DAYS, ["day", "date"], ["den", "datum"]);
words!(MONTHS, ["month", "mth", "moy", "mon"], ["mesic", "mesiac"]);
words!(
    QUARTERS,
    ["quarter", "qtr", "qoy"],
    ["ctvrtleti", "stvrtrok", "kvartal"]
);
words!(SEMESTERS, ["semester", "halfyear"], ["pololeti", "polrok"]);
words!(YEARS, ["year", "yr"], ["rok"]);
words!(WEEKS, ["week", "wk"], ["tyden", "tyzden"]);
/// Levels of a calendar, the finest first. Weeks belong to no month and stand aside.
pub(super) static TIMES: [&Lazy<Words>; 5] = [&DAYS, &MONTHS, &QUARTERS, &SEMESTERS, &YEARS];
