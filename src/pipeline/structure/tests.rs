//! Joins and keys of small schemas that follow no convention of data marts.

use serde_json::{Value, json};

use super::{Analysis, analyse};
use crate::catalog::{Catalog, TableId};

/// A catalog of one line a table: `name: column type, column type!`, where `!` is not
/// null, `?` is nullable and `*` is flagged as the key.
fn catalog(tables: &str) -> Catalog {
    let mut assets: Vec<Value> = Vec::new();
    for line in tables
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let (table, columns) = line.split_once(':').unwrap();
        assets.push(json!({
            "id": table, "displayName": table, "typeName": "Table",
            "fullName": format!("Systems>db>s>{table}"),
        }));
        for (place, column) in columns.split(',').map(str::trim).enumerate() {
            let (name, data_type) = column.rsplit_once(' ').unwrap();
            let marked = |mark: char| data_type.contains(mark).then_some(true);
            let nullable = marked('?').or(marked('!').map(|_| false));
            assets.push(json!({
                "id": format!("{table}.{name}"), "displayName": name, "typeName": "Column",
                "fullName": format!("Systems>db>s>{table}>{name}(column)"),
                "Hierarcy Relation": table, "columnPosition": place + 1,
                "technicalDataType": data_type.trim_end_matches(['!', '?', '*']),
                "isNullable": nullable, "isPrimaryKey": marked('*'),
            }));
        }
    }
    Catalog::from_export(json!(assets).to_string().as_bytes())
        .unwrap()
        .0
}

fn analysed(tables: &str) -> (Catalog, Analysis) {
    let catalog = catalog(tables);
    let scope: Vec<TableId> = catalog.tables().map(|(id, _)| id).collect();
    let analysis = analyse(&catalog, &scope);
    (catalog, analysis)
}

/// All joins as `child.column > parent.column`, a role behind it in parentheses.
fn joins(tables: &str) -> Vec<String> {
    let (catalog, analysis) = analysed(tables);
    let column = |table: TableId, place: usize| {
        let table = catalog.table(table);
        format!("{}.{}", table.name, table.columns[place].name)
    };
    analysis
        .joins
        .iter()
        .map(|join| {
            let role = join.role.as_ref().map(|role| format!(" ({role})"));
            format!(
                "{} > {}{}",
                column(join.from, join.from_column),
                column(join.to, join.to_column),
                role.unwrap_or_default()
            )
        })
        .collect()
}

/// The keys that were found, as `table(column, column)`.
fn keys(tables: &str) -> Vec<String> {
    let (catalog, analysis) = analysed(tables);
    catalog
        .tables()
        .filter_map(|(id, table)| {
            let key = analysis.of(id)?.key.as_ref()?;
            let names: Vec<&str> = key
                .columns
                .iter()
                .map(|place| &*table.columns[*place].name)
                .collect();
            Some(format!("{}({})", table.name, names.join(", ")))
        })
        .collect()
}

#[test]
fn columns_with_the_prefix_of_their_table_lead_to_keys_with_another() {
    let schema = "
        client: cl_clientkey int, cl_name text, cl_balance decimal
        sale: sa_salekey int, sa_clientkey int, sa_prodkey int, sa_total decimal
        product: pr_prodkey int, pr_name text, pr_price decimal";
    assert_eq!(
        joins(schema),
        [
            "sale.sa_clientkey > client.cl_clientkey",
            "sale.sa_prodkey > product.pr_prodkey"
        ]
    );
    assert_eq!(
        keys(schema),
        [
            "client(cl_clientkey)",
            "product(pr_prodkey)",
            "sale(sa_salekey)"
        ]
    );
}

#[test]
fn words_before_a_tables_name_are_its_role() {
    let schema = "
        address: address_id int, street text
        shipment: shipment_id int, ship_from_address_id int, billing_address_id int, weight decimal";
    assert_eq!(
        joins(schema),
        [
            "shipment.ship_from_address_id > address.address_id (ship from)",
            "shipment.billing_address_id > address.address_id (bill)"
        ]
    );
}

#[test]
fn abbreviations_and_first_letters_stand_for_table_names() {
    let schema = "
        customer: customer_sk int, full_name text
        department: department_sk int, title text
        household_profile: household_profile_sk int, income text
        visit: visit_sk int, cust_sk int, dept_sk int, hprof_sk int";
    assert_eq!(
        joins(schema),
        [
            "visit.cust_sk > customer.customer_sk",
            "visit.dept_sk > department.department_sk",
            "visit.hprof_sk > household_profile.household_profile_sk"
        ]
    );
}

#[test]
fn a_row_points_at_another_row_of_its_table() {
    let schema = "
        category: id int, name text, parent_id int
        employee: id int, name text, manager_id int";
    assert_eq!(
        joins(schema),
        [
            "category.parent_id > category.id (parent)",
            "employee.manager_id > employee.id (manager)"
        ]
    );
}

#[test]
fn a_table_of_references_alone_has_no_key_that_others_point_at() {
    let schema = "
        user: id int!, name text?
        group: id int!, name text?
        group_member: group_id int!, user_id int!, since date?
        badge: id int!, user_id int!, title text?";
    assert_eq!(
        joins(schema),
        [
            "badge.user_id > user.id",
            "group_member.group_id > group.id",
            "group_member.user_id > user.id"
        ]
    );
    assert_eq!(
        keys(schema),
        [
            "badge(id)",
            "group(id)",
            "group_member(group_id, user_id)",
            "user(id)"
        ]
    );
}

