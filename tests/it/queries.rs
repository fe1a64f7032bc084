//! The queries that a run hands out: what they join, what they only propose, and that real
//! parsers read them whatever the names hold.

use std::collections::{HashMap, HashSet};

use mcop_api::artifacts::Artifact;
use mcop_api::catalog::Catalog;
use mcop_api::pipeline::security::{LIKELY, Sensitivity};
use mcop_api::pipeline::{Knowledge, Outputs, RunRequest, run};
use once_cell::sync::Lazy;
use proptest::prelude::*;
use serde_json::{Value, json};
use sqlparser::ast::{Expr, SelectItem, SetExpr, Statement, TableFactor};
use sqlparser::dialect::{AnsiDialect, DatabricksDialect, Dialect, DuckDbDialect, GenericDialect};
use sqlparser::parser::Parser;

const SQL: [Artifact; 2] = [Artifact::Query, Artifact::QueryDatabricks];

static SAMPLE: Lazy<Knowledge> = Lazy::new(|| knowledge(&set("sample")));
static INTERNET_SALES: Lazy<Outputs> = Lazy::new(|| {
    let document = request(&["dbo.FactInternetSales"]);
    outputs_of(&set("adventureworks_dw"), &document)
});

fn knowledge(export: &str) -> Knowledge {
    Knowledge::new(Catalog::from_export(export.as_bytes()).unwrap().0)
}

fn outputs_of(export: &str, document: &str) -> Outputs {
    outputs(&knowledge(export), document)
}

fn outputs(knowledge: &Knowledge, document: &str) -> Outputs {
    let request = RunRequest {
        document: document.to_owned(),
        scope: None,
        max_columns: 0,
        warnings: Vec::new(),
    };
    run(knowledge, request, &mut |_| ())
}

fn set(name: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let path = match name {
        "sample" => format!("{root}/data/catalog.json"),
        _ => format!("{root}/evaluation/{name}/export.json"),
    };
    std::fs::read_to_string(path).unwrap()
}

fn request(tables: &[&str]) -> String {
    let mut document = String::from("# By name\n\n## Key entities\n\n");
    for table in tables {
        document.extend(["- `", table, "`\n"]);
    }
    document
}

