//! The query of a call: each parameter read and checked, all that is wrong with it said at once.

use std::ops::RangeInclusive;

use http::Method;
use serde_json::{Value, json};

use crate::error::{Error, Problem};

/// The query of a call, as pairs; of repeated names the last counts, and names that no
/// endpoint knows are left alone, both as in `FastAPI`.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
    problems: Vec<Problem>,
    is_of_head: bool,
}

impl Parameters {
    /// The query of a call.
    #[must_use]
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self {
            pairs,
            problems: Vec::new(),
            is_of_head: false,
        }
    }

    /// The same of a call with this method.
    #[must_use]
    pub fn of(self, method: &Method) -> Self {
        Self {
            is_of_head: method == Method::HEAD,
            ..self
        }
    }

    /// Whether the call is a `HEAD`: the body of its answer is made for nobody.
    #[must_use]
    pub fn is_of_head(&self) -> bool {
        self.is_of_head
    }

    /// What is given for a name.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&str> {
        let mut pairs = self.pairs.iter().rev();
        let (_, value) = pairs.find(|(given, _)| given == name)?;
        Some(value)
    }

    fn refuse(&mut self, name: &str, kind: &'static str, msg: String, ctx: Option<Value>) {
        self.problems.push(Problem {
            kind,
            loc: vec!["query".into(), name.into()],
            msg,
            ctx,
        });
    }

    /// A whole number; `None` where it is not given.
    pub fn number(&mut self, name: &str, range: RangeInclusive<usize>) -> Option<usize> {
        let given = self.given(name)?;
        let (least, most) = (*range.start(), *range.end());
        // Python's `int` takes signs and blanks, and so does FastAPI.
        match given.trim().parse::<i128>() {
            Ok(number) => match usize::try_from(number) {
                Ok(number) if range.contains(&number) => return Some(number),
                _ if number < 0 || number.unsigned_abs() < least as u128 => self.refuse(
                    name,
                    "greater_than_equal",
                    format!("Input should be greater than or equal to {least}"),
                    Some(json!({ "ge": least })),
                ),
                _ => self.refuse(
                    name,
                    "less_than_equal",
                    format!("Input should be less than or equal to {most}"),
                    Some(json!({ "le": most })),
                ),
            },
            Err(_) => self.refuse(
                name,
                "int_parsing",
                "Input should be a valid integer, unable to parse string as an integer".to_owned(),
                None,
            ),
        }
        None
    }

    /// A text of a bounded length; `None` where it is not given.
    pub fn text(&mut self, name: &str, lengths: RangeInclusive<usize>) -> Option<String> {
        let given = self.given(name)?.to_owned();
        let (least, most) = (*lengths.start(), *lengths.end());
        let length = given.chars().count();
        if length < least {
            self.refuse(
                name,
                "string_too_short",
                format!("String should have at least {least} characters"),
                Some(json!({ "min_length": least })),
            );
            return None;
        }
        if length > most {
            self.refuse(
                name,
                "string_too_long",
                format!("String should have at most {most} characters"),
                Some(json!({ "max_length": most })),
            );
            return None;
        }
        Some(given)
    }

    /// A text that must be given.
    pub fn required_text(&mut self, name: &str, lengths: RangeInclusive<usize>) -> String {
        if self.given(name).is_none() {
            self.refuse(name, "missing", "Field required".to_owned(), None);
        }
        self.text(name, lengths).unwrap_or_default()
    }

    /// One of a few words, in any case; `None` where it is not given.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let given = self.given(name)?;
        let mut known = choices.iter();
        if let Some((_, choice)) = known.find(|(word, _)| word.eq_ignore_ascii_case(given)) {
            return Some(*choice);
        }
        let words: Vec<String> = choices
            .iter()
            .map(|(word, _)| format!("'{word}'"))
            .collect();
        let expected = match words.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        };
        self.refuse(
            name,
            "enum",
            format!("Input should be {expected}"),
            Some(json!({ "expected": expected })),
        );
        None
    }

    /// `limit` and `offset`.
    pub fn paging(&mut self) -> Paging {
        Paging {
            limit: self.number("limit", 1..=LIMIT_MAX),
            offset: self.number("offset", 0..=OFFSET_MAX),
        }
    }

    /// Whether all that was read fits.
    ///
    /// # Errors
    /// 422 with every problem.
    pub fn checked(self) -> Result<(), Error> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.problems))
        }
    }
}

/// The most items of a page.
const LIMIT_MAX: usize = 1000;
/// Items of a page where the call does not say.
const LIMIT_DEFAULT: usize = 100;
/// The furthest a page may begin; no catalog is larger, and JavaScript can write it.
const OFFSET_MAX: usize = 1_000_000_000;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paging {
    limit: Option<usize>,
    offset: Option<usize>,
}

impl Paging {
    /// Whether a part is asked for at all.
    #[must_use]
    pub fn is_asked_for(self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }

    /// The most items.
    #[must_use]
    pub fn limit(self) -> usize {
        self.limit.unwrap_or(LIMIT_DEFAULT)
    }

    /// How many items come before.
    #[must_use]
    pub fn offset(self) -> usize {
        self.offset.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(query: &[(&str, &str)]) -> Parameters {
        let pairs = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Parameters::new(pairs.collect())
    }

    fn problems(parameters: Parameters) -> Value {
        match parameters.checked() {
            Err(Error::Invalid(problems)) => serde_json::to_value(problems).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_of_a_repeated_parameter_counts_and_what_is_not_known_is_left_alone() {
        let mut query = parameters(&[("limit", "5"), ("limit", " 7 "), ("colour", "red")]);
        assert_eq!(
            query.paging(),
            Paging {
                limit: Some(7),
                offset: None
            }
        );
        assert!(query.checked().is_ok());
    }

    #[test]
    fn every_problem_of_a_query_is_said_where_it_is() {
        let mut query = parameters(&[
            ("limit", "-1"),
            ("offset", "9999999999"),
            ("type", "x"),
            ("depth", "1.5"),
        ]);
        query.paging();
        assert_eq!(query.choice("type", &[("FACT", 1), ("VIEW", 2)]), None);
        query.number("depth", 0..=10);
        assert_eq!(query.required_text("q", 1..=3), "");
        assert_eq!(
            problems(query),
            json!([
                { "type": "greater_than_equal", "loc": ["query", "limit"], "msg": "Input should be greater than or equal to 1", "ctx": { "ge": 1 } },
                { "type": "less_than_equal", "loc": ["query", "offset"], "msg": "Input should be less than or equal to 1000000000", "ctx": { "le": 1_000_000_000 } },
                { "type": "enum", "loc": ["query", "type"], "msg": "Input should be 'FACT' or 'VIEW'", "ctx": { "expected": "'FACT' or 'VIEW'" } },
                { "type": "int_parsing", "loc": ["query", "depth"], "msg": "Input should be a valid integer, unable to parse string as an integer" },
                { "type": "missing", "loc": ["query", "q"], "msg": "Field required" },
            ])
        );
        let mut query = parameters(&[("q", "žšťž"), ("p", "")]);
        query.text("q", 1..=3);
        query.text("p", 1..=3);
        let kinds = problems(query);
        assert_eq!(
            (&kinds[0]["type"], &kinds[1]["type"]),
            (&json!("string_too_long"), &json!("string_too_short"))
        );
    }
}
