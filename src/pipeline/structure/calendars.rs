//! Which tables are calendars or clocks, whatever they are called: their columns are the
//! parts of a date or of a time of day, and little else.

use std::collections::HashSet;

use super::words::{self, Stem, Stemmed, Words};
use super::{Subject, profile};
use crate::catalog::{TableId, TypeFamily};

/// The tables of a scope whose columns are the parts of a date or of a time of day.
pub(super) fn find(subjects: &[Subject<'_>]) -> HashSet<TableId> {
    subjects
        .iter()
        .filter(|subject| is_calendar(subject))
        .map(|subject| subject.id)
        .collect()
}

/// Different parts that make a calendar, and their share of the columns beside the key.
const PARTS_MIN: usize = 2;
const PARTS_MANY: usize = 3;
const PARTS_SHARE: f64 = 0.4;
const PARTS_SHARE_OF_FEW: f64 = 0.6;
/// The share of the parts of a time of day: clocks have shifts and meal times beside them.
const CLOCK_SHARE: f64 = 0.3;

fn is_calendar(subject: &Subject<'_>) -> bool {
    let own: Vec<Vec<Stem>> = (0..subject.table.columns.len())
        .map(|place| profile::stems(subject, place))
        .filter(|stems| !words::sounds_technical(stems))
        .collect();
    let measures = subject
        .table
        .columns
        .iter()
        .zip(&own)
        .filter(|(column, stems)| column.family == TypeFamily::Decimal && words::adds_up(stems))
        .count();
    if measures > 0 {
        return false;
    }
    let parts_of = |words: &'static Words| {
        let columns: Vec<&str> = own
            .iter()
            .filter(|stems| !stems.iter().any(|stem| stem.english() == "birth"))
            .filter_map(|stems| stems.iter().find(|stem| words.hold(*stem)))
            .map(Stemmed::english)
            .collect();
        let different = columns.iter().collect::<HashSet<_>>().len();
        let beside_key = own.len().saturating_sub(1).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a number of columns")]
        let share = columns.len() as f64 / beside_key as f64;
        (different, share)
    };
    let named = named_calendar(subject);
    let (parts, share) = parts_of(&words::DATE_PARTS);
    let days = parts >= PARTS_MIN && share >= PARTS_SHARE_OF_FEW
        || parts >= PARTS_MANY && share >= PARTS_SHARE
        || named && parts >= PARTS_MIN && share >= PARTS_SHARE;
    let (parts, share) = parts_of(&words::CLOCK_PARTS);
    days || parts >= PARTS_MIN && (share >= PARTS_SHARE_OF_FEW || named && share >= CLOCK_SHARE)
}

fn named_calendar(subject: &Subject<'_>) -> bool {
    let name = &subject.name.subject;
    name.last().is_some_and(|last| words::CALENDARS.hold(last))
        || name
            .first()
            .is_some_and(|first| words::CALENDARS.hold_slavic(first))
}