/// The file with all proposed lines in use.
fn with_proposals(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.strip_prefix("--?").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

fn dialects(artifact: Artifact) -> Vec<Box<dyn Dialect>> {
    match artifact {
        Artifact::Query => vec![
            Box::new(AnsiDialect {}),
            Box::new(GenericDialect {}),
            Box::new(DuckDbDialect {}),
        ],
        _ => vec![Box::new(DatabricksDialect {})],
    }
}

fn parsed(artifact: Artifact, text: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    for dialect in dialects(artifact) {
        found = Parser::parse_sql(&*dialect, text)
            .unwrap_or_else(|error| panic!("{dialect:?}: {error}\n{text}"));
    }
    found
}

/// The tables that a statement reads, the one of its FROM first, as the parser reads them.
fn tables(statement: &Statement) -> Vec<String> {
    let Statement::Query(query) = statement else {
        panic!("no query: {statement}");
    };
    let SetExpr::Select(select) = &*query.body else {
        panic!("no SELECT: {statement}");
    };
    let [from] = &select.from[..] else {
        panic!("not one table in FROM: {statement}");
    };
    let relations = std::iter::once(&from.relation);
    let relations = relations.chain(from.joins.iter().map(|join| &join.relation));
    relations
        .map(|relation| match relation {
            TableFactor::Table { name, .. } => {
                let parts = name.0.iter();
                let parts = parts.map(|part| part.as_ident().unwrap().value.clone());
                parts.collect::<Vec<_>>().join(".")
            }
            other => panic!("no table: {other}"),
        })
        .collect()
}

#[test]
fn every_query_parses_in_its_dialect_as_it_is_and_with_all_proposals() {
    for name in [
        "sample",
        "adventureworks_dw",
        "northwind",
        "ssb",
        "tpcds",
        "tpch",
    ] {
        let knowledge = knowledge(&set(name));
        let structure = outputs(&knowledge, "# Everything").tool2_output;
        let heads = structure.heads().map(|head| head.full_name.as_str());
        let everything: Vec<&str> = heads.collect();
        let outputs = outputs(&knowledge, &request(&everything));
        for artifact in SQL {
            let text = artifact.render(&outputs);
            let facts: Vec<String> = parsed(artifact, &text)
                .iter()
                .map(|statement| tables(statement)[0].clone())
                .collect();
            let expected: Vec<&String> = structure
                .facts
                .iter()
                .map(|fact| &fact.head.full_name)
                .collect();
            assert_eq!(facts.iter().collect::<Vec<_>>(), expected, "{name}");
            parsed(artifact, &with_proposals(&text));
        }
    }
}

#[test]
fn an_order_line_is_joined_to_its_product_and_on_to_what_is_asked_for_but_not_to_its_order() {
    let document = request(&["dbo.Order Details", "dbo.Categories"]);
    let outputs = outputs_of(&set("northwind"), &document);
    assert_eq!(
        Artifact::Query.render(&outputs),
        r#"-- Queries for the request "By name": each fact with its dimensions, then the request's metrics.
-- Keys are declared in the catalog or inferred from names, types and descriptions; no data was read. A join is used from a confidence of 75%.
-- Lines that begin with --? are only proposed; the reason stands above them. Remove these characters to use them.

-- 1/1 dbo.Order Details
-- Grain: one row per order and product.
-- Asked for by: "dbo.Order Details". Confidence that it is a fact: 97%.
SELECT
    "order_details"."OrderID"
  , "order_details"."ProductID"
  , "order_details"."UnitPrice"
  , "order_details"."Quantity"
  , "order_details"."Discount"
  , "products"."ProductName" AS "products_product_name"
  , "products"."QuantityPerUnit" AS "products_quantity_per_unit"
  , "products"."UnitPrice" AS "products_unit_price"
  , "categories"."CategoryName" AS "categories_category_name"
  , "categories"."Description" AS "categories_description"
  , "categories"."Picture" AS "categories_picture"
--?   , "orders"."Freight" AS "orders_freight"
FROM "dbo"."Order Details" AS "order_details"
  -- Confidence 96%: column ProductID is named after Products.
LEFT JOIN "dbo"."Products" AS "products"
    ON "products"."ProductID" = "order_details"."ProductID"
  -- Confidence 93%: column CategoryID is named after Categories.
LEFT JOIN "dbo"."Categories" AS "categories"
    ON "categories"."CategoryID" = "products"."CategoryID"
  -- CAUTION, dbo.Orders is a fact with a grain of its own (one row per order): its figures would be repeated on every row that meets them. Aggregate first.
  -- Confidence 97%: column OrderID is named after Orders; same name as the key of Orders; type int fits.
--? LEFT JOIN "dbo"."Orders" AS "orders"
--?     ON "orders"."OrderID" = "order_details"."OrderID"
;
"#
    );
    assert_eq!(
        Artifact::PowerQuery.render(&outputs),
        r#"// Tables for the request "By name": each fact with its dimensions. The request's metrics are in query.sql.
// Keys are declared in the catalog or inferred from names, types and descriptions; no data was read. A join is used from a confidence of 75%.
// Lines that begin with //? are only proposed; the reason stands above them. Remove these characters to use them.
// Paste into Power Query: Blank Query, Advanced Editor; fill in Server and Database.
// On Databricks: Source = Databricks.Catalogs(Server, HttpPath, [Catalog = Database]), and a table is Source{[Name = Database, Kind = "Database"]}[Data]{[Name = "schema", Kind = "Schema"]}[Data]{[Name = "table", Kind = "Table"]}[Data].
let
    Server = "server",
    Database = "database",
    Source = Sql.Database(Server, Database),
    #"dbo.Order Details" = Source{[Schema = "dbo", Item = "Order Details"]}[Data],
    #"dbo.Products" = Source{[Schema = "dbo", Item = "Products"]}[Data],
    #"dbo.Categories" = Source{[Schema = "dbo", Item = "Categories"]}[Data],
    #"dbo.Orders" = Source{[Schema = "dbo", Item = "Orders"]}[Data],

    // 1/1 dbo.Order Details
    // Grain: one row per order and product.
    // Asked for by: "dbo.Order Details". Confidence that it is a fact: 97%.
    #"order_details" =
        let
            Fact = Table.SelectColumns(#"dbo.Order Details", {"OrderID", "ProductID", "UnitPrice", "Quantity", "Discount"}),
            // Confidence 96%: column ProductID is named after Products.
            #"Merged products" = Table.NestedJoin(Fact, {"ProductID"}, #"dbo.Products", {"ProductID"}, "products rows", JoinKind.LeftOuter),
            #"Expanded products" = Table.ExpandTableColumn(#"Merged products", "products rows", {"ProductName", "QuantityPerUnit", "UnitPrice", "CategoryID"}, {"products_product_name", "products_quantity_per_unit", "products_unit_price", "products_category_id"}),
            // Confidence 93%: column CategoryID is named after Categories.
            #"Merged categories" = Table.NestedJoin(#"Expanded products", {"products_category_id"}, #"dbo.Categories", {"CategoryID"}, "categories rows", JoinKind.LeftOuter),
            #"Expanded categories" = Table.ExpandTableColumn(#"Merged categories", "categories rows", {"CategoryName", "Description", "Picture"}, {"categories_category_name", "categories_description", "categories_picture"}),
            // CAUTION, dbo.Orders is a fact with a grain of its own (one row per order): its figures would be repeated on every row that meets them. Aggregate first.
            // Confidence 97%: column OrderID is named after Orders; same name as the key of Orders; type int fits.
//?            #"Merged orders" = Table.NestedJoin(#"Expanded categories", {"OrderID"}, #"dbo.Orders", {"OrderID"}, "orders rows", JoinKind.LeftOuter),
//?            #"Expanded orders" = Table.ExpandTableColumn(#"Merged orders", "orders rows", {"Freight"}, {"orders_freight"}),
            Result = Table.RemoveColumns(#"Expanded categories", {"products_category_id"}, MissingField.Ignore)
        in
            Result
in
    #"order_details"
"#
    );
}

/// A run over `AdventureWorks` that asks for one fact, after a change of what it has found.
fn internet_sales(change: impl FnOnce(&mut Outputs)) -> String {
    let mut outputs = INTERNET_SALES.clone();
    change(&mut outputs);
    Artifact::Query.render(&outputs)
}

fn assert_holds(text: &str, part: &str) {
    assert!(text.contains(part), "no\n{part}\nin\n{text}");
}

#[test]
fn a_dimension_in_several_roles_is_joined_once_a_role() {
    let text = internet_sales(|_| ());
    for (role, column) in [
        ("order_date", "OrderDateKey"),
        ("due_date", "DueDateKey"),
        ("ship_date", "ShipDateKey"),
    ] {
        let join = format!(
            "\nLEFT JOIN \"dbo\".\"DimDate\" AS \"{role}\"\n    \
             ON \"{role}\".\"DateKey\" = \"internet_sales\".\"{column}\"\n"
        );
        assert_holds(&text, &join);
        assert_holds(
            &text,
            &format!("\n  , \"{role}\".\"CalendarYear\" AS \"{role}_calendar_year\"\n"),
        );
    }
}

#[test]
fn a_composite_key_is_one_condition_and_a_bridge_is_only_proposed() {
    assert_holds(
        &internet_sales(|_| ()),
        r#"
  -- CAUTION, dbo.FactInternetSalesReason is a bridge (many to many): rows of the fact would double.
  -- Confidence 92%: holds all 2 columns of the key of FactInternetSales.
--? LEFT JOIN "dbo"."FactInternetSalesReason" AS "internet_sales_reason"
--?     ON "internet_sales_reason"."SalesOrderNumber" = "internet_sales"."SalesOrderNumber"
--?    AND "internet_sales_reason"."SalesOrderLineNumber" = "internet_sales"."SalesOrderLineNumber"
"#,
    );
}

#[test]
fn a_doubtful_join_is_only_proposed_with_its_confidence_and_evidence() {
    let text = internet_sales(|outputs| {
        let joins = &mut outputs.tool2_output.relationships;
        let mut joins = joins.iter_mut();
        let promotion = joins.find(|join| {
            join.from_table == "dbo.FactInternetSales" && join.to_table == "dbo.DimPromotion"
        });
        promotion.unwrap().confidence = 0.74;
    });
    assert_holds(
        &text,
        r#"
  -- dbo.DimPromotion: the join is in doubt.
  -- Confidence 74%: column PromotionKey is named after DimPromotion; same name as the key of DimPromotion; type int fits.
--? LEFT JOIN "dbo"."DimPromotion" AS "promotion"
--?     ON "promotion"."PromotionKey" = "internet_sales"."PromotionKey"
"#,
    );
    assert_holds(
        &text,
        "\n--?   , \"promotion\".\"EnglishPromotionName\" AS \"promotion_english_promotion_name\"\n",
    );
    // Where the row points is then all that is left to see.
    assert_holds(&text, "\n  , \"internet_sales\".\"PromotionKey\"\n");
}

#[test]
fn a_join_to_what_is_not_the_whole_key_is_only_proposed() {
    let text = internet_sales(|outputs| {
        let dimensions = &mut outputs.tool2_output.dimensions;
        for dimension in dimensions.iter_mut() {
            match &*dimension.head.name {
                "DimPromotion" => dimension.primary_key.push("Version".to_owned()),
                "DimCurrency" => dimension.primary_key.clear(),
                _ => (),
            }
        }
    });
    for table in ["DimPromotion", "DimCurrency"] {
        let said = format!(
            "\n  -- dbo.{table}: these columns are not known to be its whole key; rows could double.\n"
        );
        assert_holds(&text, &said);
        assert_holds(&text, &format!("\n--? LEFT JOIN \"dbo\".\"{table}\""));
    }
}

#[test]
fn columns_that_lead_to_two_tables_join_the_surer_one() {
    let text = internet_sales(|outputs| {
        let joins = &mut outputs.tool2_output.relationships;
        let mut second = joins
            .iter()
            .find(|join| join.from_column == "CurrencyKey" && join.from_table.contains("Internet"))
            .cloned()
            .unwrap();
        second.to_table = "dbo.DimScenario".to_owned();
        second.to_column = "ScenarioKey".to_owned();
        second.confidence = 0.9;
        joins.push(second);
    });
    assert_holds(
        &text,
        "\nLEFT JOIN \"dbo\".\"DimCurrency\" AS \"currency\"\n",
    );
    assert_holds(
        &text,
        "\n  -- dbo.DimScenario: the same columns lead to currency already.\n",
    );
    assert_holds(&text, "\n--? LEFT JOIN \"dbo\".\"DimScenario\"");
}

#[test]
fn what_the_request_rules_out_is_not_even_proposed() {
    let outputs = outputs(&SAMPLE, include_str!("../../data/requests/cs.md"));
    let excluded = &outputs.tool1_output.excluded;
    assert_eq!(excluded.len(), 3);
    for artifact in SQL {
        let text = artifact.render(&outputs);
        for statement in parsed(artifact, &with_proposals(&text)) {
            for table in tables(&statement) {
                assert!(!excluded.iter().any(|out| out.table == table), "{table}");
            }
        }
        assert_holds(
            &text,
            "\n-- Bez dm_bs_purchase.dimv_approver_1_person: mimo rozsah: „HR data o zaměstnancích \
             (osobní čísla, jména, kontakty, zařazení)“.\n",
        );
    }
}

#[test]
fn comments_are_in_the_language_of_the_request() {
    for (document, lead, grain) in [
        (
            include_str!("../../data/requests/cs.md"),
            "-- Dotazy k zadání „",
            "-- Zrno: jeden řádek na „",
        ),
        (
            include_str!("../../data/requests/sk.md"),
            "-- Dopyty k zadaniu „",
            "-- Zrno: jeden riadok na „",
        ),
        (
            include_str!("../../data/requests/en.md"),
            "-- Queries for the request \"",
            "-- Grain: one row per ",
        ),
    ] {
        let outputs = outputs(&SAMPLE, document);
        for artifact in SQL {
            let text = artifact.render(&outputs);
            assert!(text.starts_with(lead), "{text}");
            assert_holds(&text, grain);
        }
        let text = Artifact::PowerQuery.render(&outputs);
        assert_holds(&text, &grain.replace("--", "//"));
    }
}

#[test]
fn metrics_are_computed_as_the_mapping_says() {
    let outputs = outputs(&SAMPLE, include_str!("../../data/requests/cs.md"));
    assert_holds(
        &Artifact::Query.render(&outputs),
        r#"
-- Metriky z tabulky dm_bs_purchase.factv_delivery_performance podle sloupce dim_delivery_date_key.
-- Funkce jsou zvoleny podle názvů sloupců; filtry, měny a jednotky zkontrolujte.
SELECT
    "delivery_date"."calendar_year" AS "delivery_date_calendar_year"
  , "delivery_date"."calendar_quarter" AS "delivery_date_calendar_quarter"
  , "delivery_date"."calendar_month" AS "delivery_date_calendar_month"
  , COUNT(*) AS "row_count"
    -- „Podíl dodávek dodaných včas a v plném množství“ = řádky včas / všechny řádky (82 %)
  , AVG(CASE WHEN "delivery_performance"."is_on_time" = TRUE THEN 1.0 WHEN "delivery_performance"."is_on_time" = FALSE THEN 0.0 END) AS "is_on_time_share"
    -- „Průměrné zpoždění dodávky ve dnech“ = zpoždění, průměr nebo součet (85 %)
  , AVG("delivery_performance"."delay_days") AS "delay_days_avg"
FROM "dm_bs_purchase"."factv_delivery_performance" AS "delivery_performance"
LEFT JOIN "dm_bs_purchase"."dimv_delivery_date" AS "delivery_date"
    ON "delivery_date"."dim_delivery_date_key" = "delivery_performance"."dim_delivery_date_key"
GROUP BY "delivery_date"."calendar_year", "delivery_date"."calendar_quarter", "delivery_date"."calendar_month"
ORDER BY "delivery_date"."calendar_year", "delivery_date"."calendar_quarter", "delivery_date"."calendar_month"
;
"#,
    );
}

/// What stands in a query about metrics.
fn metrics(text: &str) -> &str {
    let start = text.find("\n-- Metrics from ").unwrap();
    &text[start..]
}

/// A fact with the columns, and the metrics asked of it.
fn metrics_of(columns: &[(&str, &str)], asked: &[&str]) -> String {
    let mut all = vec![
        ("subscription_id".to_owned(), "LONG"),
        ("dim_customer_key".to_owned(), "LONG"),
    ];
    all.extend(
        columns
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), *kind)),
    );
    let mut assets = Vec::new();
    table(&mut assets, "f", "fact_subscription", &all);
    let customer = [
        ("dim_customer_key".to_owned(), "LONG"),
        ("customer_group".to_owned(), "STRING"),
    ];
    table(&mut assets, "d", "dim_customer", &customer);
    let mut document = "# Subscriptions\n\n## Entities\n- Subscription\n\n## Metrics\n".to_owned();
    for metric in asked {
        document.extend(["- ", metric, "\n"]);
    }
    let outputs = outputs_of(&json!(assets).to_string(), &document);
    metrics(&Artifact::Query.render(&outputs)).to_owned()
}

