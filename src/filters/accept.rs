//! Which of several media types a client wants (RFC 9110, section 12.5.1).

use http::header::{self, HeaderMap};

use crate::error::Error;

/// The type that `Accept` likes best of those offered; of equals, and where it says nothing,
/// the one offered first. An offered type is its essence: `text/markdown`, without parameters.
///
/// # Errors
/// 406 where it refuses all of them.
pub fn preferred<T: Copy>(headers: &HeaderMap, offered: &[(&'static str, T)]) -> Result<T, Error> {
    let accepted: Vec<Range<'_>> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(Range::read)
        .collect();
    let quality = |offered: &str| -> u16 {
        if accepted.is_empty() {
            return QUALITY_MAX;
        }
        let fitting = accepted.iter().filter(|range| range.covers(offered));
        let closest = fitting.max_by_key(|range| range.precision());
        closest.map_or(0, |range| range.quality)
    };
    let mut best: Option<(u16, T)> = None;
    for (name, kind) in offered {
        let quality = quality(name);
        if quality > best.map_or(0, |(most, _)| most) {
            best = Some((quality, *kind));
        }
    }
    best.map(|(_, kind)| kind)
        .ok_or_else(|| Error::NotAcceptable {
            offered: offered.iter().map(|(name, _)| *name).collect(),
        })
}

/// Whether `Accept` names this very type, and does not refuse it.
pub fn accepts_by_name(headers: &HeaderMap, media_type: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter();
    let lines = lines.filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|value| value.split(','))
        .filter_map(Range::read)
        .any(|range| range.quality > 0 && range.precision() == 2 && range.covers(media_type))
}

/// Qualities in thousandths: RFC 9110 gives them three digits.
const QUALITY_MAX: u16 = 1000;

/// One media range of `Accept`.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: u16,
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .map_or(Some(1.0), |(_, value)| value.trim().parse::<f64>().ok())
            .filter(|quality| (0.0..=1.0).contains(quality))?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 1000"
        )]
        let quality = (quality * f64::from(QUALITY_MAX)).round() as u16;
        Some(Self {
            kind,
            subtype,
            quality,
        })
    }

    fn covers(&self, offered: &str) -> bool {
        let Some((kind, subtype)) = offered.split_once('/') else {
            return false;
        };
        (self.kind == "*" || self.kind.eq_ignore_ascii_case(kind))
            && (self.subtype == "*" || self.subtype.eq_ignore_ascii_case(subtype))
    }

    fn precision(&self) -> u8 {
        u8::from(self.kind != "*") + u8::from(self.subtype != "*")
    }
}

#[cfg(test)]
mod tests {
    use http::header::HeaderValue;

    use super::*;

    #[test]
    fn a_type_is_accepted_by_name_only_where_it_stands_there_and_is_not_refused() {
        for (accept, expected) in [
            ("application/problem+json", true),
            ("application/json, application/Problem+JSON;q=0.1", true),
            ("application/problem+json;q=0", false),
            ("application/*, */*", false),
            ("application/json", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            let accepted = accepts_by_name(&headers, "application/problem+json");
            assert_eq!(accepted, expected, "{accept}");
        }
        assert!(!accepts_by_name(
            &HeaderMap::new(),
            "application/problem+json"
        ));
    }

    #[test]
    fn the_type_liked_best_is_chosen_and_all_refused_is_406() {
        let offered = [
            ("application/json", 'j'),
            ("text/markdown", 'm'),
            ("image/svg+xml", 's'),
        ];
        let chosen = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            if !accept.is_empty() {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            preferred(&headers, &offered).ok()
        };
        for (accept, expected) in [
            ("", Some('j')),
            ("*/*", Some('j')),
            ("application/json, text/plain, */*", Some('j')),
            ("text/markdown", Some('m')),
            ("TEXT/*", Some('m')),
            ("image/svg+xml;q=0.9, application/json;q=0.8", Some('s')),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some('j')),
            ("*/*, application/json;q=0", Some('m')),
            ("image/png", None),
            ("application/json;q=0", None),
            ("nonsense", Some('j')),
            ("text/markdown;q=2", Some('j')),
        ] {
            assert_eq!(chosen(accept), expected, "{accept}");
        }
    }
}
