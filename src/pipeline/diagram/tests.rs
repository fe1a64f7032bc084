//! What must hold of every picture, whatever the tables and joins are.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::config::Config;
use crate::pipeline::Knowledge;

fn sample() -> Knowledge {
    let config = Config::from_vars(|_| None).unwrap();
    Knowledge::new(crate::load_catalog(&config).unwrap().0)
}

fn attribute(place: usize, name: &str, data_type: Option<&str>) -> Attribute {
    Attribute {
        place,
        name: name.to_owned(),
        data_type: data_type.map(str::to_owned),
        is_primary_key: place == 0,
        is_foreign_key: place == 1,
        rank: if place == 0 { 0 } else { 2 },
    }
}

fn entity(name: &str, table_type: TableType, columns: &[&str]) -> Entity {
    let columns = columns.iter().enumerate();
    Entity {
        full_name: format!("dm.{name}"),
        schema: "dm".to_owned(),
        name: name.to_owned(),
        shown_name: name.to_owned(),
        table_type,
        columns: columns
            .map(|(place, name)| attribute(place, name, Some("LONG")))
            .collect(),
        columns_left_out: 0,
    }
}

fn edge(parent: usize, child: usize, child_place: usize) -> Edge {
    Edge {
        parent,
        child,
        cardinality: Cardinality::ManyToOne,
        optional: false,
        origin: Origin::Inferred,
        confidence: 0.844,
        columns: vec![ColumnPair {
            child: format!("fk_{child_place}"),
            child_place,
            parent: "id".to_owned(),
            parent_place: 0,
        }],
    }
}

fn picture_of(entities: Vec<Entity>, edges: Vec<Edge>) -> Picture {
    Picture {
        entities,
        edges,
        left_out: 0,
        max_columns: 5,
    }
}

/// Orders with two references to a person and a predecessor of their own.
fn orders() -> Picture {
    let mut fact = entity("orders", TableType::Fact, &["id", "fk_1"]);
    fact.columns_left_out = 3;
    let person = entity("person", TableType::Dimension, &["id"]);
    let declared = Edge {
        origin: Origin::Declared,
        optional: true,
        ..edge(1, 0, 2)
    };
    picture_of(
        vec![fact, person],
        vec![edge(0, 0, 3), edge(1, 0, 1), declared],
    )
}

/// The elements of a document as `(name, attributes, text before the next tag)`, after a
/// check that it is well-formed and holds nothing but what we draw with.
fn elements(svg: &str) -> Vec<(String, HashMap<String, String>, String)> {
    const ELEMENTS: [&str; 7] = ["svg", "title", "desc", "g", "rect", "path", "text"];
    let mut open: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for piece in svg.trim().strip_prefix('<').unwrap().split('<') {
        let (tag, text) = piece.split_once('>').expect("a tag is closed");
        assert!(!text.contains('>'), "{piece}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let (tag, is_empty) = tag
            .strip_suffix('/')
            .map_or((tag, false), |tag| (tag, true));
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(ELEMENTS.contains(&name), "{name}");
        let mut attributes = HashMap::new();
        while let Some((key, more)) = rest.split_once("=\"") {
            let (value, more) = more.split_once('"').expect("a value is closed");
            let is_allowed = !key.trim().starts_with("on") && !key.contains(':');
            assert!(
                is_allowed && !["style", "id", "href"].contains(&key.trim()),
                "{key}"
            );
            attributes.insert(key.trim().to_owned(), plain(value));
            rest = more;
        }
        assert_eq!(rest.trim(), "");
        found.push((name.to_owned(), attributes, plain(text)));
        if !is_empty {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty());
    let is_allowed = |c: char| c == '\n' || (c >= ' ' && !('\u{FFFE}'..='\u{FFFF}').contains(&c));
    assert!(svg.chars().all(is_allowed));
    found
}

/// A text with its entities resolved; there are no others.
fn plain(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once(';').expect("an entity ends");
        plain.push(match code {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            _ => {
                let code: u32 = code.strip_prefix('#').unwrap().parse().unwrap();
                char::from_u32(code).unwrap()
            }
        });
        plain.push_str(rest);
    }
    plain
}

fn with_class<'e>(
    elements: &'e [(String, HashMap<String, String>, String)],
    class: &str,
) -> Vec<&'e (String, HashMap<String, String>, String)> {
    elements
        .iter()
        .filter(|(_, attributes, _)| {
            let classes = attributes.get("class").map_or("", String::as_str);
            classes.split(' ').any(|own| own == class)
        })
        .collect()
}