#[test]
fn attrition_counts_those_who_left_and_retention_those_who_stayed() {
    let asked = ["Customer attrition rate", "Customer retention rate"];
    let left = "-- \"Customer attrition rate\" = ";
    let stayed = "-- \"Customer retention rate\" = ";
    let flag = |column: &str, value: &str, other: &str, alias: &str| {
        format!(
            "AVG(CASE WHEN \"subscription\".\"{column}\" {value} THEN 1.0 WHEN \
             \"subscription\".\"{column}\" {other} THEN 0.0 END) AS \"{alias}\""
        )
    };
    let gone = "rows no longer active / all rows (85%)";
    let still = "rows still active / all rows (81%)";
    for (column, kind, [gone, first], [still, second]) in [
        (
            "is_active",
            "BOOLEAN",
            [
                gone,
                &flag("is_active", "= FALSE", "= TRUE", "not_is_active_share"),
            ],
            [
                still,
                &flag("is_active", "= TRUE", "= FALSE", "is_active_share"),
            ],
        ),
        (
            "is_cancelled",
            "INT",
            [
                gone,
                &flag("is_cancelled", "= 1", "<> 1", "is_cancelled_share"),
            ],
            [
                still,
                &flag("is_cancelled", "<> 1", "= 1", "not_is_cancelled_share"),
            ],
        ),
        (
            "termination_date",
            "DATE",
            [
                "departures / all, by date (83%)",
                &flag(
                    "termination_date",
                    "IS NOT NULL",
                    "IS NULL",
                    "termination_date_share",
                ),
            ],
            [
                "rows without an end date / all rows (78%)",
                &flag(
                    "termination_date",
                    "IS NULL",
                    "IS NOT NULL",
                    "no_termination_date_share",
                ),
            ],
        ),
    ] {
        assert_eq!(
            metrics_of(&[(column, kind)], &asked),
            format!(
                r#"
-- Metrics from dm.fact_subscription.
-- The functions are chosen by the columns' names; check filters, currencies and units.
SELECT
    COUNT(*) AS "row_count"
    {left}{gone}
  , {first}
    {stayed}{still}
  , {second}
FROM "dm"."fact_subscription" AS "subscription"
;
"#
            ),
            "{column}"
        );
    }
}

