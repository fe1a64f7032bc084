//! The structure of catalogs that nobody would draw up on purpose, and somebody hands over.

use std::time::{Duration, Instant};

use mcop_api::catalog::{Catalog, TableId};
use mcop_api::pipeline::structure::{Analysis, Unclassifiable, analyse, describe};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A catalog in the making.
#[derive(Default)]
struct Sketch {
    assets: Vec<Value>,
    tables: usize,
}

impl Sketch {
    /// Adds a table; a column is its name, with its type behind a last colon.
    fn table(&mut self, schema: &str, name: &str, columns: &[impl AsRef<str>]) -> &mut Self {
        let id = format!("t{}", self.tables);
        self.tables += 1;
        self.assets.push(json!({
            "id": id, "typeName": "Table", "displayName": name, "fullName": format!("S>db>{schema}>{name}")
        }));
        for (place, column) in columns.iter().enumerate() {
            let column = column.as_ref();
            let (name, data_type) = column.rsplit_once(':').unwrap_or((column, ""));
            self.assets.push(json!({
                "id": format!("{id}-{place}"), "typeName": "Column", "displayName": name,
                "Hierarcy Relation": id, "columnPosition": place, "technicalDataType": data_type
            }));
        }
        self
    }

    /// Flags every column as a part of the key.
    fn flagged(mut self) -> Self {
        for asset in &mut self.assets {
            asset["isPrimaryKey"] = json!(asset["typeName"] == "Column");
        }
        self
    }

    fn analysed(&self) -> Found {
        let catalog = load(&self.assets);
        let analysis = analyse(&catalog, &everything(&catalog));
        // What is said about the findings must not fall over them either.
        let _ = describe(&catalog, &analysis, &[]);
        Found { catalog, analysis }
    }
}

fn load(assets: &[Value]) -> Catalog {
    let export = Value::from(assets).to_string();
    Catalog::from_export(export.as_bytes()).unwrap().0
}

fn everything(catalog: &Catalog) -> Vec<TableId> {
    catalog.tables().map(|(id, _)| id).collect()
}

struct Found {
    catalog: Catalog,
    analysis: Analysis,
}

impl Found {
    /// The joins as `table.column -> table`, sorted.
    fn joins(&self) -> Vec<String> {
        let mut joins: Vec<String> = self
            .analysis
            .joins
            .iter()
            .map(|join| {
                let (from, to) = (self.catalog.table(join.from), self.catalog.table(join.to));
                let column = &from.columns[join.from_column].name;
                format!("{}.{column} -> {}", from.name, to.name)
            })
            .collect();
        joins.sort();
        joins
    }

    fn called(&self, name: &str) -> TableId {
        let mut tables = self.catalog.tables();
        tables.find(|(_, table)| *table.name == *name).unwrap().0
    }

    /// The columns of a table's key; none where it is unknown.
    fn key(&self, name: &str) -> Vec<&str> {
        let id = self.called(name);
        let key = self.analysis.of(id).unwrap().key.as_ref();
        key.map(|key| key.columns.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|place| &*self.catalog.table(id).columns[*place].name)
            .collect()
    }

    /// What a table is a copy of.
    fn original(&self, name: &str) -> Option<&str> {
        let id = self.called(name);
        match self.analysis.of(id).unwrap().lacking {
            Some(Unclassifiable::Copy { of }) => Some(&self.catalog.table(of).name),
            _ => None,
        }
    }
}

