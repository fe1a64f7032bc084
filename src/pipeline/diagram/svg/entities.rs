//! Tables as boxes.

use super::text::{Font, escaped, exact, shown};
use super::{INK, MUTED, Rect, Svg, as_f64, counted, number};
use crate::pipeline::diagram::layout::{ROW, Shape};
use crate::pipeline::diagram::{Attribute, Entity};
use crate::pipeline::structure::TableType;

/// The rows of the header.
const HEADER_ROWS: usize = 2;
/// The row of the header in which the name stands, where joins end that have no other row.
const NAME_ROW: usize = 1;

const NAME_FONT: Font = Font::bold(13.0);
const SCHEMA_FONT: Font = Font::regular(10.0);
const BADGE_FONT: Font = Font::bold(9.0);
const COLUMN_FONT: Font = Font::regular(12.0);
const KEY_FONT: Font = Font::bold(12.0);
const TYPE_FONT: Font = Font::regular(10.0);
const MARK_FONT: Font = Font::bold(9.0);

/// Widths, in pixels.
const WIDTH_MIN: f64 = 150.0;
const NAME_MAX: f64 = 260.0;
const SCHEMA_MAX: f64 = 180.0;
const COLUMN_MAX: f64 = 240.0;
const TYPE_MAX: f64 = 90.0;
/// From the edge of the box to the text.
const PADDING: f64 = 10.0;
/// The room for `PK FK`.
const MARKS: f64 = 38.0;

/// A table as it is drawn.
pub(super) struct Card<'a> {
    pub entity: &'a Entity,
    pub columns: Vec<&'a Attribute>,
    schema: String,
    name: String,
    rows: Vec<Row>,
    marks: f64,
}

/// The texts of a column, shortened where they are long.
struct Row {
    name: String,
    data_type: String,
}

/// The colours of a class: lines, header, words on it.
struct Colours {
    stroke: &'static str,
    head: &'static str,
    word: &'static str,
}

impl<'a> Card<'a> {
    /// A table with at most so many columns.
    pub(super) fn of(entity: &'a Entity, limit: usize) -> Self {
        let columns = entity.first_columns(limit);
        let row = |column: &&Attribute| Row {
            name: column_font(column).fit(&shown(&column.name), COLUMN_MAX),
            data_type: column
                .data_type
                .as_deref()
                .map(|data_type| TYPE_FONT.fit(&shown(data_type), TYPE_MAX))
                .unwrap_or_default(),
        };
        let has_marks = columns.iter().any(|column| !marks(column).is_empty());
        let has_both = columns
            .iter()
            .any(|column| column.is_primary_key && column.is_foreign_key);
        Self {
            schema: SCHEMA_FONT.fit(&shown(&entity.schema), SCHEMA_MAX),
            name: NAME_FONT.fit(&shown(&entity.name), NAME_MAX),
            rows: columns.iter().map(row).collect(),
            marks: match (has_both, has_marks) {
                (true, _) => MARKS,
                (_, true) => MARKS / 2.0 + 3.0,
                _ => 0.0,
            },
            entity,
            columns,
        }
    }

    /// The room it needs.
    pub(super) fn shape(&self) -> Shape {
        let badge = BADGE_FONT.width(class_word(self.entity.table_type)) + 12.0;
        let head = SCHEMA_FONT.width(&self.schema) + PADDING + badge;
        let rows = self.rows.iter().zip(&self.columns).map(|(row, column)| {
            let name = column_font(column).width(&row.name);
            self.marks + name + PADDING + TYPE_FONT.width(&row.data_type)
        });
        let widest = rows.fold(head.max(NAME_FONT.width(&self.name)), f64::max);
        Shape {
            width: (widest + 2.0 * PADDING).max(WIDTH_MIN).ceil(),
            rows: HEADER_ROWS + self.rows.len(),
            has_more: self.left_out() > 0,
            is_central: self.entity.table_type == TableType::Fact,
        }
    }

    /// The row of the column at this place of the table; `None` where it is not shown.
    pub(super) fn row_of(&self, place: usize) -> Option<usize> {
        let shown = self.columns.iter().position(|column| column.place == place);
        shown.map(|row| row + HEADER_ROWS)
    }

    /// The row of the key column at this place, or else that of the name.
    pub(super) fn key_row(&self, place: usize) -> usize {
        self.row_of(place).unwrap_or(NAME_ROW)
    }

    fn all_columns(&self) -> usize {
        self.entity.columns.len() + self.entity.columns_left_out
    }

    fn left_out(&self) -> usize {
        self.all_columns() - self.columns.len()
    }

    /// What it is, in words: `fact dm.orders, 5 of 22 columns`.
    fn described(&self) -> String {
        let all = counted(self.all_columns(), "column");
        let columns = if self.left_out() > 0 {
            format!("{} of {all}", self.columns.len())
        } else {
            all
        };
        let word = class_word(self.entity.table_type);
        format!("{word} {}, {columns}", shown(&self.entity.full_name))
    }
}