#[test]
fn metrics_of_one_table_by_two_dates_are_two_queries() {
    let text = metrics_of(
        &[
            ("start_date", "DATE"),
            ("due_date", "DATE"),
            ("delivery_date", "DATE"),
            ("fee_amount", "DECIMAL(18,2)"),
        ],
        &[
            "Fee amount by month of start",
            "Subscriptions on time",
            "Average fee",
        ],
    );
    assert_eq!(
        text,
        r#"
-- Metrics from dm.fact_subscription by start_date.
-- The functions are chosen by the columns' names; check filters, currencies and units.
SELECT
    EXTRACT(YEAR FROM "subscription"."start_date") AS "start_date_year"
  , EXTRACT(MONTH FROM "subscription"."start_date") AS "start_date_month"
  , COUNT(*) AS "row_count"
    -- "Fee amount by month of start" (85%)
  , SUM("subscription"."fee_amount") AS "fee_amount_sum"
    -- "Average fee" (85%)
  , AVG("subscription"."fee_amount") AS "fee_amount_avg"
FROM "dm"."fact_subscription" AS "subscription"
GROUP BY EXTRACT(YEAR FROM "subscription"."start_date"), EXTRACT(MONTH FROM "subscription"."start_date")
ORDER BY EXTRACT(YEAR FROM "subscription"."start_date"), EXTRACT(MONTH FROM "subscription"."start_date")
;

-- Metrics from dm.fact_subscription by due_date.
-- The functions are chosen by the columns' names; check filters, currencies and units.
SELECT
    EXTRACT(YEAR FROM "subscription"."due_date") AS "due_date_year"
  , EXTRACT(MONTH FROM "subscription"."due_date") AS "due_date_month"
  , COUNT(*) AS "row_count"
    -- "Subscriptions on time" = rows with actual date ≤ promised date / all rows (82%)
  , AVG(CASE WHEN "subscription"."delivery_date" <= "subscription"."due_date" THEN 1.0 WHEN "subscription"."delivery_date" > "subscription"."due_date" THEN 0.0 END) AS "delivery_date_by_due_date_share"
FROM "dm"."fact_subscription" AS "subscription"
GROUP BY EXTRACT(YEAR FROM "subscription"."due_date"), EXTRACT(MONTH FROM "subscription"."due_date")
ORDER BY EXTRACT(YEAR FROM "subscription"."due_date"), EXTRACT(MONTH FROM "subscription"."due_date")
;
"#
    );
}