/// The time this thread has been computing (Linux), so that neighbours do not count.
fn computing_time() -> Option<Duration> {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = schedule.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// How long the analysis alone takes.
fn time_of(sketch: &Sketch) -> Duration {
    let catalog = load(&sketch.assets);
    let scope = everything(&catalog);
    let (started, before) = (Instant::now(), computing_time());
    let analysis = analyse(&catalog, &scope);
    let took = before
        .zip(computing_time())
        .map_or(started.elapsed(), |(before, after)| {
            after.saturating_sub(before)
        });
    assert_eq!(analysis.scope, scope);
    took
}

/// Four times the input takes less than ten times as long.
fn grows_gently(size: usize, sketch: impl Fn(usize) -> Sketch) {
    // What takes less than this is not worth comparing.
    let least = Duration::from_millis(50);
    let (small, large) = (time_of(&sketch(size)), time_of(&sketch(4 * size)));
    assert!(
        large < 10 * small.max(least),
        "{size}: {small:?}, four times as much: {large:?}"
    );
}

/// No analysis of what is called small here takes longer, without optimisation.
const SMALL: Duration = Duration::from_secs(3);

/// A word of letters alone for every number.
fn word(mut number: usize) -> String {
    const SYLLABLES: [&str; 12] = [
        "ba", "co", "du", "fe", "gi", "ka", "lo", "mu", "ne", "pi", "ro", "ta",
    ];
    let mut word = String::new();
    for _ in 0..4 {
        word.push_str(SYLLABLES[number % 12]);
        number /= 12;
    }
    word
}

const NONE: [&str; 0] = [];

#[test]
fn tables_without_columns_are_joined_to_nothing() {
    let mut sketch = Sketch::default();
    sketch
        .table("dm", "customers", &NONE)
        .table("dm", "orders", &["id:bigint", "customer_id:bigint"])
        .table("dm", "nothing", &NONE);
    let found = sketch.analysed();
    assert_eq!(found.joins(), NONE);
    assert_eq!(found.key("customers"), NONE);
    let mut empty = Sketch::default();
    for number in 0..500 {
        empty.table("dm", &word(number), &NONE);
    }
    assert_eq!(empty.analysed().joins(), NONE);
}

/// Tables of 3,000 columns, every tenth of which points at the next of the tables.
fn wide(tables: usize) -> Sketch {
    let mut sketch = Sketch::default();
    for table in 0..tables {
        let columns: Vec<String> = (0..3000)
            .map(|place| match place {
                0 => format!("{}_id:bigint", word(table)),
                place if place % 10 == 0 => {
                    let (role, parent) = (word(place), word((table + place / 10) % tables));
                    format!("{role}_{parent}_id:bigint")
                }
                place => format!("{}_{}:varchar", word(place), word(place + 7)),
            })
            .collect();
        sketch.table("dm", &word(table), &columns);
    }
    sketch
}

#[test]
fn three_thousand_columns_take_their_time_and_no_more() {
    assert!(time_of(&wide(1)) < SMALL);
    grows_gently(4, wide);
    let joins = wide(3).analysed().joins();
    let of_first = |join: &&String| join.starts_with(&format!("{}.", word(0)));
    let (own, other) = (word(0), word(1));
    let joins: Vec<&String> = joins.iter().filter(of_first).collect();
    assert!(joins.iter().any(|join| join.ends_with(&other)));
    assert!(
        joins
            .iter()
            .filter(|join| join.ends_with(&own))
            .all(|join| join.contains(&format!("_{own}_id"))),
        "none but those that say so point at their own table"
    );
}

#[test]
fn a_flag_on_each_of_three_thousand_columns_is_a_key_of_three_thousand() {
    let flagged = || wide(2).flagged();
    assert_eq!(flagged().analysed().key(&word(0)).len(), 3000);
    assert!(time_of(&flagged()) < 2 * SMALL);
}

#[test]
fn tables_that_differ_by_case_only_are_two_and_not_joined_to_each_other() {
    let mut sketch = Sketch::default();
    sketch
        .table("dm", "Orders", &["order_id:bigint", "note:text"])
        .table("dm", "ORDERS", &["ORDER_ID:bigint", "NOTE:text"])
        .table("dm", "order_lines", &["line_id:bigint", "order_id:bigint"]);
    let found = sketch.analysed();
    assert_eq!(found.key("Orders"), ["order_id"]);
    assert_eq!(found.key("ORDERS"), ["ORDER_ID"]);
    // Which of the two is meant cannot be known for sure.
    let [join] = found.analysis.joins.as_slice() else {
        panic!("{:?}", found.joins());
    };
    assert_eq!(&*found.catalog.table(join.from).name, "order_lines");
    assert!(join.confidence < 0.9, "{}", join.confidence);
}

#[test]
fn names_in_cyrillic_join_as_others_do() {
    let mut sketch = Sketch::default();
    sketch
        .table("хранилище", "заказ", &["id:bigint", "клиент_id:bigint"])
        .table("хранилище", "клиент", &["id:bigint", "имя:text"]);
    assert_eq!(sketch.analysed().joins(), ["заказ.клиент_id -> клиент"]);
}

#[test]
fn spaces_quotes_and_dots_part_words() {
    let mut sketch = Sketch::default();
    sketch
        .table(
            "dm",
            "\"Sales\".\"Customer\"",
            &["Sales Customer ID:int", "Full Name:text"],
        )
        .table("dm", "O'Reilly's Books", &["Books ID:int"])
        .table(
            "dm",
            "Order Details",
            &[
                "Order Details ID:int",
                "'Sales.Customer' ID:int",
                "O'Reilly's Books ID:int",
            ],
        );
    assert_eq!(
        sketch.analysed().joins(),
        [
            "Order Details.'Sales.Customer' ID -> \"Sales\".\"Customer\"",
            "Order Details.O'Reilly's Books ID -> O'Reilly's Books"
        ]
    );
}

#[test]
fn names_without_a_word_are_joined_to_nothing() {
    let names = [
        "🙂", "🙂🙂", "__", "---", "…", "'", "\u{200D}", "2023", "tmp",
    ];
    let mut sketch = Sketch::default();
    for name in names {
        sketch.table("dm", name, &names);
    }
    sketch.table("dm", "orders", &names);
    let found = sketch.analysed();
    assert_eq!(found.joins(), NONE);
    for name in names {
        assert_eq!(found.original(name), None, "{name}");
    }
}

#[test]
fn one_letter_says_nothing() {
    let letters: Vec<String> = ('a'..='z').map(String::from).collect();
    let mut sketch = Sketch::default();
    for letter in &letters {
        sketch.table("dm", letter, &letters);
    }
    assert_eq!(sketch.analysed().joins(), NONE);
}

#[test]
fn names_join_where_no_type_is_known() {
    let mut sketch = Sketch::default();
    sketch
        .table("dm", "customers", &["customer_id", "name"])
        .table("dm", "orders", &["order_id", "customer_id", "note"])
        .table(
            "dm",
            "order_items",
            &["order_id:geometry", "product_id:blob?", "amount:?"],
        )
        .table("dm", "products", &["product_id:blob?", "name"]);
    assert_eq!(
        sketch.analysed().joins(),
        [
            "order_items.order_id -> orders",
            "order_items.product_id -> products",
            "orders.customer_id -> customers"
        ]
    );
}

const COPIES: [&str; 9] = [
    "orders_bak",
    "orders_2023",
    "orders_tmp",
    "orders_old",
    "copy_of_orders",
    "orders_20240131",
    "tmp_orders_2",
    "orders_backup_2022",
    "Orders_OLD_2",
];

/// Orders with all sorts of copies, in a schema whose other tables have copies, too.
fn copied() -> Sketch {
    let (customer, order) = (
        ["customer_id:bigint", "customer_name:text"],
        ["order_id:bigint", "customer_id:bigint", "ordered_on:date"],
    );
    let item = ["item_id:bigint", "order_id:bigint", "net_amount:decimal"];
    let mut sketch = Sketch::default();
    for name in COPIES.iter().chain(&["orders"]) {
        sketch.table("dm", name, &order);
    }
    for name in ["customers", "customers_bak"] {
        sketch.table("dm", name, &customer);
    }
    for name in ["items", "items_old", "items_2023"] {
        sketch.table("dm", name, &item);
    }
    sketch
}

#[test]
fn copies_are_recognised_and_no_join_leads_to_or_from_one() {
    let found = copied().analysed();
    for copy in COPIES {
        assert_eq!(found.original(copy), Some("orders"), "{copy}");
    }
    assert_eq!(found.original("customers_bak"), Some("customers"));
    assert_eq!(found.original("items_old"), Some("items"));
    assert_eq!(found.original("orders"), None);
    assert_eq!(
        found.joins(),
        [
            "items.order_id -> orders",
            "orders.customer_id -> customers"
        ]
    );
}

#[test]
fn what_only_sounds_like_a_copy_is_a_table() {
    let mut sketch = Sketch::default();
    sketch
        .table("dm", "orders", &["order_id:bigint", "ordered_on:date"])
        .table(
            "dm",
            "old_orders",
            &["key:bigint", "reason:text", "moved_on:date"],
        )
        .table(
            "other",
            "orders_bak",
            &["order_id:bigint", "ordered_on:date"],
        )
        .table(
            "dm",
            "bill_of_material",
            &["order_id:bigint", "ordered_on:date"],
        )
        .table(
            "dm",
            "bill_material",
            &["order_id:bigint", "ordered_on:date"],
        );
    let found = sketch.analysed();
    for name in ["old_orders", "orders_bak", "bill_of_material"] {
        assert_eq!(found.original(name), None, "{name}");
    }
}

#[test]
fn snapshots_without_an_original_are_not_joined_to_each_other() {
    let mut sketch = Sketch::default();
    for year in 2001..2031 {
        let columns = [
            "order_id:bigint",
            "customer_id:bigint",
            "parent_order_id:bigint",
        ];
        sketch.table("dm", &format!("orders_{year}"), &columns);
    }
    sketch.table("dm", "customers", &["customer_id:bigint"]);
    let joins = sketch.analysed().joins();
    let between = |join: &&String| {
        let (from, to) = join.split_once(" -> ").unwrap();
        to != "customers" && !from.starts_with(&format!("{to}."))
    };
    assert_eq!(joins.iter().find(between), None);
    let customers = joins.iter().filter(|join| join.ends_with("> customers"));
    assert_eq!(customers.count(), 30);
}

/// Tables of one name, each in a schema of its own.
fn one_name(schemas: usize) -> Sketch {
    let mut sketch = Sketch::default();
    for schema in 0..schemas {
        let columns = [
            "order_id:bigint",
            "parent_order_id:bigint",
            "customer_id:bigint",
            "note:text",
        ];
        sketch.table(&word(schema), "orders", &columns);
    }
    sketch
}

#[test]
fn five_hundred_tables_of_one_name_are_joined_within_their_schemas() {
    grows_gently(125, one_name);
    let Found { analysis, .. } = one_name(500).analysed();
    assert_eq!(analysis.joins.len(), 500, "every one to its parent");
    assert!(analysis.joins.iter().all(|join| join.from == join.to));
}

/// Tables of the same four columns.
fn uniform(tables: usize) -> Sketch {
    let mut sketch = Sketch::default();
    for table in 0..tables {
        let columns = [
            "id:bigint",
            "name:text",
            "created_at:timestamp",
            "valid_from:date",
        ];
        sketch.table("dm", &word(table), &columns);
    }
    sketch
}

#[test]
fn columns_that_all_tables_share_are_keys_of_none_but_their_own() {
    grows_gently(500, uniform);
    let found = uniform(2000).analysed();
    assert_eq!(found.joins(), NONE);
    assert_eq!(found.key(&word(0)), ["id"]);
    assert_eq!(found.key(&word(1999)), ["id"]);
}

#[test]
fn references_in_a_circle_are_followed_and_left() {
    let names: Vec<String> = [
        "region_group",
        "region_type",
        "region_class",
        "region_segment",
    ]
    .map(String::from)
    .to_vec();
    let mut sketch = Sketch::default();
    for (place, name) in names.iter().enumerate() {
        let next = &names[(place + 1) % names.len()];
        let columns = [
            format!("{name}_id:bigint"),
            format!("{next}_id:bigint"),
            "name:text".into(),
        ];
        sketch.table("dm", name, &columns);
    }
    let joins = sketch.analysed().joins();
    assert_eq!(joins.len(), 4, "{joins:?}");
    let mut twins = Sketch::default();
    twins
        .table("dm", "person", &["person_id:bigint", "employee_id:bigint"])
        .table(
            "dm",
            "employee",
            &["employee_id:bigint", "person_id:bigint"],
        );
    assert_eq!(
        twins.analysed().joins(),
        [
            "employee.person_id -> person",
            "person.employee_id -> employee"
        ]
    );
}

#[test]
fn a_table_whose_columns_are_all_called_after_others_points_at_them() {
    let others = [
        "customer",
        "product",
        "store",
        "promotion",
        "carrier",
        "warehouse",
    ];
    let mut sketch = Sketch::default();
    for other in others {
        sketch.table("dm", other, &["id:int", "label:text"]);
    }
    sketch.table("dm", "sale", &others.map(|other| format!("{other}:int")));
    let mut expected = others.map(|other| format!("sale.{other} -> {other}"));
    expected.sort();
    assert_eq!(sketch.analysed().joins(), expected);
}

#[test]
fn flags_on_all_columns_leave_no_column_to_point_at() {
    let mut sketch = Sketch::default();
    sketch
        .table("dm", "customers", &["id:int", "name:text"])
        .table("dm", "orders", &["id:int", "customer_id:int", "note:text"]);
    let found = sketch.flagged().analysed();
    assert_eq!(found.key("orders"), ["id", "customer_id", "note"]);
    assert_eq!(found.joins(), NONE);
}

#[test]
fn names_of_ten_thousand_characters_name_nothing() {
    let long = [
        "a".repeat(10_000),
        "ab_".repeat(3_333),
        "order".repeat(2_000),
        "Order".repeat(2_000),
        "order ".repeat(1_666),
        "1a".repeat(5_000),
        "ж".repeat(10_000),
        "🙂_".repeat(5_000),
        format!("{}_id", "order_".repeat(1_666)),
    ];
    let mut sketch = Sketch::default();
    sketch.table(
        "dm",
        "order",
        &["id:int", "order_order:text", "ordering:text"],
    );
    for name in &long {
        sketch.table("dm", name, &long);
    }
    assert!(time_of(&sketch) < SMALL);
    assert_eq!(sketch.analysed().joins(), NONE);
}

#[test]
fn a_column_name_of_five_hundred_words_is_a_text_and_no_key() {
    let text: Vec<String> = (0..500).map(word).collect();
    let (text, key) = (text.join(" "), format!("{} id", text.join("_")));
    let mut sketch = Sketch::default();
    sketch.table("dm", "customers", &["id:int", "name:text"]);
    for table in 0..20 {
        let columns = [&*text, &*key, "customer_id:int"];
        sketch.table("dm", &format!("{} {text}", word(table)), &columns);
    }
    assert!(time_of(&sketch) < SMALL);
    let found = sketch.analysed();
    let name = format!("{} {text}", word(0));
    assert_eq!(found.key(&name), NONE);
    assert_eq!(found.analysis.joins.len(), 20, "each to its customer");
}

#[test]
fn a_column_that_is_listed_again_counts_once() {
    let mut sketch = Sketch::default();
    let columns = [
        "order_id:int",
        "customer_id:int",
        "customer_id:int",
        "customer_id:text",
    ];
    sketch
        .table(
            "dm",
            "customers",
            &["customer_id:int", "customer_id:int", "name:text"],
        )
        .table("dm", "orders", &columns);
    let found = sketch.analysed();
    assert_eq!(found.joins(), ["orders.customer_id -> customers"]);
    assert_eq!(found.key("customers"), ["customer_id"]);
}

#[test]
fn many_tables_that_are_called_the_same_cost_no_more_than_others() {
    // The words are the same, whatever stands between them.
    grows_gently(200, |tables| {
        let mut sketch = Sketch::default();
        for table in 0..tables {
            let columns = [
                "order_id:int",
                "parent_order_id:int",
                "shipped_order_id:int",
            ];
            sketch.table("dm", &format!("order{}", "!".repeat(table + 1)), &columns);
        }
        sketch
    });
}

#[test]
fn many_tables_with_one_key_cost_no_more_than_others() {
    let keyed = |columns: [&'static str; 4]| {
        move |tables: usize| {
            let mut sketch = Sketch::default();
            for table in 0..tables {
                // A third each has the key, refers to it, and has nothing to do with it.
                match table % 3 {
                    0 => sketch.table("dm", &word(table), &columns),
                    1 => sketch.table("dm", &word(table), &["id:int", columns[0], columns[1]]),
                    _ => sketch.table("dm", &word(table), &["id:int", "label:text"]),
                };
            }
            sketch
        }
    };
    grows_gently(
        300,
        keyed(["tenant_key:int", "label:text", "size:int", "city:text"]),
    );
    grows_gently(
        300,
        keyed([
            "document_number:int",
            "document_item_number:int",
            "a:text",
            "b:text",
        ]),
    );
    grows_gently(
        300,
        keyed(["day_key:date", "year:int", "month:int", "week:int"]),
    );
}

#[test]
fn the_order_of_the_scope_carries_no_meaning() {
    let catalog = load(&copied().assets);
    let mut scope = everything(&catalog);
    let forwards = analyse(&catalog, &scope);
    scope.reverse();
    scope.extend_from_within(..5);
    assert_eq!(analyse(&catalog, &scope).joins, forwards.joins);
}

/// Names that people do not give, out of parts that mean something to us.
fn odd_name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => prop::sample::select(vec![
            "id", "key", "order", "orders", "customer", "cust", "item", "parent", "date", "fact",
            "dim", "bak", "2023", "tmp", "copy", "of", "no", "number", "code", "by", "user", "nam",
            "name", "заказ", "číslo", "ID", "Order", "s", "f", "d", "to", "is", "sub", "level",
        ]).prop_map(String::from),
        1 => "\\PC{0,4}",
    ];
    let separator = prop::sample::select(vec!["_", "_", "_", "", " ", ".", "-", "\"", "🙂", "__"]);
    prop::collection::vec((part, separator), 0..5).prop_map(|parts| {
        let parts = parts.into_iter();
        parts.map(|(part, separator)| part + separator).collect()
    })
}

