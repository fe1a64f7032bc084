//! The handlers of diagrams: of a run, and around one table of the catalog.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use http::header::{self, HeaderMap, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;
use warp::reply::Response;

use super::{find, table};
use crate::catalog::TableId;
use crate::conditional;
use crate::error::Error;
use crate::explorer::tools::Tools;
use crate::filters::{Parameters, Segment, preferred};
use crate::openapi::errors::{InternalError, NotAcceptable, NotFound, Unprocessable};
use crate::openapi::parameters::{Around, Focus, Held, SessionPath, TablePath};
use crate::pipeline::diagram::{self, Picture};
use crate::sessions::{Session, Sessions};

/// How a diagram is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Mermaid,
    Markdown,
    Svg,
}

/// Media types of the formats; the first is for whoever does not say.
const FORMATS: [(&str, Format); 4] = [
    ("application/json", Format::Json),
    ("text/vnd.mermaid", Format::Mermaid),
    ("text/markdown", Format::Markdown),
    ("image/svg+xml", Format::Svg),
];
/// How many joins a table may be away from the one in the middle.
const DEPTHS: RangeInclusive<usize> = 0..=10;
const DEPTH_DEFAULT: usize = 1;
/// How many columns a table may show.
const COLUMNS: RangeInclusive<usize> = 0..=1000;
const COLUMNS_DEFAULT: usize = 5;
/// The longest name of a table, in characters.
const NAME_MAX: usize = 1000;

/// A diagram in JSON.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Diagram)]
pub struct DiagramAnswer<'a> {
    /// Mermaid text, an `erDiagram`.
    #[schema(
        example = "erDiagram\n    dimv_supplier ||--o{ factv_purchase_order : \"dim_supplier_key\"\n"
    )]
    diagram: &'a str,
    /// `mermaid`.
    #[schema(example = "mermaid")]
    format: &'static str,
}

/// Draws what a run has found
///
/// A Mermaid ER diagram of the tables that the request is about, or of another part of the run's scope
/// where the query asks for it; in the media type that `Accept` likes best.
#[utoipa::path(
    get,
    path = "/api/diagram/{session_id}",
    operation_id = "getRunDiagram",
    tag = "Pipeline",
    params(SessionPath, Focus, Around, Held),
    responses(
        (status = 200, description = "The diagram.", content(
            (DiagramAnswer = "application/json"),
            (String = "text/vnd.mermaid", example = "erDiagram\n    dimv_supplier ||--o{ factv_purchase_order : \"dim_supplier_key\"\n"),
            (String = "text/markdown", example = "```mermaid\nerDiagram\n    dimv_supplier ||--o{ factv_purchase_order : \"dim_supplier_key\"\n```\n"),
            (String = "image/svg+xml", example = "<svg xmlns=\"http://www.w3.org/2000/svg\">…</svg>"),
        )),
        (status = 304, description = "It is as it was."),
        NotFound,
        NotAcceptable,
        Unprocessable,
        InternalError,
    ),
)]
pub async fn of_run(
    id: Segment,
    mut query: Parameters,
    headers: HeaderMap,
    sessions: Sessions,
    tools: Tools,
) -> Result<Response, Error> {
    let format = preferred(&headers, &FORMATS)?;
    let focus = query.text("focus", 1..=NAME_MAX);
    let depth = query.number("depth", DEPTHS).unwrap_or(DEPTH_DEFAULT);
    let max_columns = query.number("max_columns", COLUMNS);
    query.checked()?;
    let (_, session) = find(&id, &sessions)?;
    let Session {
        diagram: Some(text),
        drawn: Some(drawn),
        ..
    } = session
    else {
        return Err(Error::NoDiagram);
    };
    let as_drawn = focus.is_none() && max_columns.is_none();
    if as_drawn && format != Format::Svg {
        return answer(&headers, format, Cow::Borrowed(&text));
    }
    let focus = match focus {
        Some(name) => Some(table::called(&name, &tools).await?.0),
        None => None,
    };
    let drawing = tools.off_the_workers("a diagram", move |tools| {
        let knowledge = tools.knowledge();
        let structure = knowledge.structure_of(&drawn.scope);
        let max_columns = max_columns.unwrap_or(drawn.max_columns);
        let picture = match focus {
            Some(table) => diagram::picture_around(
                &knowledge.catalog,
                &structure,
                &[table],
                depth,
                max_columns,
            ),
            None => diagram::picture(
                &knowledge.catalog,
                &structure,
                &drawn.requested,
                max_columns,
            ),
        };
        written(&picture, format)
    });
    let text = drawing.await.ok_or(Error::Internal)?;
    answer(&headers, format, Cow::Owned(text))
}