#[test]
fn a_part_of_a_share_is_only_proposed_and_said_to_be_one() {
    let fee = [("fee_amount", "DECIMAL(18,2)")];
    assert_eq!(
        metrics_of(&fee, &["Share of the fee amount"]),
        r#"
-- Metrics from dm.fact_subscription.
-- The functions are chosen by the columns' names; check filters, currencies and units.
SELECT
    COUNT(*) AS "row_count"
    -- "Share of the fee amount": only the part of the share; the catalog does not say what it is a share of (85%).
--?   , SUM("subscription"."fee_amount") AS "fee_amount_sum"
FROM "dm"."fact_subscription" AS "subscription"
;
"#
    );
    assert_holds(
        &metrics_of(&fee, &["Share of the fee amount", "Total fee amount"]),
        r#"
    -- "Total fee amount" (85%)
    -- "Share of the fee amount": only the part of the share; the catalog does not say what it is a share of (85%).
  , SUM("subscription"."fee_amount") AS "fee_amount_sum"
"#,
    );
}

#[test]
fn a_date_that_a_metric_is_only_followed_by_does_not_make_it_less_sure() {
    let outputs = outputs(&SAMPLE, include_str!("../../data/requests/sk.md"));
    assert_holds(
        &Artifact::Query.render(&outputs),
        r#"
    -- „Dĺžka prepravy v dňoch podľa trasy a dopravcu“ = trvanie, priemer (73 %)
  , AVG("shipment"."transit_days") AS "transit_days_avg"
"#,
    );
}

