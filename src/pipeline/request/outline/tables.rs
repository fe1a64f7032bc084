//! Tables: of a section, of keys and values, or with sections for columns.

use super::{LABEL, Piece, Walk, is_section_list};
use crate::pipeline::request::keys::{Keyed, keyed};
use crate::pipeline::request::text::Text;
use crate::pipeline::request::vocabulary::{Hit, Section, find_exact, is_any};

impl Walk {
    pub(super) fn table(&mut self, rows: Vec<Vec<Text>>) {
        self.begun = true;
        let Some(header) = rows.first() else { return };
        let hits: Vec<Option<Hit>> = header.iter().map(|cell| find_exact(&cell.plain)).collect();
        let heads = |section: Section| {
            hits.iter()
                .any(|hit| hit.is_some_and(|hit| hit.section == section))
        };
        if heads(Section::ScopeIn) && heads(Section::ScopeOut) {
            self.outline.labelled = true;
            return self.columns(&rows, &hits);
        }
        let known = |row: &Vec<Text>| {
            row.first()
                .is_some_and(|cell| find_exact(&cell.plain).is_some())
        };
        let keys_below = rows.iter().skip(1).any(known);
        // A label announces the list that follows it, and no table after that.
        let general = self.outside()
            || self.open.last().is_some_and(|open| open.rank >= LABEL)
            || matches!(
                self.current(),
                Section::Goal | Section::Summary | Section::Scope
            );
        if let Some(Some(hit)) = hits.first()
            && general
            && is_section_list(hit.section)
            && (header.len() > 2 || !keys_below)
        {
            self.outline.labelled = true;
            return self
                .outline
                .sections
                .entry(hit.section)
                .or_default()
                .push(Piece::Table(rows));
        }
        if !self.outside() {
            return self.push(Piece::Table(rows));
        }
        let fields = hits
            .iter()
            .flatten()
            .filter(|hit| matches!(hit.section, Section::Field(_)))
            .count();
        if fields > 1 && rows.len() > 1 {
            return self.fields(&rows, &hits);
        }
        let generic = is_generic(header);
        if header.len() > 2
            || header.len() < 2
            || self.current() == Section::Other && !generic && !keys_below
        {
            return self.push(Piece::Table(rows));
        }
        for row in rows.into_iter().skip(usize::from(generic)) {
            if let [key, value] = row.as_slice()
                && !value.is_blank()
                && let Some(keyed) = keyed(&Text::plain(&format!(
                    "{}: x",
                    key.plain.trim_end_matches(':')
                )))
            {
                let hit = find_exact(&keyed.key);
                self.head_value(
                    Keyed {
                        value: value.clone(),
                        ..keyed
                    },
                    hit,
                );
            }
        }
        self.joining = None;
    }

    /// A table whose columns are sections.
    fn columns(&mut self, rows: &[Vec<Text>], hits: &[Option<Hit>]) {
        for row in rows.iter().skip(1) {
            for (cell, hit) in row.iter().zip(hits) {
                let Some(hit) = hit else { continue };
                let pieces = self.outline.sections.entry(hit.section).or_default();
                let items = cell
                    .plain
                    .split('\n')
                    .map(Text::plain)
                    .filter(|item| !item.is_blank());
                pieces.extend(items.map(|text| Piece::Item { depth: 0, text }));
            }
        }
    }

    /// A table whose columns are fields of the head.
    fn fields(&mut self, rows: &[Vec<Text>], hits: &[Option<Hit>]) {
        let (Some(keys), Some(values)) = (rows.first(), rows.get(1)) else {
            return;
        };
        for ((key, value), hit) in keys.iter().zip(values).zip(hits) {
            let keyed = Keyed {
                key: key.plain.clone(),
                value: value.clone(),
                bold: true,
            };
            self.head_value(keyed, *hit);
        }
        self.joining = None;
    }
}

/// Whether the head of a two-column table only says that keys and values follow.
fn is_generic(header: &[Text]) -> bool {
    const KEYS: &str = ", pole, polozka, klic, kluc, key, field, property, atribut, attribute, parametr, \
        parameter, udaj, item, oblast, informace, informacia";
    const VALUES: &str = ", hodnota, value, obsah, content, popis, description, detail, details";
    matches!(header, [key, value] if is_any(&key.plain, KEYS) && is_any(&value.plain, VALUES))
}