/// Draws a table in its place.
pub(super) fn draw(svg: &mut Svg, card: &Card, place: Rect) {
    let entity = card.entity;
    let word = class_word(entity.table_type);
    let described = escaped(&card.described());
    svg.push(&format!(
        "<g class=\"entity entity-{word}\" data-table=\"{}\" tabindex=\"0\" role=\"img\" aria-label=\"{described}\" transform=\"translate({} {})\">",
        exact(&entity.full_name),
        number(place.x),
        number(place.y),
    ));
    svg.push(&format!("<title>{described}</title>"));
    draw_head(svg, card, place);
    for (row, (text, column)) in card.rows.iter().zip(&card.columns).enumerate() {
        draw_row(svg, card, row, text, column, place.width);
    }
    if card.left_out() > 0 {
        let more = format!("+{}", counted(card.left_out(), "column"));
        let first = baseline(HEADER_ROWS + card.rows.len());
        svg.push(&format!(
            "<text class=\"column column-more\" x=\"{}\" y=\"{}\" font-size=\"11\" font-style=\"italic\" fill=\"{MUTED}\">{more}</text>",
            number(PADDING),
            number(first),
        ));
    }
    svg.push("</g>");
}

fn draw_head(svg: &mut Svg, card: &Card, place: Rect) {
    let Colours { stroke, head, word } = colours(card.entity.table_type);
    let (width, height) = (number(place.width), number(place.height));
    let head_height = ROW * as_f64(HEADER_ROWS);
    svg.push(&format!(
        "<rect class=\"entity-box\" width=\"{width}\" height=\"{height}\" rx=\"5\" fill=\"#ffffff\" stroke=\"{stroke}\" stroke-width=\"1.2\"/>"
    ));
    // Rounded above, straight below.
    let below = if place.height > head_height {
        format!("V{head_height}H0V5")
    } else {
        format!("V{0}a5 5 0 0 1 -5 5H5a5 5 0 0 1 -5 -5V5", head_height - 5.0)
    };
    svg.push(&format!(
        "<path class=\"entity-head\" d=\"M0 5a5 5 0 0 1 5 -5H{}a5 5 0 0 1 5 5{below}Z\" fill=\"{head}\" stroke=\"{stroke}\" stroke-width=\"1.2\"/>",
        number(place.width - 5.0),
    ));
    svg.push(&format!(
        "<text class=\"entity-schema\" x=\"{PADDING}\" y=\"15\" font-size=\"{}\" fill=\"{MUTED}\">{}</text>",
        SCHEMA_FONT.size,
        titled(&card.schema, &card.entity.schema),
    ));
    svg.push(&format!(
        "<text class=\"entity-class\" x=\"{}\" y=\"15\" font-size=\"{}\" font-weight=\"bold\" text-anchor=\"end\" fill=\"{word}\">{}</text>",
        number(place.width - PADDING),
        BADGE_FONT.size,
        class_word(card.entity.table_type),
    ));
    svg.push(&format!(
        "<text class=\"entity-name\" x=\"{PADDING}\" y=\"32\" font-size=\"{}\" font-weight=\"bold\" fill=\"{INK}\">{}</text>",
        NAME_FONT.size,
        titled(&card.name, &card.entity.name),
    ));
}

fn draw_row(svg: &mut Svg, card: &Card, row: usize, text: &Row, column: &Attribute, width: f64) {
    let y = number(baseline(HEADER_ROWS + row));
    let mark = match marks(column) {
        "" => String::new(),
        marks => format!(
            "<text class=\"column-mark\" x=\"{PADDING}\" y=\"{y}\" font-size=\"{}\" font-weight=\"bold\" fill=\"{MUTED}\">{marks}</text>",
            MARK_FONT.size
        ),
    };
    let weight = if column_font(column).is_bold {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let name = format!(
        "<text class=\"column-name\" x=\"{}\" y=\"{y}\"{weight}>{}</text>",
        number(PADDING + card.marks),
        titled(&text.name, &column.name)
    );
    let data_type = column.data_type.as_deref().map(|data_type| {
        format!(
            "<text class=\"column-type\" x=\"{}\" y=\"{y}\" font-size=\"{}\" text-anchor=\"end\" fill=\"{MUTED}\">{}</text>",
            number(width - PADDING),
            TYPE_FONT.size,
            titled(&text.data_type, data_type)
        )
    });
    let data_type = data_type.unwrap_or_default();
    svg.push(&format!("<g class=\"column\">{mark}{name}{data_type}</g>"));
}

/// A text, with the whole of it as a tooltip where it is shortened.
fn titled(text: &str, whole: &str) -> String {
    let whole = shown(whole);
    if text == whole {
        return escaped(text);
    }
    format!("{}<title>{}</title>", escaped(text), escaped(&whole))
}

/// Where the letters of a row stand.
fn baseline(row: usize) -> f64 {
    as_f64(row) * ROW + 14.0
}

fn column_font(column: &Attribute) -> Font {
    if column.is_primary_key {
        KEY_FONT
    } else {
        COLUMN_FONT
    }
}

fn marks(column: &Attribute) -> &'static str {
    match (column.is_primary_key, column.is_foreign_key) {
        (true, true) => "PK FK",
        (true, false) => "PK",
        (false, true) => "FK",
        (false, false) => "",
    }
}

fn class_word(table_type: TableType) -> &'static str {
    match table_type {
        TableType::Fact => "fact",
        TableType::Dimension => "dimension",
        TableType::Bridge => "bridge",
        TableType::View => "view",
    }
}

fn colours(table_type: TableType) -> Colours {
    let (stroke, head, word) = match table_type {
        TableType::Fact => ("#2563eb", "#dbeafe", "#1d4ed8"),
        TableType::Dimension => ("#16a34a", "#dcfce7", "#15803d"),
        TableType::Bridge => ("#d97706", "#fef3c7", "#92400e"),
        TableType::View => ("#64748b", "#f1f5f9", "#475569"),
    };
    Colours { stroke, head, word }
}