#[test]
fn months_that_are_names_stand_in_the_order_of_the_year() {
    let document = "# Sales\n\n## Key entities\n- `dbo.FactInternetSales`\n\n\
                    ## Metrics\n- Sales amount by month\n";
    let outputs = outputs_of(&set("adventureworks_dw"), document);
    assert_eq!(
        metrics(&Artifact::Query.render(&outputs)),
        r#"
-- Metrics from dbo.FactInternetSales by OrderDateKey.
-- The functions are chosen by the columns' names; check filters, currencies and units.
SELECT
    "order_date"."CalendarYear" AS "order_date_calendar_year"
  , "order_date"."CalendarSemester" AS "order_date_calendar_semester"
  , "order_date"."CalendarQuarter" AS "order_date_calendar_quarter"
  , "order_date"."EnglishMonthName" AS "order_date_english_month_name"
  , COUNT(*) AS "row_count"
    -- "Sales amount by month" (85%)
  , SUM("internet_sales"."SalesAmount") AS "sales_amount_sum"
FROM "dbo"."FactInternetSales" AS "internet_sales"
LEFT JOIN "dbo"."DimDate" AS "order_date"
    ON "order_date"."DateKey" = "internet_sales"."OrderDateKey"
GROUP BY "order_date"."CalendarYear", "order_date"."CalendarSemester", "order_date"."CalendarQuarter", "order_date"."EnglishMonthName"
ORDER BY "order_date"."CalendarYear", "order_date"."CalendarSemester", "order_date"."CalendarQuarter", MIN("order_date"."DateKey")
;
"#
    );
}

#[test]
fn columns_of_the_grain_are_selected_and_those_left_out_are_named() {
    let text = Artifact::Query.render(&outputs(&SAMPLE, include_str!("../../data/requests/cs.md")));
    assert_holds(
        &text,
        r#"
-- Vynechané sloupce faktu: supplier_rank, evaluation_comment, is_approved_supplier.
SELECT
    "supplier_evaluation"."dim_supplier_key"
  , "supplier_evaluation"."dim_purchasing_organization_key"
  , "supplier_evaluation"."evaluation_date"
  , "supplier_evaluation"."evaluation_period"
  , "supplier_evaluation"."quality_score"
"#,
    );
    let orders = outputs_of(&set("northwind"), &request(&["dbo.Orders"]));
    assert_holds(
        &Artifact::Query.render(&orders),
        "\n-- Columns of the fact that are left out: ShipVia, ShipName, ShipAddress, ShipCity, \
         ShipRegion, ShipPostalCode, ShipCountry.\n",
    );
}

/// The columns that a statement selects, each with its table, as the parser reads them.
fn selected(statement: &Statement) -> Vec<(String, String)> {
    let Statement::Query(query) = statement else {
        panic!("no query: {statement}");
    };
    let SetExpr::Select(select) = &*query.body else {
        panic!("no SELECT: {statement}");
    };
    let from = &select.from[0];
    let relations = std::iter::once(&from.relation);
    let relations = relations.chain(from.joins.iter().map(|join| &join.relation));
    let aliases = relations.map(|relation| match relation {
        TableFactor::Table {
            alias: Some(alias), ..
        } => alias.name.value.clone(),
        other => panic!("no alias: {other}"),
    });
    let by_alias: HashMap<String, String> = aliases.zip(tables(statement)).collect();
    let items = select.projection.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(path))
        | SelectItem::ExprWithAlias {
            expr: Expr::CompoundIdentifier(path),
            ..
        } => Some((by_alias[&path[0].value].clone(), path[1].value.clone())),
        _ => None,
    });
    items.collect()
}