/// Draws a table and those around it
///
/// A Mermaid ER diagram, in the structure of the whole catalog; in the media type that `Accept` likes best.
#[utoipa::path(
    get,
    path = "/api/tables/{name}/diagram",
    operation_id = "getTableDiagram",
    tag = "Catalog",
    params(TablePath, Around, Held),
    responses(
        (status = 200, description = "The diagram.", content(
            (DiagramAnswer = "application/json"),
            (String = "text/vnd.mermaid", example = "erDiagram\n    dimv_supplier ||--o{ factv_purchase_order : \"dim_supplier_key\"\n"),
            (String = "text/markdown", example = "```mermaid\nerDiagram\n    dimv_supplier ||--o{ factv_purchase_order : \"dim_supplier_key\"\n```\n"),
            (String = "image/svg+xml", example = "<svg xmlns=\"http://www.w3.org/2000/svg\">…</svg>"),
        )),
        (status = 304, description = "It is as it was."),
        NotFound,
        NotAcceptable,
        Unprocessable,
        InternalError,
    ),
)]
pub async fn around_table(
    name: Segment,
    mut query: Parameters,
    headers: HeaderMap,
    tools: Tools,
) -> Result<Response, Error> {
    let format = preferred(&headers, &FORMATS)?;
    let depth = query.number("depth", DEPTHS).unwrap_or(DEPTH_DEFAULT);
    let max_columns = query
        .number("max_columns", COLUMNS)
        .unwrap_or(COLUMNS_DEFAULT);
    query.checked()?;
    let (table, _): (TableId, _) = table::called(&name.0, &tools).await?;
    let drawing = tools.off_the_workers("a diagram", move |tools| {
        let knowledge = tools.knowledge();
        let picture = diagram::picture_around(
            &knowledge.catalog,
            &knowledge.structure,
            &[table],
            depth,
            max_columns,
        );
        written(&picture, format)
    });
    let text = drawing.await.ok_or(Error::Internal)?;
    answer(&headers, format, Cow::Owned(text))
}

/// SVG for those who want a picture, Mermaid for everything else.
fn written(picture: &Picture, format: Format) -> String {
    if format == Format::Svg {
        picture.svg()
    } else {
        picture.mermaid()
    }
}

fn answer(headers: &HeaderMap, format: Format, text: Cow<'_, str>) -> Result<Response, Error> {
    let (media_type, body) = match format {
        Format::Json => {
            let diagram = DiagramAnswer {
                diagram: &text,
                format: "mermaid",
            };
            return conditional::json(headers, &diagram).map(by_accept);
        }
        Format::Mermaid => ("text/vnd.mermaid; charset=utf-8", text.into_owned()),
        Format::Markdown => (
            "text/markdown; charset=utf-8",
            format!("```mermaid\n{text}```\n"),
        ),
        Format::Svg => ("image/svg+xml", text.into_owned()),
    };
    let media_type = HeaderValue::from_static(media_type);
    Ok(by_accept(conditional::bytes(
        headers,
        body.into(),
        media_type,
    )))
}

/// Says that the answer depends on `Accept`, so that no cache takes one form for another.
fn by_accept(mut response: Response) -> Response {
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("Accept"));
    response
}
