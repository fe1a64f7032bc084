//! The parameters in the document, as groups that operations share. Handlers read them with
//! [`Parameters`](crate::filters::Parameters), whose limits these repeat; a test compares them.

use utoipa::IntoParams;

use crate::pipeline::structure::TableType;
use crate::sessions::SessionId;

/// The session in a path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SessionPath {
    /// Id of the session, as the call that started it said.
    pub session_id: SessionId,
}

/// The session in the path of a socket.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SocketPath {
    /// The session to go on with, or an id for a new one.
    pub session_id: SessionId,
}

/// The table in a path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TablePath {
    /// `name` or `schema.name`, in any case. Of tables of the same name the one of the first schema
    /// is meant.
    #[param(min_length = 1, example = "factv_purchase_order")]
    pub name: String,
}

/// Which part of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InParts {
    /// The most items; 100 where only `offset` is given.
    #[param(minimum = 1, maximum = 1000, nullable = false, example = 10)]
    pub limit: Option<usize>,
    /// How many items to leave out at the beginning; 0 where only `limit` is given.
    #[param(minimum = 0, maximum = 1_000_000_000, nullable = false, example = 0)]
    pub offset: Option<usize>,
}

/// Which tables.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Tables {
    /// Only those of this schema, in any case; an empty text is none.
    #[param(max_length = 256, nullable = false, example = "dm_bs_purchase")]
    pub schema: Option<String>,
    /// Only those of this class, in any case.
    #[param(rename = "type", nullable = false, inline, example = "FACT")]
    pub table_type: Option<TableType>,
    /// Only those whose full name or description holds this text, accents and case aside.
    #[param(max_length = 400, nullable = false, example = "order")]
    pub q: Option<String>,
}

/// What columns are searched for.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ColumnName {
    /// A name with `*` and `?` for what does not matter, or a word in Czech, Slovak or English.
    #[param(min_length = 1, max_length = 400, example = "*supplier*")]
    pub q: String,
}

/// What tables are searched for.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Term {
    /// Business terms in Czech, Slovak or English.
    #[param(min_length = 1, max_length = 400, example = "fakturující dodavatelé")]
    pub q: String,
}

/// How much of a table's surroundings is drawn.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Around {
    /// How many joins a table may be away from the one in the middle; 1 by default.
    #[param(minimum = 0, maximum = 10, nullable = false, example = 1)]
    pub depth: Option<usize>,
    /// How many columns a table may show, keys first; by default 5, or what the run was asked for.
    #[param(minimum = 0, maximum = 1000, nullable = false, example = 5)]
    pub max_columns: Option<usize>,
}

/// What is in the middle of a run's diagram.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Focus {
    /// Draws this table (`name` or `schema.name`) and those around it. Without it, and without
    /// `max_columns`, the diagram is the one in the result.
    #[param(
        min_length = 1,
        max_length = 1000,
        nullable = false,
        example = "dimv_supplier"
    )]
    pub focus: Option<String>,
}

/// The document in a path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DocumentPath {
    /// The name of the file, as the list of documents has it.
    #[param(min_length = 1, example = "governance_report.md")]
    pub file: String,
}

/// Whose words a document is in.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DocumentWording {
    /// `rules`, the default, or `model`: a summary in the words of a language model, for
    /// `governance_report.md` and where one is configured. In any case.
    #[param(pattern = "^(rules|model)$", nullable = false, example = "rules")]
    pub wording: Option<String>,
}

/// An answer that the client holds already.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct Held {
    /// The `ETag` of an earlier answer, several with commas, or `*`: where it still holds, the answer
    /// is 304 without a body.
    #[param(
        rename = "If-None-Match",
        nullable = false,
        example = "W/\"5f1d7a4b9c2e8d30\""
    )]
    pub if_none_match: Option<String>,
}

/// What a client calls a run by.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyKey {
    /// A name of the client's own for this run, such as a UUID: 1 to 255 visible ASCII characters. The
    /// same call under the same key starts one run however often it is sent; another body under it is
    /// refused.
    #[param(
        rename = "Idempotency-Key",
        nullable = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]{1,255}$",
        example = "8e03978e-40d5-43e8-bc93-6894a57f9324"
    )]
    pub idempotency_key: Option<String>,
}

/// The event a client has seen last.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct LastEvent {
    /// The `id` of the last event the client has seen: the stream goes on after it. What is no number
    /// counts as none. Browsers send it by themselves.
    #[param(rename = "Last-Event-ID", nullable = false, example = "4")]
    pub last_event_id: Option<String>,
}

/// How a socket sends what an answer is so far.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Partials {
    /// `cumulative` (or nothing): each `agent_partial` holds the whole answer so far. `delta`: each holds
    /// the next piece.
    #[param(pattern = "^(cumulative|delta)?$", nullable = false, example = "delta")]
    pub partials: Option<String>,
}

/// Where a client goes on that has lost its connection.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LastSeq {
    /// The `seq` of the last frame that the client has seen, or 0: it may lose its connection and come back.
    /// Without it, an answer ends with its socket.
    #[param(
        minimum = 0,
        maximum = 9_007_199_254_740_991_i64,
        nullable = false,
        example = 0
    )]
    pub last_seq: Option<u64>,
}