#[test]
fn what_the_security_report_guards_is_not_even_proposed_but_for_keys() {
    let mut guarded_in_all = 0;
    for name in [
        "sample",
        "adventureworks_dw",
        "northwind",
        "ssb",
        "tpcds",
        "tpch",
    ] {
        let knowledge = knowledge(&set(name));
        let structure = outputs(&knowledge, "# Everything").tool2_output;
        let heads = structure.heads().map(|head| head.full_name.as_str());
        let everything: Vec<&str> = heads.collect();
        let outputs = outputs(&knowledge, &request(&everything));
        let guarded: HashSet<(&str, &str)> = outputs
            .tool4_output
            .columns
            .iter()
            .filter(|column| {
                column.sensitivity >= Sensitivity::Personal && column.confidence >= LIKELY
            })
            .map(|column| (column.table.as_str(), column.column.as_str()))
            .collect();
        guarded_in_all += guarded.len();
        let structure = &outputs.tool2_output;
        let mut keys: HashSet<(&str, &str)> = HashSet::new();
        for join in &structure.relationships {
            keys.insert((&join.from_table, &join.from_column));
            keys.insert((&join.to_table, &join.to_column));
        }
        let facts = structure
            .facts
            .iter()
            .map(|fact| (&fact.head, &fact.primary_key));
        let dimensions = structure
            .dimensions
            .iter()
            .map(|one| (&one.head, &one.primary_key));
        for (head, columns) in facts.chain(dimensions) {
            keys.extend(columns.iter().map(|column| (&*head.full_name, &**column)));
        }
        for artifact in SQL {
            for statement in parsed(artifact, &with_proposals(&artifact.render(&outputs))) {
                for (table, column) in selected(&statement) {
                    let pair = (table.as_str(), column.as_str());
                    assert!(!guarded.contains(&pair) || keys.contains(&pair), "{pair:?}");
                }
            }
        }
    }
    assert!(guarded_in_all > 50, "{guarded_in_all}");
}

#[test]
fn what_is_guarded_is_left_out_with_the_reason_in_every_language_of_queries() {
    let outputs = outputs(&SAMPLE, include_str!("../../data/requests/sk.md"));
    for (artifact, mark) in [
        (Artifact::Query, "--"),
        (Artifact::QueryDatabricks, "--"),
        (Artifact::PowerQuery, "//"),
    ] {
        let text = artifact.render(&outputs);
        assert_holds(
            &text,
            &format!(
                "{mark} Vynechané ako osobné alebo prísnejšie chránené, pozri bezpečnostnú správu: \
                 dimv_carrier.dispatcher_email, dimv_carrier.dispatcher_phone.\n"
            ),
        );
        let uses = text.matches("dispatcher_email").count();
        let reasons = text.matches("dimv_carrier.dispatcher_email").count();
        assert_eq!(uses, reasons, "{text}");
    }
}

#[test]
fn without_a_fact_there_is_a_sentence_that_parses() {
    let export = json!([
        { "id": "d", "typeName": "Table", "displayName": "dim_base", "fullName": "S>db>dm>dim_base" },
        { "id": "k", "typeName": "Column", "displayName": "dim_base_key", "Hierarcy Relation": "d",
          "technicalDataType": "LONG", "isPrimaryKey": true },
    ]);
    let outputs = outputs_of(&export.to_string(), "# Everything");
    for artifact in SQL {
        let text = artifact.render(&outputs);
        assert_eq!(
            text,
            "-- There is no fact in the scope of the request, so there is nothing to query.\n"
        );
        assert_eq!(parsed(artifact, &text), []);
    }
    assert_eq!(
        Artifact::PowerQuery.render(&outputs),
        "// There is no fact in the scope of the request, so there is nothing to query.\n#table({}, {})\n"
    );
}

#[test]
fn what_is_not_asked_for_is_said_and_what_does_not_fit_is_counted() {
    let outputs = outputs_of(&set("adventureworks_dw"), "# Everything");
    let text = Artifact::Query.render(&outputs);
    assert_holds(
        &text,
        "\n-- The request asks for no fact that the catalog holds; these are the facts with the most joins.\n",
    );
    let statements = parsed(Artifact::Query, &text);
    let facts: Vec<String> = statements
        .iter()
        .map(|one| tables(one)[0].clone())
        .collect();
    assert_eq!(
        facts,
        [
            "dbo.FactResellerSales",
            "dbo.FactInternetSales",
            "dbo.FactFinance"
        ]
    );
    assert_holds(&text, "\n-- More facts did not fit in: 7. Narrow");
}

