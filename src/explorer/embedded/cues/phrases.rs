//! The phrases that people say a cue with.

use super::Cue;

/// Phrases by cue, without accents. A word stands for all its inflections, `word*` for
/// all words that begin so, `=word` for itself alone; words of three letters and fewer
/// always stand for themselves. The longest phrase at a place wins.
pub(super) const PHRASES: &[(Cue, &str)] = &[
    (
        Cue::List,
        "seznam, zoznam, vypis*, vyjmenuj*, vymenuj*, zobraz*, ukaz*, list, show, display, enumerate, vsechny, vsetky, vsechna, vsech, vsetkych, all, ktere, \
         ktera, ktery, ktore, ktora, ktory, jake, jaka, ake, aka, which, vypsat, ukazat, ukazte, zobrazit, vyjmenovat, vymenovat, print, give me, gimme, \
         pull up, bring up, jaky, jakou, jakych, aky, akych, aku, kterou, kterych, ktoru, ktorych, ktori, vsetci, vsichni, vypisat, what kind, vyber, \
         nasbirej, predloz",
    ),
    (
        Cue::Count,
        "kolik, kolko, pocet, poctu, poctem, how many, number of, count, spocitej, spocitaj, how large, how big, jak velky, aky velky, kolika, kolkych, pocty, \
         poctov, spocti, spocitat, zrataj*, spocital, how much, total number, size of, jak velke, jak velka, aka velka, ake velke, nr of, counts",
    ),
    (
        Cue::Tables,
        "tabulk*, tabulek, tabuliek, table, tables, datova sada, dataset, datasets, tablulk*, tabulce, tbl, tbls, tabl, datove sady, datovych sad, \
         datovych sadach",
    ),
    (
        Cue::Schemas,
        "schema, schemat*, schemata, schemy, schem, schemas, schemach, schemami, datamart, datamarty, datamartu, mart, marts, marty, martu, martov, vrstva, \
         vrstvy, vrstev, layer, layers, datove trziste, datove trzisko, subject area, subject areas, data domain, data domains, datova oblast, datove oblasti, \
         datovych oblasti, namespace, namespaces, datova vrstva",
    ),
    (
        Cue::Facts,
        "fakt, fakty, fakta, faktu, faktov, faktova, faktove, faktovych, faktovou, fact, facts, =facty, tabulky faktu, tabulka faktu, tabulky faktov, \
         fact table, fact tables, faktov*, fct, fcts",
    ),
    (
        Cue::Dimensions,
        "dimenz*, dimension, dimensions, =dim, dims, ciselnik, ciselniky, ciselniku, ciselnikov, dimension tables, ciselnik*, lookup table, lookup tables, \
         lookups, reference tables",
    ),
    (
        Cue::Bridges,
        "mosty, mostu, mostov, mostoch, mostech, vazebni, vazebnich, vazobne, vazobnych, bridge, bridges, =bridgu, =bridgov, mustek, mustky, mustku, mostik, mostiky, mostikov, vazebni tabulk*, vazobn* tabulk*, vazobne tabulky, \
         prepojovac* tabulk*, spojovaci tabulk*, link table, link tables, bridge table, bridge tables, bridgove tabulky, bridgovych tabul*",
    ),
    (
        Cue::Unclassified,
        "nezarazen*, neklasifikovan*, nezaraden*, unclassified",
    ),
    (
        Cue::Columns,
        "sloup*, slopec, slopce, stlp*, column, columns, cols, field, fields, pole, poli, polia, poliach, atribut*, attribute, attributes, kolon*, kolumn*, \
         property, properties",
    ),
    (
        Cue::Describe,
        "co je, co je to, co to je, cim je, co znamena, co presne je, what is, what s, =whats, what are, popis mi, popiste, popisz, describe, explain, \
         vysvetli*, detail, details, detaily, detailu, tell me about, tell me more about, about, co obsahuje, co vies o, co vite o, co viete o, co je v, \
         k cemu je, k cemu slouzi, na co je, na co sluzi, na co slouzi, o cem je, o com je, what does it contain, podrobnost*, informace o, informacie o, \
         povedz mi o, rekni mi o, neco o, nieco o, opis mi, opiste, what do you know about, =info, info o, popis, opis, purpose, ucel, vyznam, meaning, \
         popsat, popisat, opisat, vysvetlit, elaborate, detailne, detailneji, detailnejsie, podrobne, podrobneji, podrobnejsie, struktur*, structure, \
         structured, charakteriz*, charakterist*, what does, what does it mean, what do we know about, co vime o, co vieme o, co se skryva, co sa skryva, \
         co je uvnitr, co je vnutri, what s inside, what s in, whats in, informuj*, definic*, definice, definition, define, more on, profile, metadat*, \
         co v ni je, co v nej je, what do you have on, priblizit, bliz*, k cemu, na co, o cem, o com, cemu slouzi, comu sluzi, co mi reknes o, co mi povies o, \
         stands for, used for, good for, tell me all about, background",
    ),
    (
        Cue::Grain,
        "na urovni, na jake urovni, na akej urovni, at what level, what level, at which level, zrnitost*, granularit*, grain, granularity, jeden radek, jeden riadok, jeden zaznam, one row, a row, each row, radek tabulky, riadok tabulky, \
         level of detail, uroven detailu, urovni detailu, urovne detailu, uroven podrobnosti, what does one row, what does a row, what does each row, \
         row represent*, rows represent, radek reprezentuje, radek predstavuje, riadok predstavuje, riadok reprezentuje, per row, co je jeden radek, \
         co je jeden riadok, co predstavuje radek, co predstavuje riadok, what is one row, what is a row, jedna veta, jedna radka",
    ),
    (
        Cue::Keys,
        "klic, klice, klici, klicem, kluc, kluce, kluca, klucom, klicove sloupce, klucove stlpce, key, keys, primary key, primary keys, =pk, primarni klic, \
         primarny kluc, business key, unique key, identifik*, jednoznacn*, primarn*, klicov*, klucov*, kluc*, klic*, identifier, identifiers, unique, \
         uniquely, unikat*, jedinecn*, surrogate",
    ),
    (
        Cue::Measures,
        "measure, measures, metrik*, metric, metrics, ukazatel*, ukazovatel*, =mery, =miery, =miry, =mir, mier, meritka, kpi, =miru, meratel*, meritel*, \
         numeric columns, ciselne sloup*, ciselne stlp*, numeric*, sumov*, secist, scitat, spocitavat, agreg*, aggregat*, can be summed, merane, merime, \
         meriame",
    ),
    (
        Cue::Owner,
        "vlastni*, owner, owners, owned, owns, ownership, zodpovida, zodpoveda, odpovida za, zodpovedny, odpovedny, odpovedna, zodpovedna, responsible, \
         spravce, spravca, steward, stewards, komu patri, =majitel, majitele, garant*, na starosti, na starost, stara, starat, zodpoved*, odpovedn*, \
         zodpovid*, contact person, kontaktni osoba, kontaktna osoba, accountable, in charge, maintains, maintainer, maintained, spravuj*, spravc*, kurator*, \
         custodian, komu nalezi, data owner, koho se ptat, koho sa pytat, koho se zeptat, koho sa spytat, who should i ask, who do i ask, who takes care, \
         owning, majitel*",
    ),
    (
        Cue::Security,
        "restricted, restricted data, internal tables, internal columns, public tables, public columns, classified as, verejn* tabul*, intern* tabul*, klasifikac*, security classification, security, classification, duvern*, dovern*, citliv*, confidential, sensitive, sensitivity, utajen*, tajn*, \
         bezpecnost*, osobni udaje, osobne udaje, personal data, gdpr, pii, privacy, confidentiality, klasifikovan*",
    ),
    (
        Cue::Joins,
        "viaz*, vaze, vazou, vazana, vazany, odvolava*, visi, vise, spoj*, spaj*, join*, zjoin*, prijoin*, napoj*, napaj*, pripoj*, combin*, kombin*, merge*, vazb*, vazieb, vztah*, relation*, relate, relates, related, \
         relates to, propoj*, prepoj*, navaz*, nadvaz*, naviaz*, foreign key, foreign keys, cizi klic*, cudzi kluc*, cudzie kluce, =fk, odkazuj*, reference, \
         references, referencing, linked, link, connect, connects, connected, souvis*, suvis*, kardinalit*, cardinality, points to, point to, linkage, links, \
         linking, ties, tied, provaz*, previaz*, prevaz*, souvisej*, sousedi*, sused*, neighbour*, neighbor*, adjacent, associat*, asociac*, fks, \
         combine, sparuj*, sparov*, parovat, dat dohromady, dam dohromady, put together, bring together, path between, cesta mezi, cesta medzi, odkaz, odkazy, \
         hook up, spoji*, zlouc*, zluc*, relat*, connection*, cross reference, joinnout, matched up, pair up, pair",
    ),
    (
        Cue::Uses,
        "where used, where is used, used by, used in, is used, are used, kde se pouziva, kde se pouzivaji, kde sa pouziva, kde sa pouzivaju, kto pouziva, kdo pouziva, who uses, what uses, where is it used, where are they used, where it is used, kde je pouzit*, kde jsou pouzit*, kde su pouzit*, kde vsude, kde vsade, pouziva, pouzivaji, pouzivaju, vyuziva, vyuzivaji, vyuzivaju, use, uses, using, pouziv*, vyuziv*",
    ),
    (
        Cue::LineageUp,
        "odkud, odkial, zdroj*, source, sources, upstream, come from, comes from, coming from, what feeds, which feeds, =plni, napochaz*, pochadz*, \
         origin, originate, origins, puvod*, povod*, vznika, vznikla, vznikol, derived from, loaded from, based on, built from, z =ceho, z =coho, fed by, \
         feeding, feeds, co plni, na cem stoji, na com stoji, where does it come from, plnen*, plni se, plni sa, nahrav*, nahran*, nacita*, natahuj*, bere, \
         berie, beru, pramen*, provenanc*, provenienc*, source system, source systems, zdrojovy system, zdrojove systemy, feed, fed from, populat*, ingest*, \
         sourced, come, coming, pulled from, pulls from, odvozen*, odvoden*, z =ceho vychazi, z =coho vychadza, z =ceho pochazi, z =coho pochadza, \
         z =ceho vznika, z =coho vznika, postaven* na, where from, from where, vstup*, inputs, input, built, made of, ancestor*, \
         predecessor*, predchudc*, predchodc*, get its data, gets its data, get data from, loaded, load, loads, loading, etl, tahaj*, taha, \
         originates, originating, feedu*",
    ),
    (
        Cue::LineageDown,
        "visi, vise, navesen*, zavesen*, kam, downstream, where used, where is used, used by, used in, is used, are used, go to, goes to, flow to, flows to, impact, dopad*, zavis*, \
         depends on, depend on, dependent, kde se pouziva, kde se pouzivaji, kde sa pouziva, kde sa pouzivaju, kto pouziva, kdo pouziva, who uses, what uses, \
         co z ni vznika, co z nej vznika, vychaz*, vychadz*, konzument*, consumers, consumer, made from, built on, does feed, kde vsude, ovlivn*, ovplyvn*, \
         impact*, affect*, konzum*, consum*, dependents, dependenc*, depending, depends, relies on, rely on, relying on, navazne, naslednik*, kdo cerpa, \
         kto cerpa, cerpa, cerpaj*, kdo bere, kto berie, rozbij*, break, breaks, feeds into, feed into, flows into, descendant*, successor*, built on top, \
         on top of, zavisl*, kde vsade, napaja, derived, kde je pouzit*, kde jsou pouzit*, kde su pouzit*, where is it used, where are they used, \
         where it is used, would be affected, reads from, read from, spotrebuj*",
    ),
    (
        Cue::Lineage,
        "lineage, linage, linege, rodokmen, data flow, datovy tok, datove toky, tok dat, toky dat, tok udajov, puvod dat, povod dat, data lineage, lineag*, \
         linaz*, linag*, data flows, flow, flows, tok, toky, cesta dat",
    ),
    (
        Cue::Diagram,
        "diagram*, er diagram, er diagram*, =erd, er model, er schema, er schemat*, er schemu, nakresl*, vykresl*, draw, drawing, picture, obrazek, obrazok, \
         mermaid, vizualiz*, visuali*, graf, graph, chart, model dat, datovy model, data model, nakres*, kresl*, kresb*, namaluj*, zakresl*, nacrt*, grafick*, \
         graphic*, plot, sketch, render, obrazk*, vizualn*, star schema, hvezdicove schema, hviezdicova schema, relationship diagram, erko, er, model, modelu, \
         modely, models, znazorn*, erd*, entity relationship diagram, entity relationship model, zobraz schema, zobraz model, vyobraz*",
    ),
    (
        Cue::Quality,
        "kvalit*, quality, pokryt*, coverage, dokumentac*, documentation, documented, zdokumentovan*, dokumentovan*, skore, score, rizik*, risk, risks, risky, \
         anomal*, audit*, uplnost*, completeness, jak dobre, ako dobre, how well, how good, =dq, mezery, medzery, gaps, dokumentov*, zdokumentov*, \
         kompletn*, complet*, health, healthy, maturity, duveryhodn*, doveryhodn*, spolehliv*, spolahliv*, reliab*, trust*, articulat*, artikulac*, \
         validac*, validat*, validovan*, slabin*, weak*, weakest, poor*, well described, dobre popsan*, dobre popisan*, dobre opisan*, how good is, \
         stav dokument*, state of the docum*, stav metadat*, metadata quality, kondic*, condition of",
    ),
    (
        Cue::Fix,
        "opravit, opravime, opravim, fix, fixed, fixing, improve, improved, improvement*, zlepsi*, vylepsi*, napravit, doporuc*, odporuc*, odporucan*, \
         recommend*, priorit*, prioritu, problem*, issue, issues, wrong, spatne, zle, doplnit, doresit, doriesit, to do, todo, nejhorsi, najhorsie, najhorsi, \
         worst, spatnou, nedostatk*, what should we do, what to do, oprav*, spravit, zleps*, vyleps*, improv*, attention, pozornost*, bordel*, chaos, mess, \
         messy, spatn*, =chyby, =chyb, pain points, nejslabsi, najslabsi*, weakest, urgent*, nedostat*, neporad*, neporiad*, kriticke, needs work, work on, \
         zapracovat, upratat, uklidit, clean up, cleaned up, dotahnout, dotiahnut, best to start, start with, zacit s, zacat s, trapi, boli, tackle, \
         prioritis*, prioritiz*, naprav*, dopln*, dorob*",
    ),
    (
        Cue::Gap,
        "chybi, chybej*, chyba, chybaju, chybajuc*, chybaj*, missing, lack*, bez, nemaji, nemaju, nema, without, undocumented, nezdokumentovan*, \
         nedokumentovan*, nepopsan*, nepopisan*, neopisan*, have no, has no, with no, no, unknown, not documented, not described, neni popsan*, \
         nejsou popsan*, nie su opisane, nie su zdokumentovane, nejsou zdokumentovan*, neznam*, absenc*, empty, prazdn*, nevyplnen*, neuveden*, nezadan*, \
         nedoplnen*, unfilled, not filled, not have, does not have, do not have, doesn t have, don t have, haven t got, blank, undescribed, nie je vyplnen*, \
         nie su vyplnen*, neni vyplnen*, nejsou vyplnen*, nie je uveden*, neni uveden*, postrad*, schaz*, schadz*, zadny, zadna, zadne, zadnou, zadneho, \
         ziadny, ziadna, ziadne, ziadnu, ziadneho, nikdo, nikto, nobody, no one, unowned, orphan*",
    ),
    (
        Cue::Gone,
        "missing from source, missing from the source, missing from their source, missing from its source, missing in source, missing in the source, \
         missing from sources, missing from the sources, missing from source system, missing from the source system, missing from source systems, gone from source, \
         gone from the source, disappeared, disappeared from the source, vanished, no longer in source, no longer in the source, not in the source anymore, \
         zmizel*, zmizel* ze zdroj*, zmizl* zo zdroj*, zmizl*, chybi ve zdroj*, chybi v zdroj*, chybej* ve zdroj*, chyba v zdroj*, chybaju v zdroj*, chybaj* v zdroj*, \
         ve zdroji chybi, ve zdroji chybej*, v zdroji chyba, v zdroji chybaju, uz nejsou ve zdroj*, uz nie su v zdroj*, nejsou ve zdroj*, nie su v zdroj*, \
         neni ve zdroj*, nie je v zdroj*, neexistuj* ve zdroj*, neexistuj* v zdroj*, zanikl*, ve zdroji nejsou, v zdroji nie su, ve zdroji uz nejsou, v zdroji uz nie su",
    ),
    (
        Cue::DataType,
        "data type, data types, datatype, datovy typ, datoveho typu, datove typy, datovym typem, typ sloupce, typ stlpca, column type, type of column, \
         type of the column, what type, jaky typ, aky typ, dtype, udajovy typ",
    ),
    (
        Cue::Description,
        "popisu, popisek, popisky, popiskem, opisu, popisem, popisom, popisy, opisy, description, descriptions, described, popsan*, opisan*, popisane, \
         popisany, popisana, popisovan*, komentar*, comment, comments",
    ),
    (
        Cue::Where,
        "nasiel, nasel, nasla, nasli, naslo, kde, where, najdi, najdu, najdem, najdeme, najit, najst, find, hledam, hledame, hladam, hladame, vyhledej*, vyhladaj*, looking for, search, locate, \
         v =ktere =tabulce, v =jake =tabulce, ve =ktere =tabulce, v =ktorej =tabulke, v =akej =tabulke, which =table, what =table, =ktera =tabulka, \
         =ktora =tabulka, namapuj*, mapuj*, map, mapping, zmapuj*, =jaka =tabulka, =aka =tabulka, in which tables, v kterych tabulkach, ve kterych tabulkach, \
         v ktorych tabulkach, mame data o, mame udaje o, mame nejaka data o, is there, are there any, =existuje, do we have, mame nejakou, mame nejaku, \
         hleda*, hlada*, vyhled*, vyhlad*, search*, seek, seeking, lookup, look up, sidli, what tables, which tables, ktere tabulky, ktore tabulky, where s, \
         where are, kde mame, find out where, dohled*, dohlad*, najit*, najd*, najs*, nalez, nalezt, nalezn*, locat*",
    ),
    (
        Cue::Contains,
        "obsahuj*, contain, contains, containing, hold, holds, holding, drzi, drzia, zahrn*, include, includes, store, stores, stored, ulozen*, uchovav*, \
         track, tracks, eviduj*, mention*, zmin*, spomin*, skryva*, nese, nesou, nesu, zachyc*, zachyt*, evidov*, uloz*, uklada*, keeps, keep, kept, record, \
         recorded, capture*, captured, cover, covers, covering, schovan*, sledova*, sleduj*, sledov*, pokryva*, vedeme, vedou, veden*, mluvi, tyka*, tykaj*, \
         concern*, deal with, deals with, dealing with, zmien*, drzime, pojednav*, zahrnaj*, zahrnuj*",
    ),
    (
        Cue::Named,
        "nazev, nazvu, nazvem, nazov, nazvom, named, called, name contains, jmenuj*, volaj*, nazyv*, pojmenovan*, pomenovan*, matching, match, matches, like, \
         odpovidaj*, zodpovedaj*, zacinaj*, zacinajuc*, koncic*, konciac*, starting with, ending with, end with, start with, vzor*, pattern, slovo, slovom, \
         slovem, word, =v nazvu, v nazve",
    ),
    (
        Cue::Catalog,
        "katalog*, catalog, catalogue, overview, prehled, prehlad, celkem, celkom, celkove, in total, total, altogether, celeho, cely, cele, whole, entire, \
         everything, =warehouse, datovy sklad, datoveho skladu, datovem skladu, datovom sklade, celkovy, celkovo, celkova, overall, dwh, edw, globaln*, \
         cele databaz*, celej databaz*, entire database, what do we have, co mame, co vsechno mame, co vsetko mame, kataloku",
    ),
    (
        Cue::Compare,
        "porovn*, compare, comparison, srovn*, rozdil*, rozdiel*, differ, differs, difference, differences, versus, =vs, lisi, odlisu*, spolecn*, spolocn*, \
         in common, shared, common, odlis*, lisia, similar, similarit*, podobn*, oproti, contrast, distinguish, diff, v cem se, porovna*",
    ),
    (
        Cue::Most,
        "nejvic, nejvice, najviac, =most, largest, biggest, nejvetsi, najvacsi*, nejsirsi, najsirsi*, widest, najvacsiu, nejobsahlejsi, najobsiahlejsi*, \
         nejrozsahlejsi, najrozsiahlejsi*, nejvyssi pocet, najvyssi pocet, highest number, najviacej, najvecsi*, najvacs*, nejvets*, nejsirs*, najsirs*",
    ),
    (
        Cue::Run,
        "beh, behu, behem, behom, =run, runs, pipeline, pipelina, pipeliny, pipelinu",
    ),
    (
        Cue::My,
        "=muj, meho, =mem, memu, mym, =moje, moji, =moj, mojho, mojom, mojmu, mojej, =my, nas, naseho, nasho, our, this session, tato session, teto session, \
         tejto session, tohto behu, tohoto behu, posledniho, posledneho, last",
    ),
    (
        Cue::Request,
        "zadani, zadanie, zadania, request, pozadavek, pozadavku, pozadavkem, poziadavka, poziadavky, poziadavke, dokument, dokumentu, dokumente, document, \
         projekt, projektu, project, entita, entity, entit, entitu, entities, entitach",
    ),
    (
        Cue::Excluded,
        "vyloucen*, vyloucil*, vylucen*, vylucil*, vyrazen*, vyraden*, excluded, exclude, out of scope, mimo rozsah, mimo scope, left out, vynechan*",
    ),
    (
        Cue::Missed,
        "nenasel, nenasla, nenaslo, nenasli, nenalez*, nenajden*, nebyly nalezen*, nebyla nalezen*, nebylo nalezen*, neboli najden*, nebola najden*, \
         nebolo najden*, nenasiel, not found, not find, not matched, unmatched, no match, were missed, could not be found, weren t found, wasn t found",
    ),
    (
        Cue::Found,
        "nasel, nasla, naslo, nasli, nasiel, nalezen*, najdene, najdeny, najdena, found, matched, mapped, namapovan*, zmapovan*",
    ),
    (
        Cue::Summary,
        "shrn*, souhrn*, zhrn*, suhrn*, sumar*, summary, summarize, summarise, vysledek, vysledku, vysledky, vysledok, vysledkov, vysledkom, vysledkem, \
         result, results, dopadl, dopadla, dopadol, outcome",
    ),
    (
        Cue::Warnings,
        "varovan*, upozorn*, warning, warnings, remarks, poznamk*",
    ),
    (
        Cue::Analyse,
        "analyzuj*, zanalyzuj*, rozanalyzuj*, analyse, analyze, spust, spusti, spustte, start, zpracuj*, spracuj*, spustit, analyzovat, zanalyzovat",
    ),
    (
        Cue::Help,
        "help, pomoc*, pomoz*, napoved*, co umis, co umite, co vies, co viete, co dokaz*, co muzes, co mozes, what can you do, what can i ask, \
         co se muzu zeptat, co se mohu zeptat, na co se muzu, na co sa mozem, co sa mozem, jak te pouzit, what do you do, who are you, kdo jsi, kto si, \
         jak to funguje, ako to funguje, how does it work, how does this work, what can you, can you help, s cim muzes, s cim mozes, s cim pomuzes, \
         s cim pomozes, co vsechno umis, co vsetko vies, poradis, poradite, poradit, navod*, instructions, how to use, how can i use, capabilities, \
         capable of, funkce, funkcie, features, abilities, schopnost*, co vsechno dokazes, what questions, jake otazky, ake otazky",
    ),
    (
        Cue::Greeting,
        "ahoj, ahojte, dobry den, dobry, dobre rano, dobry vecer, hello, hi, hey, =cau, =cus, nazdar, zdravim, good morning, good afternoon, good evening, \
         servus, den, zdar, cauko, caute, hola, hej, dobre odpoledne, dobre odpoludnie, zdravicko, ciao, cavte, hello there, hi there, pekny den, krasny den, \
         mily, mila",
    ),
    (
        Cue::Thanks,
        "dekuj*, diky, dik, dakuj*, vdaka, thanks, thank you, thank, =thx, cheers, skvele, super, great, perfect, parada, vyborne, to je vse, to je vsetko, \
         that s all, that is all, bye, nashle, na shledanou, dovidenia, dekujeme, dakujeme, dik moc, merci, to staci, that will be all, appreciate*, \
         thanks a lot, dakujem pekne, vdacny, vdacna, nice, cool, paradne, skvela prace, good job, well done, bajecne, awesome",
    ),
    (
        Cue::It,
        "=it, its, jeji, =jej, =jeho, =ni, =nej, =nim, =nou, this table, that table, tato tabulka, teto tabulky, tuto tabulku, tejto tabulky, tato, tuto, \
         teto, tejto, tahle, teto tabulce, tejto tabulke, tam, this one, that one, the same, stejne, =ta, =te, =tu, =tej, =tou, toho, this, that, touto, \
         tento, tohto, tohoto, ona, =on, there",
    ),
    (
        Cue::Them,
        "z nich, z nej, jich, ich, =nich, =nimi, them, of them, of these, of those, these, those, they, their, jejich, tech, tych, techto, tychto, tyto, \
         tieto, =ty, =tie, je to hodne, between them, mezi nimi, medzi nimi, tyhle, those tables, these tables, tyto tabulky, tieto tabulky, ty tabulky, \
         tie tabulky, techto tabulek, tychto tabuliek, all of them, vsech techto, kazda z nich, each of them, nich, nim, ony, oni, obou, oboch",
    ),
    (
        Cue::Only,
        "only, just, jen, iba, len, pouze, filtr*, filter*, z toho, of that, out of that, zuz*, omez*, obmedz*, narrow*, restrict*, limit to",
    ),
    (
        Cue::And,
        "a co, a co tak, what about, how about, and what about, a pro, a pre, a v, and for, and in, a u, a ta, a ten, same for, to same pro, to iste pre, \
         totez pro, and, a, a jak, a ako, co takhle, a jake, a ake",
    ),
    (Cue::Why, "proc, preco, why"),
    (
        Cue::First,
        "prvni, prvou, prva, prvu, =prve, prvy, =first, 1st",
    ),
    (
        Cue::Second,
        "druhou, druha, druhu, druhe, druhy, druhej, second, 2nd",
    ),
    (Cue::Third, "treti, tretia, tretiu, tretej, third, 3rd"),
    (
        Cue::Fourth,
        "ctvrta, ctvrtou, ctvrty, stvrta, stvrtu, stvrty, fourth, 4th",
    ),
    (
        Cue::Fifth,
        "pata, patou, paty, piata, piatu, piaty, fifth, 5th",
    ),
    (
        Cue::Last,
        "=posledni, =posledna, =poslednu, =posledny, the last one, last one",
    ),
    (
        Cue::Rows,
        "predict*, predpovez*, predpovedz*, predpovedat, what is the total, what was the total, what is the average, what is the sum, what s the total, what s the average, what is the value, jaky je celkov*, jaka je celkov*, jaky je soucet, jaka je prumern*, jaky je prumern*, aky je celkov*, aka je celkov*, aky je sucet, aka je priemern*, aky je priemern*, how much did, how many did, kolik jsme, kolko sme, last month, last year, last week, this month, this year, minuly mesic, minuly rok, minulem roce, minulem mesici, minuly tyzden, minulom roku, minuly mesiac, minulom mesiaci, letos, tento rok, vlani, vloni, yesterday, vcera, how many rows, how many records, how many row, number of rows, number of records, row count, row counts, count rows, count of rows, count the rows, \
         kolik radku, kolik zaznamu, pocet radku, pocet zaznamu, kolko riadkov, kolko zaznamov, pocet riadkov, pocet zaznamov, kolik radek, sample rows, \
         sample data, sample record, sample records, preview, ukazka dat, ukazku dat, ukazka udajov, ukazku udajov, prvnich radku, prvych riadkov, first rows, \
         top rows, actual values, konkretni hodnoty, konkretne hodnoty, vzorek dat, vzorku dat, vzorka dat, vzorka udajov, kolik je radku, kolko je riadkov, \
         rows are, records are, rows does, records does, rows in, records in",
    ),
    (
        Cue::Change,
        "smaz*, vymaz*, zmaz*, odstran*, delete*, deleting, drop, dropped, truncate, alter, rename*, prejmenuj*, premenuj*, pridej*, pridaj*, add, insert, \
         update, aktualizuj*, uprav, upravte, =zmen, zmente, zmenit, create, vytvor*, zaloz*, remove, prepis*, vloz*, modify, edit, edituj*, pregeneruj*",
    ),
    (
        Cue::Sql,
        "sql, select, napis dotaz, napis mi dotaz, napiste dotaz, write a query, write me a query, write query, generate a query, generate query, \
         vygeneruj dotaz, dotaz v sql, python, pyspark, dbt, ddl, skript, script, napis kod, write code, napis select, dotaz pro, dotaz na vyber",
    ),
    (
        Cue::Filler,
        "analyti*, ceho, coho, cemu, comu, dostat, dostanu, dostal*, dostanem, ziskat, ziskal*, ziskam, helpful, uzitocn*, uzitecn*, kindly, gladly, friendly, urgently, immediately, ideally, possibly, exact, proper, properly, laskave, laskavo, opravnene, oblast*, agend*, tematik*, temat*, modul*, problematik*, stuff, topic, topics, related stuff, prosim, please, mi, me, mne, pls, chci, chcem, chtel, chtela, rad, bych, by, want, would, like to, i, want to, need to, can, could, you, muzes, \
         muzete, mozes, mozete, rekni, reknete, povedz, povedzte, tell, give, dej, daj, vlastne, actually, jeste, este, also, take, tiez, taky, ok, okay, tak, \
         dobre, now, ted, teraz, nejak*, nejake, nejaka, any, some, few, nekolik, niekolko, konkretn*, presne, exactly, potrebuj*, \
         potrebova*, nekde, niekde, somewhere, anywhere, everything, something, anything, vsechno, vsetko, neco, nieco, vubec, vobec, nahodou, hlavne, mainly, \
         zajima*, zaujima*, interested, interest, sem, tam, vlastnost*, skus*, zkus*, try, prosimte, vedet, vediet, know, see, videt, vidiet, look, podivat, \
         pozriet, zaznam, zaznamy, data, dat, udaj, udaje, udajov, udaju, information, informace, informacie, info, business, mit, mat, jde, da, dat, daji, \
         daju, lze, mozne, possible, muzu, mozem, budou, budu, bude, jsme, som, jsem, su, jsou, je, is, are, was, were, do, does, did, got, have, has, had, \
         ma, maji, maju, mame, mam, what, who, whose, how, jak, ako, kdo, kto, co, cim, cem, com, kdy, kedy, when, while, whether, jestli, ci, if, then, pak, \
         potom, tedy, teda, well, here, tady, tu, zde, exist, exists, existuj*, keep, kept, work, works, query, report*, represent*, reprezent*, predstav*, \
         pouzit, pracuj*, pracov*, start, zacat, zacit, zaciname, important, dulezit*, dolezit*, main, current, aktual*, available, dostupn*, k dispozici, \
         k dispozicii, mate, majte, each, every, kazd*, one, ones, other, others, thing, things, veci, vec, veci, patri, patria, lezi, nachaz*, nachadz*, \
         stands, stand, used, get, getting, let, us, them, more, vic, vice, viac, =db, databaz*, database, both, oba, obe, obou, oboch, moc, very, velmi, \
         hodne, vela, lot, much, together, spolu, dohromady, work, funguje, really, opravdu, naozaj, s, se, so, sa, si, na, do, od, po, za, ze, zo, z, ve, vo, \
         v, u, o, k, ke, ku, pro, pre, pri, mezi, medzi, between, podle, podla, from, to, in, of, on, at, by, for, with, and, or, the, an, a, i, aj, nebo, \
         alebo, ani, ale, but, any, into, within, inside, uvnitr, nad, pod, as, than, nez, nie, ne, not, don, t, s, re, m, ll, ve, tedy, prosba, prosby, rada, \
         radi, chcel*, chtel*, chceme, chces, chcete, muze, muzeme, mozeme, moze, mohu, mohl*, mohol*, mohli*, bys, byste, bychom, bysme, vedel*, zjist*, \
         zist*, dozved*, otazk*, question, questions, zeptat, zeptam, opytat, opytam, spytat, ptam, pytam, wonder*, curious, zvedav*, rychle, rychlo, rychl*, \
         quickly, quick, struc*, strucne, briefly, brief, trochu, trosku, troska, bit, sort, kind, hele, hm, hmm, ehm, takze, nejdriv, nejprve, najprv, \
         najskor, zrovna, prave, proste, jednoducho, jednoduse, simply, basically, kolega, kolegov*, kolegyn*, colleague, colleagues, boss, sef, sefka, \
         myslim, mysli*, think, guess, maybe, mozna, mozno, asi, asik, snad, probably, perhaps, nevim, neviem, vis, vies, vite, viete, vime, vieme, tusis, \
         somehow, again, znovu, znova, opet, zase, zas, still, already, uz, say, rict, povedat, going, gonna, wanna, lets, right, real, dude, kamo, plz, pliz, \
         kolem, okolo, around, ohledne, ohladom, ohladne, wrt, having, been, being, be, am, will, shall, should, might, may, must, mel, mela, mely, mali, mal, \
         mala, treba, nutne, jsi, jste, ste, takov*, taketo, such, stejn*, rovnak*, different, ruzn*, rozn*, various, jednotliv*, example, priklad, \
         napriklad, quite, rather, jako, kvuli, kvoli, because, protoze, pretoze, aby, abych, aby som, so that, since, which ones, sakra, doprcic, whatever, \
         hey, sure, yes, no problem, ano, hej, jo, yeah, yep, mimochodem, mimochodom, btw, asap, honestly, uprimne, dopredu, predem, vopred, advance, \
         in advance, help me, pomoz mi, pomozte mi, pomuzes mi, pomozes mi, pomohl*, pomohol*, pomohli, out, hledisk*, ohled*, ohlad*, moment, chvil*, \
         minute, someone, somebody, nekdo, niekto, people, lide, ludia, anyone, anybody, kdokoli, vam, vas, ti, ty, tobe, tebe, vase, vaseho, nasem, nasom, \
         nasi, nasej, team, tym, tymu, meeting, schuzk*, stretnut*, presentation, prezentac*, work with, pracuji, pracuju, robim, delam, resim, riesim, \
         resime, riesime, pripravuj*, preparing, prepare, building, building a, report, reporting, analyz*, dashboard, takhle, takto, like that, like this, \
         vyznam se, spravne, spravny, idealne, ideally, best, nejlepe, najlepsie, pokud, ak, pripadne, eventually, eventualne, doopravdy, co ja vim, at all, \
         ever, even, dokonce, dokonca, aspon, alespon, at least, tak nejak, cely seznam, onen, oh, ah, aha, wow, hmmm, looks, podivej, pozri, mrkni, koukni, \
         kukni, check, zkontroluj, skontroluj, over, verify, get me, bring, prines, podaj, hod, hodit, sprav mi, udelej, urob, make, made, do for me, sorry, \
         pardon, excuse, prominte, prepac, prepacte, omlouvam, ospravedln*",
    ),
];