#[test]
fn a_return_refers_to_its_sale_by_all_columns_of_the_key() {
    let schema = "
        item: item_sk int!, name text?
        shop_sales: item_sk int!, ticket_number int!, quantity int?, price decimal?
        shop_returns: item_sk int!, ticket_number int!, return_amount decimal?
        web_sales: item_sk int!, ticket_number int!, quantity int?, price decimal?";
    assert_eq!(
        joins(schema),
        [
            "shop_returns.item_sk > item.item_sk",
            "shop_returns.item_sk > shop_sales.item_sk",
            "shop_returns.ticket_number > shop_sales.ticket_number",
            "shop_sales.item_sk > item.item_sk",
            "web_sales.item_sk > item.item_sk"
        ]
    );
}

#[test]
fn lines_lead_to_their_order_and_are_known_by_order_and_line() {
    let schema = "
        purchase: purchase_number text, supplier text
        purchase_line: purchase_number text, purchase_line_number int, amount decimal
        receipt: receipt_id int, purchase_number text, purchase_line_number int, quantity int";
    assert_eq!(
        keys(schema),
        [
            "purchase(purchase_number)",
            "purchase_line(purchase_number, purchase_line_number)",
            "receipt(receipt_id)"
        ]
    );
    assert_eq!(
        joins(schema),
        [
            "purchase_line.purchase_number > purchase.purchase_number",
            "receipt.purchase_number > purchase_line.purchase_number",
            "receipt.purchase_line_number > purchase_line.purchase_line_number"
        ]
    );
}

#[test]
fn what_all_tables_have_and_what_is_counted_is_no_reference() {
    let table = |name: &str, more: &str| {
        format!(
            "{name}: id int, name text, created_at timestamp, valid_from date, batch_id int{more}\n"
        )
    };
    let schema: String = [
        table("site", ""),
        table("order", ", number_of_items int, units_on_site int"),
        table("item", ", site_flag boolean"),
        table("status", ", order_count int"),
        table("batch_note", ""),
        table("name_day", ""),
    ]
    .concat();
    assert_eq!(joins(&schema), Vec::<String>::new());
}

#[test]
fn values_of_other_types_never_meet() {
    let schema = "
        customer: customer_id int, name text
        ticket: ticket_id int, customer_id date
        letter: letter_id int, customer_id text";
    assert_eq!(joins(schema), Vec::<String>::new());
}

#[test]
fn a_subtype_shares_the_key_of_what_it_specialises() {
    let schema = "
        person: person_id int!*, name text
        employee: person_id int!*, salary decimal, hired date";
    assert_eq!(joins(schema), ["employee.person_id > person.person_id"]);
}

#[test]
fn inflected_names_with_the_key_word_first_are_read() {
    let schema = "
        zakaznik: id_zakaznika int, nazev text
        sklad: id_skladu int, mesto text
        pohyb: id_pohybu int, id_zakaznika int, id_skladu_prijmu int";
    assert_eq!(
        joins(schema),
        [
            "pohyb.id_zakaznika > zakaznik.id_zakaznika",
            "pohyb.id_skladu_prijmu > sklad.id_skladu (prijmu)"
        ]
    );
}

#[test]
fn flagged_keys_decide_where_there_are_flags() {
    let schema = "
        account: nr int, account_id int*, holder text
        posting: posting_id int*, account_id int";
    assert_eq!(joins(schema), ["posting.account_id > account.account_id"]);
    assert_eq!(keys(schema), ["account(account_id)", "posting(posting_id)"]);
}

#[test]
fn every_join_says_why_in_words_that_can_be_checked() {
    let (_, analysis) = analysed(
        "supplier: supplier_key bigint, name text
         invoice: invoice_key bigint, invoicing_supplier_key bigint, total decimal",
    );
    let evidence: Vec<&Vec<String>> = analysis.joins.iter().map(|join| &join.evidence).collect();
    assert_eq!(
        evidence,
        [&[
            "column invoicing_supplier_key is named after supplier",
            "key of supplier is supplier_key",
            "type bigint fits",
            "role: invoicing",
        ]]
    );
}

#[test]
fn of_two_tables_that_point_at_each_other_the_less_sure_is_doubted() {
    let (catalog, analysis) = analysed(
        "team: id int, name text, captain_member_id int
         member: id int, name text, team_id int
         match: id int, team_id int",
    );
    let of = |table: &str| -> Vec<(String, bool)> {
        let found = catalog.named(table);
        let joins = analysis.joins_from(found[0]);
        joins
            .map(|join| {
                let doubted = join.evidence.iter().any(|why| why.contains("points back"));
                (catalog.table(join.to).name.to_string(), doubted)
            })
            .collect()
    };
    assert_eq!(of("member"), [("team".to_owned(), false)]);
    assert_eq!(of("team"), [("member".to_owned(), true)]);
}

#[test]
fn a_description_names_a_table_behind_its_lead_and_in_its_clause() {
    for (description, named) in [
        (
            "Copied from product_z.code; foreign key to customer.",
            vec!["customer"],
        ),
        ("Foreign key to region_x; see product_z.", vec!["region_x"]),
        ("FK to the Customer table", vec!["the", "Customer", "table"]),
        (
            "Points to sales.customer.customer_id",
            vec!["sales.customer.customer_id", "sales.customer"],
        ),
        ("A key of nothing", vec![]),
    ] {
        assert_eq!(
            super::candidates::referenced_tables(description),
            named,
            "{description}"
        );
    }
}

#[test]
fn a_view_over_a_table_is_no_copy_and_a_version_is() {
    let schema = "
        order: order_id int, customer_id int, total decimal
        v_order: order_id int, customer_id int, total decimal
        order_v2: order_id int, customer_id int, total decimal
        customer: customer_id int, name text";
    assert_eq!(
        joins(schema),
        [
            "order.customer_id > customer.customer_id",
            "v_order.order_id > order.order_id",
            "v_order.customer_id > customer.customer_id"
        ]
    );
}