fn odd_column() -> impl Strategy<Value = Value> {
    let data_type =
        prop::sample::select(vec!["bigint", "text", "date", "decimal", "bool", "?", ""]);
    let flag = || prop::option::weighted(0.3, any::<bool>());
    let description = prop_oneof![
        9 => Just(String::new()),
        1 => odd_name().prop_map(|name| format!("Foreign key to {name}.")),
    ];
    (odd_name(), data_type, flag(), flag(), description).prop_map(
        |(name, data_type, nullable, key, description)| {
            json!({
                "typeName": "Column", "displayName": name, "technicalDataType": data_type,
                "isNullable": nullable, "isPrimaryKey": key, "description": description
            })
        },
    )
}

/// The assets of a catalog in two orders.
fn odd_catalog() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
    let table = (
        0..3_u8,
        odd_name(),
        prop::collection::vec(odd_column(), 0..8),
    );
    prop::collection::vec(table, 1..14).prop_flat_map(|tables| {
        let mut assets = Vec::new();
        for (number, (schema, name, columns)) in tables.into_iter().enumerate() {
            assets.push(json!({
                "id": format!("t{number}"), "typeName": "Table", "displayName": format!("{name}x"),
                "fullName": format!("S>db>dm_{schema}>{name}x")
            }));
            for (place, mut column) in columns.into_iter().enumerate() {
                column["id"] = json!(format!("t{number}-{place}"));
                column["Hierarcy Relation"] = json!(format!("t{number}"));
                column["columnPosition"] = json!(place);
                assets.push(column);
            }
        }
        (Just(assets.clone()), Just(assets).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn odd_catalogs_are_analysed_and_the_order_of_their_assets_does_not_count(
        (assets, shuffled) in odd_catalog(),
    ) {
        let (catalog, again) = (load(&assets), load(&shuffled));
        let analysis = analyse(&catalog, &everything(&catalog));
        prop_assert_eq!(&analysis, &analyse(&catalog, &everything(&catalog)));
        prop_assert_eq!(&analysis, &analyse(&again, &everything(&again)));
        for join in &analysis.joins {
            prop_assert!((0.0..=1.0).contains(&join.confidence));
            prop_assert!((join.from, join.from_column) != (join.to, join.to_column));
            prop_assert!(!join.evidence.is_empty());
        }
        let _ = describe(&catalog, &analysis, &[]);
    }
}
