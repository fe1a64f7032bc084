//! Classes of small schemas made by hand, most without any convention of names.

use std::fmt::Write as _;

use serde_json::json;

use crate::catalog::{Catalog, TableId};
use crate::pipeline::structure::{StructureReport, analyse, describe};

/// A catalog of tables given as lines: `orders: order_id int key, order_date date`. The
/// schema is `s` unless the name says another.
fn catalog(tables: &str) -> Catalog {
    let mut assets = Vec::new();
    for line in tables
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let (name, columns) = line.split_once(':').unwrap();
        let (schema, table) = name.split_once('.').unwrap_or(("s", name));
        assets.push(
            json!({ "id": name, "typeName": "Table", "displayName": table,
            "fullName": format!("S>d>{schema}>{table}") }),
        );
        let columns = columns
            .split(',')
            .map(str::trim)
            .filter(|column| !column.is_empty());
        for (place, column) in columns.enumerate() {
            let mut words = column.split(' ');
            let column = words.next().unwrap();
            let mut asset = json!({ "id": format!("{name}.{column}"), "typeName": "Column",
                "displayName": column, "Hierarcy Relation": name, "columnPosition": place + 1 });
            if let Some(data_type) = words.next() {
                asset["technicalDataType"] = data_type.into();
            }
            if words.next() == Some("key") {
                asset["isPrimaryKey"] = true.into();
            }
            assets.push(asset);
        }
    }
    let export = json!(assets).to_string();
    Catalog::from_export(export.as_bytes()).unwrap().0
}

fn report(tables: &str) -> StructureReport {
    let catalog = catalog(tables);
    let all: Vec<TableId> = catalog.tables().map(|(id, _)| id).collect();
    describe(&catalog, &analyse(&catalog, &all), &[])
}

/// Every table and its class, with the grain of facts and bridges and the kind of others.
fn classes(report: &StructureReport) -> Vec<String> {
    let facts = report
        .facts
        .iter()
        .map(|item| format!("{} fact, {}", item.head.name, item.grain));
    let dimensions = report
        .dimensions
        .iter()
        .map(|item| format!("{} dimension, {}", item.head.name, item.kind));
    let bridges = report
        .bridges
        .iter()
        .map(|item| format!("{} bridge, {}", item.head.name, item.grain));
    let others = report
        .unclassified
        .iter()
        .map(|item| format!("{} -, {}", item.head.name, item.kind));
    facts
        .chain(dimensions)
        .chain(bridges)
        .chain(others)
        .collect()
}

const SHOP: &str = "
    customers: customer_id int key, company_name varchar, city varchar, country varchar, credit_limit decimal
    employees: employee_id int key, last_name varchar, first_name varchar, hire_date date, reports_to int
    categories: category_id int key, category_name varchar
    products: product_id int key, product_name varchar, category_id int, unit_price decimal, units_in_stock int
    orders: order_id int key, customer_id int, employee_id int, order_date date, freight decimal
    order_lines: order_id int key, line_number int key, product_id int, unit_price decimal, quantity int
    territories: territory_id int key, territory_name varchar
    employee_territories: employee_id int key, territory_id int key
";

#[test]
fn headers_and_lines_are_facts_and_what_they_point_at_is_not() {
    assert_eq!(
        classes(&report(SHOP)),
        [
            "order_lines fact, one row per order and line number",
            "orders fact, one row per order",
            "categories dimension, lookup",
            "customers dimension, master",
            "employees dimension, master",
            "products dimension, master",
            "territories dimension, lookup",
            "employee_territories bridge, one row per employee and territory",
        ]
    );
}