#[test]
fn a_run_that_was_stored_gives_the_same_bytes() {
    let outputs = outputs(&SAMPLE, include_str!("../../data/requests/sk.md"));
    let stored = serde_json::to_string(&outputs).unwrap();
    let restored: Outputs = serde_json::from_str(&stored).unwrap();
    for artifact in [
        Artifact::Query,
        Artifact::QueryDatabricks,
        Artifact::PowerQuery,
    ] {
        assert_eq!(artifact.render(&outputs), artifact.render(&restored));
    }
}

#[test]
fn huge_catalogs_give_files_of_bounded_size_that_parse() {
    let long = "x".repeat(300);
    let mut assets = Vec::new();
    let mut facts = Vec::new();
    // Numbers would make them copies of each other.
    for fact in [
        "orders",
        "invoices",
        "shipments",
        "returns",
        "payments",
        "claims",
        "visits",
        "calls",
        "receipts",
        "transfers",
        "forecasts",
        "budgets",
    ] {
        let mut columns: Vec<(String, &str)> = (0..40)
            .map(|place| (format!("dim_{long}_{fact}_{place}_key"), "LONG"))
            .collect();
        columns.push(("sales_amount".to_owned(), "DECIMAL(18,2)"));
        facts.push(format!("dm.fact_{fact}"));
        table(
            &mut assets,
            &format!("f{fact}"),
            &format!("fact_{fact}"),
            &columns,
        );
        for (place, (key, _)) in columns.iter().take(40).enumerate() {
            let own = [(key.clone(), "LONG"), (format!("name_{long}"), "STRING")];
            table(
                &mut assets,
                &format!("d{fact}_{place}"),
                &format!("dim_{long}_{fact}_{place}"),
                &own,
            );
        }
    }
    let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
    let outputs = outputs_of(&json!(assets).to_string(), &request(&facts));
    for artifact in SQL {
        let text = artifact.render(&outputs);
        assert!(text.len() < 510_000, "{}", text.len());
        assert_holds(&text, "\n-- More facts did not fit in: ");
        parsed(artifact, &text);
    }
    let text = Artifact::PowerQuery.render(&outputs);
    assert!(text.len() < 510_000, "{}", text.len());
}

fn table(assets: &mut Vec<Value>, id: &str, name: &str, columns: &[(String, &str)]) {
    assets.push(json!({ "id": id, "typeName": "Table", "displayName": name, "fullName": format!("S>db>dm>{id}") }));
    for (place, (column, data_type)) in columns.iter().take(40).enumerate() {
        assets.push(
            json!({ "id": format!("{id}c{place}"), "typeName": "Column", "displayName": column,
            "Hierarcy Relation": id, "technicalDataType": data_type, "columnPosition": place,
            "isPrimaryKey": place == 0 && id.starts_with('d') }),
        );
    }
}

/// Text that could be taken for syntax.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("--"),
        Just("--?"),
        Just("/*"),
        Just("*/"),
        Just("\n"),
        Just("\r"),
        Just("\u{2028}"),
        Just("\""),
        Just("`"),
        Just("'"),
        Just(";"),
        Just("\\"),
        Just("${x}"),
        Just("#(lf)"),
        Just(" "),
        Just("DROP TABLE x"),
        Just("名"),
        Just("\u{202E}"),
        Just("a"),
        Just("_b"),
        Just("."),
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| format!("q{}z", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn hostile_names_stay_names(names in prop::collection::vec(hostile(), 1..4)) {
        let mut assets = Vec::new();
        for (place, name) in names.iter().enumerate() {
            let key = format!("dim_{name}_key");
            let columns = [(key.clone(), "LONG"), (format!("{name} name"), "STRING")];
            table(&mut assets, &format!("d{place}"), &format!("dim_{name}"), &columns);
            let columns = [
                (format!("{name} number"), "LONG"),
                (key, "LONG"),
                (format!("{name} amount"), "DECIMAL(18,2)"),
            ];
            table(&mut assets, &format!("f{place}"), &format!("fact_{name}"), &columns);
        }
        let outputs = outputs_of(&json!(assets).to_string(), "# Everything");
        let structure = &outputs.tool2_output;
        let known: Vec<&str> = structure.heads().map(|head| head.full_name.as_str()).collect();
        for artifact in SQL {
            let text = artifact.render(&outputs);
            let statements = parsed(artifact, &text);
            prop_assert_eq!(statements.len(), structure.facts.len().min(3));
            for statement in &statements {
                for table in tables(statement) {
                    prop_assert!(known.contains(&&*table), "{} of {:?}", table, known);
                }
            }
        }
        for line in Artifact::PowerQuery.render(&outputs).lines() {
            let quotes = line.matches('"').count();
            prop_assert!(line.trim_start().starts_with("//") || quotes % 2 == 0, "{}", line);
        }
    }
}
