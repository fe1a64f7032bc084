//! Whole documents, read as their authors meant them.

use super::*;

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn metadata(
    project_name: &str,
    sponsor: &str,
    submitted_at: &str,
    extra: &[(&str, &str)],
) -> ProjectMetadata {
    ProjectMetadata {
        project_name: project_name.to_owned(),
        sponsor: sponsor.to_owned(),
        submitted_at: submitted_at.to_owned(),
        extra: extra
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

fn entity(name: &str, alias: &str, tables: &[&str], description: &str) -> Entity {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Entity {
        name: name.to_owned(),
        alias: some(alias),
        tables: strings(tables),
        description: some(description),
    }
}

fn metric(name: &str, description: &str) -> Metric {
    Metric {
        name: name.to_owned(),
        description: (!description.is_empty()).then(|| description.to_owned()),
    }
}

fn names(request: &Request) -> Vec<&str> {
    request
        .entities
        .iter()
        .map(|entity| entity.name.as_str())
        .collect()
}

#[test]
fn the_seeds_document_is_read() {
    assert_eq!(
        read("# Test\n\n## Cíl\nTest goal"),
        Request {
            project_metadata: metadata("Test", UNKNOWN, UNKNOWN, &[]),
            goal: "Test goal".to_owned(),
            language: Language::Cs,
            mode: Mode::Template,
            free_text: strings(&["Test goal"]),
            ..Request::default()
        }
    );
    assert_eq!(
        read("# Test Request\n\n## Cíl\nTest pipeline").goal,
        "Test pipeline"
    );
}

#[test]
fn the_wire_form_is_the_contracts() {
    let json = serde_json::to_value(read("# Test\n\n## Cíl\nTest goal\n\n## Entity\n- A (B)"))
        .expect("serialises");
    assert_eq!(
        json,
        serde_json::json!({
            "project_metadata": {"project_name": "Test", "sponsor": "unknown", "submitted_at": "unknown", "extra": {}},
            "goal": "Test goal", "scope_in": [], "scope_out": [],
            "entities": [{"name": "A", "alias": "B", "tables": [], "description": null}],
            "metrics": [], "sources": [], "constraints": [], "deliverables": [],
            "language": "cs", "mode": "template"
        })
    );
    assert_eq!(
        serde_json::from_value::<Request>(json)
            .expect("reads back")
            .entities,
        [entity("A", "B", &[], "")]
    );
}

const CZECH: &str = "\
# Žádost o datový projekt: Nákupní datamart

**Sponzor:** Jana Nováková
**Předloženo:** 28. října 2025
**Oddělení:** Nákup
Rozsah: dm_bs_purchase

## 1. Cíl projektu

Sjednotit pohled na nákup
a zkrátit **dobu reportingu**.

- méně ruční práce
- jedna verze pravdy

## 2. Rozsah

### 2.1 V rozsahu

- Nákupní objednávky od roku 2023
- Hodnocení dodavatelů

### 2.2 Mimo rozsah

1. Fakturace a platby
2. HR data

## 3. Klíčové entity

- **Dodavatelé** (Suppliers) – kmenová data dodavatelů, `dimv_supplier`
- Materiály / Materials
- Nákupní objednávky (`factv_purchase_order`, `factv_purchase_order_item`)
  - hlavička a položky
  - historie změn
- Závod (jen aktivní, bez skladů): výrobní závody
- `dimv_calendar`
- dodavatele

## 4. Metriky

| Metrika | Výpočet |
|---------|---------|
| OTIF | dodáno včas / dodáno celkem |
| Spend | - |

- Průměrná doba dodání = součet dní / počet dodávek

## 5. Zdrojové systémy

SAP ECC, Ariba a Excel.

## 6. Omezení

Osobní údaje nesmí opustit EU. Data se obnovují denně.

## 7. Požadované artefakty

- [x] ER diagram
- [ ] Report kvality dat

## 8. Rizika

- Výpadek SAP
";

#[test]
fn a_czech_template_is_read_whole() {
    assert_eq!(
        read(CZECH),
        Request {
            project_metadata: metadata(
                "Nákupní datamart",
                "Jana Nováková",
                "2025-10-28",
                &[("Oddělení", "Nákup"), ("Rozsah", "dm_bs_purchase")]
            ),
            goal: "Sjednotit pohled na nákup a zkrátit dobu reportingu.\nméně ruční práce\njedna verze pravdy".to_owned(),
            scope_in: strings(&["dm_bs_purchase", "Nákupní objednávky od roku 2023", "Hodnocení dodavatelů"]),
            scope_out: strings(&["Fakturace a platby", "HR data"]),
            entities: vec![
                entity("Dodavatelé", "Suppliers", &["dimv_supplier"], "kmenová data dodavatelů"),
                entity("Materiály", "Materials", &[], ""),
                entity(
                    "Nákupní objednávky",
                    "",
                    &["factv_purchase_order", "factv_purchase_order_item"],
                    "hlavička a položky; historie změn"
                ),
                entity("Závod", "", &[], "výrobní závody; jen aktivní, bez skladů"),
                entity("dimv_calendar", "", &["dimv_calendar"], ""),
            ],
            metrics: vec![
                metric("OTIF", "dodáno včas / dodáno celkem"),
                metric("Spend", ""),
                metric("Průměrná doba dodání", "součet dní / počet dodávek"),
            ],
            sources: strings(&["SAP ECC", "Ariba", "Excel"]),
            constraints: strings(&["Osobní údaje nesmí opustit EU", "Data se obnovují denně"]),
            deliverables: strings(&["ER diagram", "Report kvality dat"]),
            language: Language::Cs,
            mode: Mode::Template,
            free_text: Vec::new(),
            warnings: vec![],
        }
    );
}

const SLOVAK: &str = "\
Dobrý deň,

cieľom projektu je prehľad dodávok podľa dodávateľov, aby sme vedeli, kto mešká. Mimo rozsahu sú reklamácie a platby.

Názov: Prehľad dodávok
Zadávateľ: Peter Horváth
Dátum: 28.10.2025

Potrebujeme tieto dáta:

1. dodávatelia
2. dodávky (deliveries)
3. materiály

| KPI | Popis |
|-----|-------|
| Podiel dodávok načas | z `factv_delivery_performance` |
| Priemerné meškanie | v dňoch |

Zdrojom dát je SAP a Excel.
";

#[test]
fn a_loose_slovak_letter_is_read() {
    assert_eq!(
        read(SLOVAK),
        Request {
            project_metadata: metadata("Prehľad dodávok", "Peter Horváth", "2025-10-28", &[]),
            goal:
                "cieľom projektu je prehľad dodávok podľa dodávateľov, aby sme vedeli, kto mešká."
                    .to_owned(),
            scope_out: strings(&["reklamácie a platby"]),
            entities: vec![
                entity("dodávatelia", "", &[], ""),
                entity("dodávky", "deliveries", &[], ""),
                entity("materiály", "", &[], ""),
            ],
            metrics: vec![
                metric("Podiel dodávok načas", "z factv_delivery_performance"),
                metric("Priemerné meškanie", "v dňoch"),
            ],
            sources: strings(&["SAP", "Excel"]),
            language: Language::Sk,
            ..Request::default()
        }
    );
}

const ENGLISH: &str = "\
# Business Request

| Field | Value |
|-------|-------|
| Project name | Supplier Scorecard |
| Requested by | Jane Doe |
| Date | October 28, 2025 |
| Priority | High |

## Business goal

Score every supplier on delivery and price.

## Scope

- In scope:
  - Purchase orders
  - Goods receipts
- **Out of scope:** invoices, payments and contracts

## Required data domains

| Entity | Description | Tables | Owner |
|---|---|---|---|
| Supplier | Who delivers | `dimv_supplier` | MDM |
| Purchase order | What was ordered | factv_purchase_order, factv_purchase_order_item |
| Plant | | | |

## KPIs

- **On-time delivery (OTD)**: delivered on time / all deliveries
- Lead time

## Data sources

1. SAP ECC
2. N/A

## Constraints

None

## Deliverables

The ER diagram. A data quality report.
";

#[test]
fn an_english_template_with_tables_and_nested_scope_is_read() {
    assert_eq!(
        read(ENGLISH),
        Request {
            project_metadata: metadata(
                "Supplier Scorecard",
                "Jane Doe",
                "2025-10-28",
                &[("Priority", "High")]
            ),
            goal: "Score every supplier on delivery and price.".to_owned(),
            scope_in: strings(&["Purchase orders", "Goods receipts"]),
            scope_out: strings(&["invoices", "payments", "contracts"]),
            entities: vec![
                entity("Supplier", "", &["dimv_supplier"], "Who delivers"),
                entity(
                    "Purchase order",
                    "",
                    &["factv_purchase_order", "factv_purchase_order_item"],
                    "What was ordered"
                ),
                entity("Plant", "", &[], ""),
            ],
            metrics: vec![
                metric(
                    "On-time delivery (OTD)",
                    "delivered on time / all deliveries"
                ),
                metric("Lead time", ""),
            ],
            sources: strings(&["SAP ECC"]),
            deliverables: strings(&["The ER diagram", "A data quality report"]),
            language: Language::En,
            mode: Mode::Template,
            ..Request::default()
        }
    );
}

#[test]
fn languages_may_be_mixed() {
    let request = read(
        "# Projekt – Nákup 360\n\n**Sponsor**: Eva\n**Dátum:** 2025-10-28T08:00:00Z\n\n\
         Ciel:\nPřehled nákupu pro management.\n\n\
         **In Scope**\n- objednávky\n\n**Mimo rozsah:** fakturácia\n\n\
         KEY ENTITIES\n============\nDodavatelé, Materials a objednávky\n\n\
         ###### Ukazovatele:\n* OTIF\n\nOut of scope:\n\n- HR\n",
    );
    assert_eq!(
        request,
        Request {
            project_metadata: metadata("Nákup 360", "Eva", "2025-10-28", &[]),
            goal: "Přehled nákupu pro management.".to_owned(),
            scope_in: strings(&["objednávky"]),
            scope_out: strings(&["fakturácia", "HR"]),
            entities: vec![
                entity("Dodavatelé", "", &[], ""),
                entity("Materials", "", &[], ""),
                entity("objednávky", "", &[], ""),
            ],
            metrics: vec![metric("OTIF", "")],
            language: Language::Cs,
            mode: Mode::Template,
            ..Request::default()
        }
    );
}

#[test]
fn keys_alone_make_a_request() {
    assert_eq!(
        read(
            "**Project:** X\n**Goal:** See all orders\nin one place.\n**Scope:** bs\n**Entities:** A, B and C\n**Metrics:** M"
        ),
        Request {
            project_metadata: metadata("X", UNKNOWN, UNKNOWN, &[("Scope", "bs")]),
            goal: "See all orders in one place.".to_owned(),
            scope_in: strings(&["bs"]),
            entities: vec![
                entity("A", "", &[], ""),
                entity("B", "", &[], ""),
                entity("C", "", &[], "")
            ],
            metrics: vec![metric("M", "")],
            language: Language::En,
            mode: Mode::Template,
            ..Request::default()
        }
    );
}

#[test]
fn front_matter_is_read_as_keys() {
    let request = read(
        "---\nproject_name: Nákup\nsponsor: \"Eva\"\nsubmitted_at: 2025-10-28\npriority: high\nentities: [A, B]\n---\n\
         # Title\n\n## Goal\nG\n",
    );
    assert_eq!(
        request.project_metadata,
        metadata("Nákup", "Eva", "2025-10-28", &[("priority", "high")])
    );
    assert_eq!(
        (names(&request), request.goal.as_str()),
        (vec!["A", "B"], "G")
    );
}

#[test]
fn a_first_heading_is_the_title_where_there_is_no_key() {
    for (document, name) in [
        ("# Business Request: Nákup", "Nákup"),
        ("# Business Request\n\n**Název projektu:** Nákup", "Nákup"),
        ("Nákup\n=====\n\n## Cíl\nX", "Nákup"),
        ("## Nákup\n\n### Cíl\nX", "Nákup"),
        ("**Nákup**\n\n## Cíl\nX", "Nákup"),
        ("Dobrý den, posílám.\n\n# Nákup\n\n## Cíl\nX", "Nákup"),
        ("# Cíl\nX\n\n# Název projektu\nNákup", "Nákup"),
        ("## Metadata projektu\n- **Projekt:** Nákup", "Nákup"),
        ("# Cíl\nX\n\n# Rizika\nY", UNKNOWN),
        ("# Žádost o datový projekt\n\n## Cíl\nX", UNKNOWN),
    ] {
        assert_eq!(
            read(document).project_metadata.project_name,
            name,
            "{document}"
        );
    }
}

#[test]
fn a_field_may_have_a_heading_of_its_own() {
    let request = read(
        "# T\n\n## Sponzor\n- **Jméno:** Eva Malá\n- E-mail: eva@example.com\n\n## Datum\n28. 10. 2025\n\n## Cíl\nX",
    );
    assert_eq!(
        request.project_metadata,
        metadata(
            "T",
            "Eva Malá",
            "2025-10-28",
            &[("E-mail", "eva@example.com")]
        )
    );
    assert_eq!(request.goal, "X");
}

#[test]
fn a_date_the_calendar_does_not_have_is_unknown_and_kept_as_written() {
    let request = read("# T\n\nDatum: 31. 2. 2025\n\n## Cíl\nX");
    assert_eq!(
        request.project_metadata,
        metadata("T", UNKNOWN, UNKNOWN, &[("Datum", "31. 2. 2025")])
    );
    assert_eq!(
        request.warnings,
        ["The date of the request is not one the calendar has; it stands in `extra` as written."]
    );
}

#[test]
fn scope_is_told_in_and_out_however_it_is_written() {
    for document in [
        "## Rozsah\n- A\n- B\n\n### Mimo rozsah\n- C",
        "## Scope\n\n**In scope:**\n- A\n- B\n\n**Out of scope:**\n- C",
        "## Scope\n\nIn scope:\n\n- A\n- B\n\nOut of scope:\n\n- C",
        "## Scope\n- In scope\n  - A\n  - B\n- Out of scope\n  - C",
        "## Scope\n1. In scope: A, B\n2. Out of scope: C",
        "## Scope\n\n| In scope | Out of scope |\n|-|-|\n| A | C |\n| B | |",
        "## Scope\n\n| In scope | Out of scope |\n|-|-|\n| A<br>B | C |",
        "| V rozsahu | Mimo rozsah |\n|-|-|\n| A | C |\n| B | N/A |",
        "**V rozsahu:** A; B\n**Mimo rozsah:** C",
        "## Zahrnuté\n* A\n* B\n\n## Nie je súčasťou\n* C",
        "## Co je součástí projektu\nA, B\n\n## Co není součástí projektu\nC",
        "1. V rozsahu\n   - A\n   - B\n2. Vylúčené\n   - C",
        "1. V rozsahu\n\n- A\n- B\n\n2. Vyloučeno\n\n- C",
    ] {
        let request = read(document);
        assert_eq!(
            (request.scope_in, request.scope_out),
            (strings(&["A", "B"]), strings(&["C"])),
            "{document}"
        );
    }
}

#[test]
fn entities_are_read_however_they_are_listed() {
    for document in [
        "## Entity\n- Dodavatelé\n- Objednávky",
        "## Entity\n1. Dodavatelé;\n2. Objednávky.",
        "## Entity\nDodavatelé a objednávky",
        "## Entity\nDodavatelé\nObjednávky",
        "## Entity\n- Dodavatelé, objednávky",
        "## Entity\n- [ ] Dodavatelé\n- [x] **Objednávky**",
        "## Entity\n\n| Entita |\n|-|\n| Dodavatelé |\n| Objednávky |",
        "## Entity\n\n| # | Co |\n|-|-|\n| 1 | Dodavatelé |\n| 2 | Objednávky |",
        "## Entity\n\n### 1. Dodavatelé\n\n### 2. Objednávky\n",
        "## Entity\n\n### Dimenze\n- Dodavatelé\n\n### Fakta\n- Objednávky\n",
        "## Entity\n- Dimenze:\n  - Dodavatelé\n- Fakta:\n  - Objednávky\n",
        "**Klíčové entity:** Dodavatelé, objednávky",
        "- **Klíčové entity:**\n  - Dodavatelé\n  - Objednávky",
        "- Klíčové entity: Dodavatelé i objednávky",
        "## Entity\nPotřebujeme data o těchto objektech: Dodavatelé, objednávky.",
        "## Entity\nPotřebujeme:\n- Dodavatelé\n- Objednávky",
        "Zajímají nás tyto entity:\n\n- Dodavatelé\n- Objednávky",
    ] {
        let lower: Vec<String> = names(&read(document))
            .iter()
            .map(|name| name.to_lowercase())
            .collect();
        assert_eq!(lower, ["dodavatelé", "objednávky"], "{document}");
    }
}

#[test]
fn an_entity_tells_its_name_alias_tables_and_description_apart() {
    for (item, expected) in [
        (
            "**Dodavatelé** (Suppliers) – kmenová data",
            entity("Dodavatelé", "Suppliers", &[], "kmenová data"),
        ),
        (
            "**Dodavatelé (Suppliers)**: kmenová data",
            entity("Dodavatelé", "Suppliers", &[], "kmenová data"),
        ),
        (
            "**Dodavatelé:** kmenová data",
            entity("Dodavatelé", "", &[], "kmenová data"),
        ),
        (
            "**Dodavatelé** kmenová data",
            entity("Dodavatelé", "", &[], "kmenová data"),
        ),
        (
            "Dodavatelé (Suppliers) kmenová data",
            entity("Dodavatelé", "Suppliers", &[], "kmenová data"),
        ),
        (
            "Dodavatelé (EN: Suppliers)",
            entity("Dodavatelé", "Suppliers", &[], ""),
        ),
        (
            "Dodavatelé / Suppliers",
            entity("Dodavatelé", "Suppliers", &[], ""),
        ),
        (
            "Dodavatelé/Suppliers – `dimv_supplier`",
            entity("Dodavatelé", "Suppliers", &["dimv_supplier"], ""),
        ),
        (
            "`dimv_supplier`",
            entity("dimv_supplier", "", &["dimv_supplier"], ""),
        ),
        (
            "dimv_supplier",
            entity("dimv_supplier", "", &["dimv_supplier"], ""),
        ),
        (
            "Dodavatelé `dm_bs.dimv_supplier`",
            entity("Dodavatelé", "", &["dm_bs.dimv_supplier"], ""),
        ),
        (
            "Dodavatelé (dimv_supplier)",
            entity("Dodavatelé", "", &["dimv_supplier"], ""),
        ),
        (
            "Dodavatelé (Suppliers, `dimv_supplier`)",
            entity("Dodavatelé", "Suppliers", &["dimv_supplier"], ""),
        ),
        (
            "Dodavatelé (nad 10 mil. Kč)",
            entity("Dodavatelé", "", &[], "nad 10 mil. Kč"),
        ),
        (
            "Dodavatelé (hlavní, vedlejší)",
            entity("Dodavatelé", "", &[], "hlavní, vedlejší"),
        ),
        (
            "Dodavatelé (např. Siemens)",
            entity("Dodavatelé", "", &[], "např. Siemens"),
        ),
        (
            "Dodavatelé (všichni kdo nám kdy něco dodali)",
            entity("Dodavatelé", "", &[], "všichni kdo nám kdy něco dodali"),
        ),
        (
            "Dodavatelé\n  - IČO\n  - země",
            entity("Dodavatelé", "", &[], "IČO; země"),
        ),
        (
            "Dodavatelé\n  - Popis: kdo dodává\n  - English: Suppliers\n  - Tabulky: `a_b`, c_d",
            entity("Dodavatelé", "Suppliers", &["a_b", "c_d"], "kdo dodává"),
        ),
        (
            "Dodavatelé\n\n  Kdo dodává.",
            entity("Dodavatelé", "", &[], "Kdo dodává."),
        ),
        (
            "Dodavatelé (nedořečeno",
            entity("Dodavatelé (nedořečeno", "", &[], ""),
        ),
    ] {
        assert_eq!(
            read(&format!("## Entity\n- {item}\n")).entities,
            [expected],
            "{item}"
        );
    }
}

#[test]
fn a_subheading_with_text_is_an_entity() {
    let request = read(
        "## Klíčové entity\n\n### 3.1 Dodavatelé (Suppliers)\nKdo dodává.\n\n### 3.2 Závody\n- **Popis:** kde se vyrábí\n\
         - **Tabulky:** `dimv_plant`\n\n**Materiály**\nCo se kupuje.\n\n## Rizika\n- Nic\n",
    );
    assert_eq!(
        request.entities,
        [
            entity("Dodavatelé", "Suppliers", &[], "Kdo dodává."),
            entity("Závody", "", &["dimv_plant"], "kde se vyrábí"),
            entity("Materiály", "", &[], "Co se kupuje."),
        ]
    );
}

#[test]
fn entities_of_one_name_are_merged() {
    let request = read(
        "## Entity\n- Dodavatelé\n- DODAVATELE (Suppliers) – kdo dodává\n- dodavatelé `dimv_supplier`\n",
    );
    assert_eq!(
        request.entities,
        [entity(
            "Dodavatelé",
            "Suppliers",
            &["dimv_supplier"],
            "kdo dodává"
        )]
    );
}

#[test]
fn a_table_of_entities_may_have_its_columns_in_any_order() {
    let request = read(
        "| Popis | Entita | English | Tabulky |\n|-|-|-|-|\n| kdo dodává | Dodavatelé | Suppliers | `a_b`, c_d |\n|-|-|\n",
    );
    assert_eq!(request.entities, []);
    let request = read(
        "## Entity\n\n| Popis | Entita | English | Tabulky |\n|-|-|-|-|\n| kdo dodává | Dodavatelé | Suppliers | `a_b`, c_d |\n",
    );
    assert_eq!(
        request.entities,
        [entity(
            "Dodavatelé",
            "Suppliers",
            &["a_b", "c_d"],
            "kdo dodává"
        )]
    );
}

#[test]
fn an_unlabelled_list_holds_the_entities_of_a_loose_document() {
    let request =
        read("Potřebujeme report za nákup pro vedení firmy.\n\n- dodavatelé\n- objednávky\n");
    assert_eq!(
        (names(&request), request.mode),
        (vec!["dodavatelé", "objednávky"], Mode::Loose)
    );
    assert_eq!(
        request.goal,
        "Potřebujeme report za nákup pro vedení firmy."
    );
}

#[test]
fn tables_named_in_a_loose_document_are_its_entities() {
    let request = read("We need `factv_purchase_order` joined with `dimv_supplier` by month.");
    assert_eq!(
        request.entities,
        [
            entity("factv_purchase_order", "", &["factv_purchase_order"], ""),
            entity("dimv_supplier", "", &["dimv_supplier"], "")
        ]
    );
    assert_eq!(request.language, Language::En);
}

#[test]
fn a_sentence_behind_a_verb_names_the_entities_of_a_loose_document() {
    let request = read("Chceme sledovat objednávky, dodavatele a materiály.");
    assert_eq!(
        (names(&request), request.mode),
        (vec!["objednávky", "dodavatele", "materiály"], Mode::Loose)
    );
    assert_eq!(
        request.goal,
        "Chceme sledovat objednávky, dodavatele a materiály."
    );
}

#[test]
fn addresses_and_times_are_no_keys() {
    let request =
        read("# T\n\nSchůzka bude 10:30 na https://example.com/x: tam.\n\n## Cíl\nV 10:30 hotovo.");
    assert_eq!(request.project_metadata.extra, BTreeMap::new());
    assert_eq!(request.goal, "V 10:30 hotovo.");
}

#[test]
fn an_unknown_heading_ends_a_section_unless_it_is_below_it() {
    let request = read(
        "## Omezení\n- A\n\n### Právní\n- B\n\n### GDPR\nMaskovat.\n\n## Harmonogram\n- C\n\n- Fáze: 1\n",
    );
    assert_eq!(request.constraints, ["A", "B", "GDPR: Maskovat."]);
    assert_eq!(
        request.project_metadata.extra,
        BTreeMap::from([("Fáze".to_owned(), "1".to_owned())])
    );
}

#[test]
fn headings_in_code_are_none() {
    let request = read("## Cíl\nX\n\n```\n## Metriky\n- Y\n```\n");
    assert_eq!(
        (request.goal.as_str(), request.metrics),
        ("X\n## Metriky\n- Y", vec![])
    );
}

#[test]
fn the_weaker_name_for_the_goal_counts_where_there_is_no_other() {
    assert_eq!(read("# T\n\n## Popis\nA\n").goal, "A");
    assert_eq!(read("# T\n\n## Popis\nA\n\n## Účel\nB\n").goal, "B");
    assert_eq!(read("# T\n\n## Popis\nA\n").mode, Mode::Template);
}

#[test]
fn what_says_there_is_none_is_missing() {
    let request = read(
        "**Sponzor:** TBD\n**Datum:** -\n\n## Cíl\nN/A\n\n## Omezení\n- žádná\n- žádné\n\n## Zdroje\nN/A\n\n## Entity\n- [doplnit]\n",
    );
    assert_eq!(
        request,
        Request {
            language: Language::Cs,
            mode: Mode::Template,
            ..Request::default()
        }
    );
}

#[test]
fn an_empty_document_is_a_request_of_which_nothing_is_known() {
    for document in ["", " \n\t\n", "\u{feff}", "\u{feff}\r\n"] {
        assert_eq!(
            read(document),
            Request {
                warnings: strings(&["The document is empty."]),
                ..Request::default()
            },
            "{document:?}"
        );
    }
}

#[test]
fn windows_line_ends_and_nuls_change_nothing() {
    let expected = read(CZECH);
    assert_eq!(
        read(&format!("\u{feff}{}", CZECH.replace('\n', "\r\n"))),
        expected
    );
    let mut nuls = read(&CZECH.replace("nákup", "ná\0kup"));
    assert_eq!(
        std::mem::take(&mut nuls.warnings),
        ["Control characters were dropped from the document."]
    );
    assert_eq!(nuls, expected);
}

const GENERATED: &str = "\
# 📋 Business Request: Logistics KPI Mart

> **Note:** filled by the business

---

## ℹ️ Project Information

| | |
|---|---|
| **Project Name** | Logistics KPI Mart |
| **Sponsor** | Karel Svoboda (COO) |
| **Date Submitted** | 2025-10-28 |
| **Link** | https://wiki.example.com/x |

---

## 🎯 Goal

The goal of this project is to reduce late deliveries.

Key outcomes:
- Fewer delays

## 📦 Scope

**In Scope:**
- Deliveries (last 24 months)

**Out of Scope:**
- Customs

### Assumptions

- Data are available in SAP

## 🗂️ Key Entities

### 1. Delivery (Dodávka)
**Description:** One delivery note.
**Tables:** `factv_delivery_performance`, `factv_delivery`

### 2. Carrier
- Description: who carries
- Source: SAP TM

### 3. Plant

## 📊 Metrics / KPIs

### On-Time Delivery
Percentage of deliveries on time.

### Lead Time
- Formula: receipt date − order date

## 🔗 Data Sources

| Source | Owner |
|---|---|
| SAP S/4HANA | IT |

## ✅ Deliverables

1. **ER diagram** – Mermaid
";

#[test]
fn a_generated_template_full_of_emoji_is_read() {
    assert_eq!(
        read(GENERATED),
        Request {
            project_metadata: metadata(
                "Logistics KPI Mart",
                "Karel Svoboda (COO)",
                "2025-10-28",
                &[("Link", "https://wiki.example.com/x"), ("Note", "filled by the business")],
            ),
            goal: "The goal of this project is to reduce late deliveries.\nKey outcomes:\nFewer delays".to_owned(),
            scope_in: strings(&["Deliveries (last 24 months)"]),
            scope_out: strings(&["Customs"]),
            entities: vec![
                entity("Delivery", "Dodávka", &["factv_delivery_performance", "factv_delivery"], "One delivery note."),
                entity("Carrier", "", &[], "who carries; Source: SAP TM"),
                entity("Plant", "", &[], ""),
            ],
            metrics: vec![
                metric("On-Time Delivery", "Percentage of deliveries on time."),
                metric("Lead Time", "receipt date − order date"),
            ],
            sources: strings(&["SAP S/4HANA"]),
            constraints: strings(&["Data are available in SAP"]),
            deliverables: strings(&["ER diagram – Mermaid"]),
            language: Language::En,
            mode: Mode::Template,
            ..Request::default()
        }
    );
}

#[test]
fn a_czech_mail_is_read() {
    let mail = "Ahoj,\n\npotřebovali bychom report. Zajímají nás hlavně **dodavatelé**, objednávky a dodací termíny za \
                poslední 2 roky.\nCílem je zjistit, kdo dodává pozdě.\n\nMetriky: OTIF, průměrné zpoždění\nZdroje - SAP\n\
                Nepotřebujeme data o zaměstnancích ani mzdy.\n\nTermín: do konce roku\nDíky, Petr\n";
    assert_eq!(
        read(mail),
        Request {
            project_metadata: metadata(UNKNOWN, UNKNOWN, UNKNOWN, &[("Termín", "do konce roku")]),
            goal: "potřebovali bychom report. Zajímají nás hlavně dodavatelé, objednávky a dodací termíny za poslední \
                   2 roky. Cílem je zjistit, kdo dodává pozdě."
                .to_owned(),
            scope_out: strings(&["data o zaměstnancích ani mzdy"]),
            entities: vec![
                entity("dodavatelé", "", &[], ""),
                entity("objednávky", "", &[], ""),
                entity("dodací termíny", "", &[], ""),
            ],
            metrics: vec![metric("OTIF", ""), metric("průměrné zpoždění", "")],
            sources: strings(&["SAP"]),
            language: Language::Cs,
            free_text: strings(&["potřebovali bychom report", "Zajímají nás hlavně dodavatelé, objednávky a dodací termíny za poslední 2 roky", "Cílem je zjistit, kdo dodává pozdě", "Ahoj", "Díky, Petr"]),
            ..Request::default()
        }
    );
}

#[test]
fn an_english_note_is_read() {
    let note = "Request for data mart\nFrom: Jane Doe, Purchasing\nSubmitted on 28 October 2025\n\n\
                We want to analyse late deliveries by supplier. The goal is to cut delays by 20 %.\n\n\
                What we need:\n* suppliers (master data)\n* purchase orders & order items\n\
                * delivery performance – promised vs. actual dates\n\n\
                KPIs\n1. OTIF %\n2. Average delay = sum(delay_days) / count(deliveries)\n\n\
                Not in scope: HR data, invoices.\n\nData come from SAP.\n\nOutputs: dashboard, ER diagram\n";
    assert_eq!(
        read(note),
        Request {
            project_metadata: metadata(UNKNOWN, "Jane Doe, Purchasing", "2025-10-28", &[]),
            goal:
                "We want to analyse late deliveries by supplier. The goal is to cut delays by 20 %."
                    .to_owned(),
            scope_out: strings(&["HR data", "invoices"]),
            entities: vec![
                entity("suppliers", "", &[], "master data"),
                entity("purchase orders", "", &[], ""),
                entity("order items", "", &[], ""),
                entity("delivery performance", "", &[], "promised vs. actual dates"),
            ],
            metrics: vec![
                metric("OTIF %", ""),
                metric("Average delay", "sum(delay_days) / count(deliveries)")
            ],
            deliverables: strings(&["dashboard", "ER diagram"]),
            language: Language::En,
            free_text: strings(&[
                "We want to analyse late deliveries by supplier",
                "The goal is to cut delays by 20 %",
                "Request for data mart",
                "What we need:",
                "suppliers (master data)",
                "purchase orders & order items",
                "delivery performance – promised vs. actual dates"
            ]),
            ..Request::default()
        }
    );
}

#[test]
fn a_pasted_slovak_form_is_read() {
    let form = "**PROJEKTOVÁ ŽIADOSŤ**\n\n**Názov projektu:** Spend Cube **Sponzor:** CFO\n**Dátum podania:** 3. marca 2025\n\n\
                **1. Cieľ**\n\nZískať prehľad o výdavkoch.\n\n**2. Rozsah**\n\n_V rozsahu:_ nákup materiálu, služby\n\
                _Mimo rozsahu:_ investície\n\n**3. Kľúčové entity**\n\n• Dodávateľ (Supplier)\n\
                • Faktúra (Invoice), Objednávka (Purchase order)\n• Nákladové stredisko – číselník (cca 500 položiek)\n\n\
                **4. Obmedzenia:** GDPR; dáta len za SR\n\n**5. Výstupy**\nDashboard\nDátový model\n";
    assert_eq!(
        read(form),
        Request {
            project_metadata: metadata("Spend Cube", "CFO", "2025-03-03", &[]),
            goal: "Získať prehľad o výdavkoch.".to_owned(),
            scope_in: strings(&["nákup materiálu", "služby"]),
            scope_out: strings(&["investície"]),
            entities: vec![
                entity("Dodávateľ", "Supplier", &[], ""),
                entity("Faktúra", "Invoice", &[], ""),
                entity("Objednávka", "Purchase order", &[], ""),
                entity(
                    "Nákladové stredisko",
                    "",
                    &[],
                    "číselník (cca 500 položiek)"
                ),
            ],
            constraints: strings(&["GDPR", "dáta len za SR"]),
            deliverables: strings(&["Dashboard", "Dátový model"]),
            language: Language::Sk,
            mode: Mode::Template,
            ..Request::default()
        }
    );
}

#[test]
fn sources_are_split_only_where_they_are_named_in_a_row() {
    for (section, sources) in [
        (
            "- SAP, modul nákupu\n- Ariba",
            vec!["SAP, modul nákupu", "Ariba"],
        ),
        ("- SAP, Ariba", vec!["SAP", "Ariba"]),
        ("SAP a Ariba.", vec!["SAP", "Ariba"]),
        (
            "Data vychází ze SAP ECC a Ariba. Obnova je denní.",
            vec!["SAP ECC", "Ariba"],
        ),
        ("| # | Systém |\n|-|-|\n| 1 | SAP |\n| 2 | - |", vec!["SAP"]),
    ] {
        assert_eq!(
            read(&format!("## Zdroje\n{section}\n")).sources,
            sources,
            "{section}"
        );
    }
}

#[test]
fn a_statement_in_free_text_makes_a_template_loose() {
    let request = read("# T\n\n## Cíl\nX\n\n## Poznámka\nMimo rozsah jsou platby.\n");
    assert_eq!(
        (request.scope_out, request.mode),
        (strings(&["platby"]), Mode::Loose)
    );
}