#[test]
fn without_flags_of_keys_the_classes_are_the_same() {
    let (with, without) = (report(SHOP), report(&SHOP.replace(" key", "")));
    let names = |report: &StructureReport| -> Vec<String> {
        classes(report)
            .into_iter()
            .map(|line| line.split(',').next().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(names(&with), names(&without));
}

#[test]
fn numbers_of_a_dimension_are_attributes_and_those_of_a_fact_measures() {
    let report = report(SHOP);
    let product = report
        .dimensions
        .iter()
        .find(|item| item.head.name == "products");
    assert_eq!(
        product.unwrap().attributes,
        ["product_name", "unit_price", "units_in_stock"]
    );
    let lines = report
        .facts
        .iter()
        .find(|item| item.head.name == "order_lines");
    assert_eq!(lines.unwrap().measures, ["unit_price", "quantity"]);
}

#[test]
fn a_calendar_is_one_whatever_it_is_called_and_plays_its_roles_by_columns() {
    let report = report(
        "
        dt: dt_id int key, year int, quarter int, month int, week int
        clock: clock_id int key, hour int, minute int, second int
        item: item_id int key, item_name varchar, brand varchar, color varchar
        bill: bill_no varchar key, item_id int, dt_id_ordered int, order_dt_id int, ship_dt_id int, clock_id int, amount decimal, tax_amount decimal
        ",
    );
    assert_eq!(
        classes(&report),
        [
            "bill fact, one row per bill no",
            "clock dimension, calendar",
            "dt dimension, calendar",
            "item dimension, master",
        ]
    );
    let calendar = report
        .dimensions
        .iter()
        .find(|item| item.head.name == "dt")
        .unwrap();
    let roles: Vec<(&str, &str, &str)> = calendar
        .roles
        .iter()
        .map(|role| (&*role.fact, &*role.column, &*role.role))
        .filter(|(_, column, _)| *column != "dt_id_ordered")
        .collect();
    assert_eq!(
        roles,
        [
            ("s.bill", "order_dt_id", "order dt"),
            ("s.bill", "ship_dt_id", "ship dt")
        ]
    );
    assert_eq!(
        calendar.hierarchies[0].levels,
        ["month", "quarter", "year"],
        "a week belongs to no month"
    );
}

#[test]
fn snapshots_and_events_without_measures_are_facts() {
    let found = classes(&report(
        "
        calendar: calendar_key int key, full_date date, year int, quarter int, month int, day_name varchar
        student: student_key int key, student_name varchar, birth_date date, city varchar
        course: course_key int key, course_name varchar, level_name varchar
        teacher: teacher_key int key, teacher_name varchar, email varchar
        warehouse: warehouse_key int key, warehouse_name varchar, city varchar, floor_area decimal
        article: article_key int key, article_name varchar, brand varchar, list_price decimal
        attendance: calendar_key int key, student_key int key, course_key int key, teacher_key int
        stock: calendar_key int key, warehouse_key int key, article_key int key, quantity_on_hand int
        ",
    ));
    assert_eq!(
        found,
        [
            "attendance fact, one row per calendar, student and course",
            "stock fact, one row per calendar, warehouse and article",
            "article dimension, lookup",
            "calendar dimension, calendar",
            "course dimension, lookup",
            "student dimension, master",
            "teacher dimension, lookup",
            "warehouse dimension, lookup",
        ]
    );
}

#[test]
fn bridges_relate_with_a_weight_a_role_or_a_right() {
    let found = classes(&report(
        "
        account: account_id int key, account_number varchar, account_name varchar, opened_on date
        holder: holder_id int key, holder_name varchar, birth_date date, city varchar
        users: user_id int key, user_name varchar, email varchar
        unit: unit_id int key, unit_name varchar, parent_unit_id int
        account_holder: account_id int key, holder_id int key, weighting_factor decimal
        user_unit_access: user_id int key, unit_id int key, access_level varchar
        unit_closure: ancestor_unit_id int key, descendant_unit_id int key, distance int
        ",
    ));
    assert_eq!(
        found,
        [
            "account dimension, master",
            "holder dimension, master",
            "unit dimension, lookup",
            "users dimension, lookup",
            "account_holder bridge, one row per account and holder",
            "unit_closure bridge, one row per ancestor unit and descendant unit",
            "user_unit_access bridge, one row per user and unit",
        ]
    );
}

#[test]
fn what_is_left_out_says_why() {
    let report = report(
        "
        sales: sale_id int key, shop_id int, sold_on date, amount decimal
        sales_bak: sale_id int, shop_id int, sold_on date, amount decimal
        shop: shop_id int key, shop_name varchar, street varchar, city varchar
        etl_run_log: run_id int key, job_name varchar, started_at timestamp, rows_read int
        schema_migrations: version varchar
        stg_sales: sale_id int, shop_id int, amount decimal, loaded_at timestamp
        xqz: a int, b int
        nothing:
        ",
    );
    let lacking: Vec<(&str, &str, Option<&str>)> = report
        .unclassified
        .iter()
        .map(|item| (&*item.head.name, &*item.kind, item.copy_of.as_deref()))
        .collect();
    assert_eq!(
        lacking,
        [
            ("etl_run_log", "technical", None),
            ("nothing", "unknown", None),
            ("sales_bak", "copy", Some("s.sales")),
            ("schema_migrations", "technical", None),
            ("stg_sales", "technical", None),
            ("xqz", "unknown", None),
        ]
    );
    assert!(
        report
            .unclassified
            .iter()
            .all(|item| !item.reason.is_empty())
    );
}

#[test]
fn hierarchies_are_read_off_columns_joins_and_self_references() {
    let report = report(
        "
        product_category: product_category_id int key, product_category_name varchar
        product_subcategory: product_subcategory_id int key, product_subcategory_name varchar, product_category_id int
        product: product_id int key, product_name varchar, product_subcategory_id int, brand varchar
        store: store_id int key, store_name varchar, city varchar, state varchar, country varchar, open_date date
        employee: employee_id int key, employee_name varchar, parent_employee_id int
        receipt: receipt_no varchar key, product_id int, store_id int, employee_id int, sold_on date, amount decimal
        ",
    );
    let mut said = String::new();
    for item in &report.dimensions {
        for hierarchy in &item.hierarchies {
            let levels = hierarchy.levels.join(" > ");
            writeln!(said, "{} {:?}: {levels}", item.head.name, hierarchy.through).unwrap();
        }
    }
    assert_eq!(
        said,
        "employee SelfReference: employee_id > parent_employee_id\n\
         product Joins: s.product > s.product_subcategory > s.product_category\n\
         product_subcategory Joins: s.product_subcategory > s.product_category\n\
         store Attributes: city > state > country\n"
    );
}

#[test]
fn structure_can_contradict_a_name() {
    let report = report(
        "
        dim_shop: shop_id int key, shop_name varchar, city varchar
        dim_item: item_id int key, item_name varchar, color varchar
        dim_client: client_id int key, client_name varchar, city varchar
        dim_day: day_id int key, full_date date, year int, month int, quarter int
        fact_sales: shop_id int, item_id int, client_id int, day_id int, colour_id int, amount decimal, quantity int
        fact_colour: colour_id int key, colour_name varchar, description varchar
        ",
    );
    let colour = report
        .dimensions
        .iter()
        .find(|item| item.head.name == "fact_colour");
    let head = &colour.unwrap().head;
    assert_eq!(
        (head.confidence, &*head.rationale),
        (
            0.85,
            "other tables point at it, although name starts with \"fact\"; 0 numeric measures, \
             points at 0 tables, 1 table points at it; a column names its members; \
             a list of codes: 2 columns beside the key"
        )
    );
    let sales = report
        .heads()
        .find(|head| head.name == "fact_sales")
        .unwrap();
    assert_eq!(
        (sales.confidence, &*sales.rationale),
        (
            0.97,
            "name starts with \"fact\"; 2 numeric measures, points at 5 tables, 0 tables point at it; \
             its name is that of events"
        )
    );
}

#[test]
fn types_that_nobody_knows_leave_the_names() {
    let found = classes(&report(
        "
        zakaznik: id_zakaznika, nazev, mesto, telefon
        zbozi: id_zbozi, nazev_zbozi, jednotka, cena
        faktura_polozka: id_zakaznika, id_zbozi, datum_vystaveni, mnozstvi, castka, sleva
        ",
    ));
    let classes: Vec<&str> = found
        .iter()
        .map(|line| line.split(',').next().unwrap_or_default())
        .collect();
    assert_eq!(
        classes,
        [
            "faktura_polozka fact",
            "zakaznik dimension",
            "zbozi dimension"
        ]
    );
}

#[test]
fn bad_input_is_answered_not_feared() {
    let wide: Vec<String> = (0..3000).map(|number| format!("c{number} int")).collect();
    let tables = format!(
        "
        wide: {}
        клиент: клиент_ид int key, имя varchar, город varchar
        продажа: клиент_ид int, сумма decimal, дата date
        x: a, b, c, d
        y: a, b
        empty:
        _: _, __
        ",
        wide.join(", ")
    );
    let report = report(&tables);
    assert_eq!(report.metrics.total_tables, 7);
    assert_eq!(report.heads().count(), 7);
}