#[test]
fn the_mermaid_text_says_what_the_picture_holds() {
    let expected = "erDiagram
    %% orders: 2 of 5 columns are shown.
    orders {
        LONG id PK
        LONG fk_1 FK
    }
    person {
        LONG id PK
    }
    orders ||..o{ orders : \"fk_3\"
    person ||..o{ orders : \"fk_1\"
    person |o--o{ orders : \"fk_2\"
";
    assert_eq!(orders().mermaid(), expected);
}

#[test]
fn the_drawing_says_in_words_what_it_shows() {
    let svg = orders().svg();
    let elements = elements(&svg);
    let words: Vec<&str> = elements
        .iter()
        .filter(|(name, ..)| ["title", "desc"].contains(&name.as_str()))
        .map(|(_, _, text)| text.trim())
        .collect();
    let expected = [
        "Entity relationship diagram",
        "2 tables and 3 joins, 2 of them inferred.",
        "dm.orders (fk_3) refers to dm.orders (id): many to one, inferred, confidence 84 %",
        "dm.orders (fk_1) refers to dm.person (id): many to one, inferred, confidence 84 %",
        "dm.orders (fk_2) refers to dm.person (id): many to one, may be empty, declared in the catalog",
        "fact dm.orders, 2 of 5 columns",
        "dimension dm.person, 1 column",
    ];
    assert_eq!(words, expected);
    let texts = |class: &str| -> Vec<&str> {
        let found = with_class(&elements, class).into_iter();
        found.map(|(_, _, text)| text.trim()).collect()
    };
    // The name stands in the row from which the second line starts.
    assert_eq!(texts("edge-label"), ["fk_3 84 %", "84 %", "fk_2"]);
    assert_eq!(texts("entity-class"), ["fact", "dimension"]);
    assert_eq!(texts("column-mark"), ["PK", "FK", "PK"]);
    assert_eq!(texts("column-more"), ["+3 columns"]);
}

#[test]
fn a_self_join_and_joins_of_the_same_tables_are_lines_of_their_own() {
    let svg = orders().svg();
    let elements = elements(&svg);
    let lines: HashSet<&str> = elements
        .iter()
        .filter(|(name, attributes, _)| name == "path" && !attributes.contains_key("class"))
        .map(|(_, attributes, _)| attributes["d"].as_str())
        .collect();
    assert_eq!(lines.len(), 3);
}

#[test]
fn names_reach_the_drawing_as_text_only() {
    let name = "<script>alert('x')</script>\"&amp;\u{202E}\u{7}\u{FFFF}\n]]>";
    let mut table = entity(name, TableType::View, &[name]);
    table.schema = name.to_owned();
    let svg = picture_of(vec![table], vec![edge(0, 0, 0)]).svg();
    let elements = elements(&svg);
    let shown = "<script>alert('x')</script>\"&amp;\u{FFFD} \u{FFFD} ]]>";
    let (_, attributes, _) = with_class(&elements, "entity")[0];
    // For programs the very name, but for what XML cannot say.
    let exact = format!("dm.{}", name.replace(['\u{7}', '\u{FFFF}'], "\u{FFFD}"));
    assert_eq!(attributes["data-table"], exact);
    assert!(elements.iter().any(|(_, _, text)| text.contains(shown)));
    assert!(!svg.contains("<script") && !svg.contains('\u{202E}'));
}

#[test]
fn long_names_are_cut_and_kept_as_tooltips() {
    let name = "a_rather_long_name_".repeat(9);
    let svg = picture_of(vec![entity(&name, TableType::View, &[&name])], vec![]).svg();
    let elements = elements(&svg);
    let (_, _, text) = with_class(&elements, "entity-name")[0];
    assert!(text.ends_with('…') && text.chars().count() < 40, "{text}");
    assert_eq!(
        elements.iter().filter(|(_, _, text)| *text == name).count(),
        2
    );
}

#[test]
fn nothing_in_scope_is_said() {
    let svg = picture_of(vec![], vec![]).svg();
    assert!(
        elements(&svg)
            .iter()
            .any(|(_, _, text)| text == "No table is in scope.")
    );
}

#[test]
fn a_picture_around_a_table_grows_join_by_join() {
    let knowledge = sample();
    let (catalog, analysis) = (&knowledge.catalog, &knowledge.structure);
    let focus = catalog.named("dm_bs_purchase.factv_purchase_order")[0];
    let names = |depth| -> Vec<String> {
        let picture = picture_around(catalog, analysis, &[focus], depth, 0);
        picture
            .entities
            .into_iter()
            .map(|entity| entity.full_name)
            .collect()
    };
    assert_eq!(names(0), ["dm_bs_purchase.factv_purchase_order"]);
    let with_neighbours = |names: Vec<String>| -> HashSet<String> {
        let ends = analysis.joins.iter().map(|join| [join.from, join.to]);
        let ends = ends.map(|ends| ends.map(|id| catalog.full_name(id)));
        let near = ends.filter(|ends| ends.iter().any(|end| names.contains(end)));
        near.flatten().collect()
    };
    for depth in 0..2 {
        let (nearer, all) = (names(depth), names(depth + 1));
        assert_eq!(all[..nearer.len()], nearer, "the nearer tables stay first");
        assert!(all.len() < 60 && all.len() > nearer.len());
        assert_eq!(
            all.into_iter().collect::<HashSet<_>>(),
            with_neighbours(nearer)
        );
    }
    let all = picture_around(catalog, analysis, &[focus], usize::MAX, 0);
    assert!(all.table_count() <= 60 && all.table_count() + all.left_out > names(2).len());
}

#[test]
fn the_same_picture_gives_the_same_bytes() {
    let knowledge = sample();
    let draw = || picture(&knowledge.catalog, &knowledge.structure, &[], 5).svg();
    let first = draw();
    elements(&first);
    assert_eq!(first, draw());
}

/// A table with 40 joins, and as many tables with as many joins as there may be.
#[test]
fn the_largest_pictures_are_drawn() {
    let names: Vec<String> = (0..60).map(|table| format!("table_{table}")).collect();
    let columns: Vec<String> = (0..12).map(|column| format!("fk_{column}")).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let tables = |count: usize| -> Vec<Entity> {
        let types = |place| {
            if place % 6 == 0 {
                TableType::Fact
            } else {
                TableType::Dimension
            }
        };
        let names = names.iter().take(count).enumerate();
        names
            .map(|(place, name)| entity(name, types(place), &columns))
            .collect()
    };
    let star = (1..41).map(|parent| edge(parent, 0, parent)).collect();
    let dense = (0..500)
        .map(|place| edge((place * 7 + place / 60) % 60, place % 60, place % 13))
        .collect();
    for picture in [picture_of(tables(41), star), picture_of(tables(60), dense)] {
        let svg = picture.svg();
        let elements = elements(&svg);
        assert_eq!(with_class(&elements, "entity").len(), picture.table_count());
        assert_eq!(with_class(&elements, "edge").len(), picture.edge_count());
    }
}

#[test]
fn of_very_wide_tables_as_many_columns_are_drawn_as_a_browser_bears() {
    let columns: Vec<String> = (0..500).map(|column| format!("c_{column}")).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let tables = (0..60).map(|table| entity(&format!("t_{table}"), TableType::View, &columns));
    let svg = picture_of(tables.collect(), vec![]).svg();
    let elements = elements(&svg);
    let drawn = with_class(&elements, "column-name");
    assert!((1800..=2000).contains(&drawn.len()), "{}", drawn.len());
    // Keys stay.
    assert_eq!(with_class(&elements, "column-mark").len(), 120);
    let (_, _, more) = with_class(&elements, "column-more")[0];
    assert_eq!(*more, format!("+{} columns", 500 - drawn.len() / 60));
}

prop_compose! {
    fn any_entity()(
        name in ".{0,30}",
        schema in ".{0,8}",
        columns in vec((".{0,20}", proptest::option::of(".{0,12}")), 0..7),
        left_out in 0..3_usize,
        table_type in prop_oneof![
            Just(TableType::Fact), Just(TableType::Dimension), Just(TableType::Bridge), Just(TableType::View)
        ],
    ) -> Entity {
        let columns = columns.iter().enumerate();
        Entity {
            full_name: format!("{schema}.{name}"),
            shown_name: name.clone(),
            schema,
            name,
            table_type,
            columns: columns.map(|(place, (name, kind))| attribute(place, name, kind.as_deref())).collect(),
            columns_left_out: left_out,
        }
    }
}

prop_compose! {
    fn any_picture()(entities in vec(any_entity(), 0..14))(
        edges in vec((any::<proptest::sample::Index>(), any::<proptest::sample::Index>(), 0..9_usize, any::<[bool; 3]>(), ".{0,20}"), 0..40),
        entities in Just(entities),
    ) -> Picture {
        let count = entities.len();
        let edges = if count == 0 { Vec::new() } else { edges };
        let edges = edges.into_iter().map(|(parent, child, place, [optional, declared, single], name)| {
            let mut edge = edge(parent.index(count), child.index(count), place);
            edge.optional = optional;
            if declared { edge.origin = Origin::Declared; }
            if single { edge.cardinality = Cardinality::OneToOne; }
            edge.columns[0].child = name;
            edge
        });
        let edges = edges.collect();
        picture_of(entities, edges)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_picture_becomes_a_well_formed_document(picture in any_picture()) {
        let svg = picture.svg();
        let elements = elements(&svg);
        prop_assert_eq!(with_class(&elements, "entity").len(), picture.table_count());
        prop_assert_eq!(with_class(&elements, "edge").len(), picture.edge_count());
        prop_assert_eq!(svg, picture.svg());
        prop_assert!(picture.mermaid().starts_with("erDiagram\n"));
    }
}
