//! Compares JSON with the schemas of an OpenAPI document: strictly, a field that no schema knows is
//! a difference, too. Knows the keywords that our document uses and refuses others.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Keywords that only describe, or that schemathesis checks.
const ANNOTATIONS: [&str; 10] = [
    "description",
    "title",
    "example",
    "examples",
    "format",
    "pattern",
    "contentMediaType",
    "x-content-schema",
    "propertyNames",
    "default",
];

/// The schemas of one document.
pub struct Schemas<'d> {
    pub document: &'d Value,
}

impl<'d> Schemas<'d> {
    /// What a reference points at, or the value itself.
    pub fn resolved(&self, value: &'d Value) -> &'d Value {
        match value.get("$ref") {
            Some(Value::String(place)) => self
                .document
                .pointer(place.trim_start_matches('#'))
                .unwrap_or_else(|| panic!("{place} points at nothing")),
            _ => value,
        }
    }

    /// Every difference between a value and a schema, with its place.
    pub fn differences(&self, schema: &'d Value, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        self.compare(schema, value, "$", &mut found);
        found
    }

    fn fits(&self, schema: &'d Value, value: &Value) -> bool {
        let mut found = Vec::new();
        self.compare_open(schema, value, "$", &mut found);
        found.is_empty()
    }

    fn compare(&self, schema: &'d Value, value: &Value, at: &str, found: &mut Vec<String>) {
        self.compare_open(schema, value, at, found);
        if let (Value::Object(fields), Some(known)) = (value, self.known_fields(schema, value)) {
            for field in fields
                .keys()
                .filter(|field| !known.contains(field.as_str()))
            {
                found.push(format!("{at}.{field} is not documented"));
            }
        }
    }

    /// As far as one schema goes that may be a part of another.
    fn compare_open(&self, schema: &'d Value, value: &Value, at: &str, found: &mut Vec<String>) {
        let Value::Object(keywords) = schema else {
            panic!("{schema} is no schema");
        };
        for (keyword, rule) in keywords {
            let fits = match keyword.as_str() {
                "$ref" => {
                    self.compare_open(self.resolved(schema), value, at, found);
                    true
                }
                "allOf" => {
                    for part in rule.as_array().unwrap() {
                        self.compare_open(part, value, at, found);
                    }
                    true
                }
                "oneOf" => {
                    let variants = rule.as_array().unwrap().iter();
                    variants.filter(|variant| self.fits(variant, value)).count() == 1
                }
                "type" => is_of_type(rule, value),
                "enum" => rule.as_array().unwrap().contains(value),
                "minimum" => value.as_f64().is_none_or(|n| n >= rule.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|n| n <= rule.as_f64().unwrap()),
                "minLength" => value
                    .as_str()
                    .is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap()),
                "maxLength" => value
                    .as_str()
                    .is_none_or(|text| text.chars().count() as u64 <= rule.as_u64().unwrap()),
                "minItems" => value
                    .as_array()
                    .is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
                "maxItems" => value
                    .as_array()
                    .is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap()),
                "items" => {
                    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.compare(rule, item, &format!("{at}[{place}]"), found);
                    }
                    true
                }
                "required" => {
                    let wanted = rule.as_array().unwrap().iter();
                    let missing = |field: &&Value| {
                        value.is_object() && value.get(field.as_str().unwrap()).is_none()
                    };
                    for field in wanted.filter(missing) {
                        found.push(format!("{at} has no {field}"));
                    }
                    true
                }
                "properties" => {
                    for (field, schema) in rule.as_object().unwrap() {
                        if let Some(inner) = value.get(field) {
                            self.compare(schema, inner, &format!("{at}.{field}"), found);
                        }
                    }
                    true
                }
                "additionalProperties" => {
                    self.compare_others(keywords, rule, value, at, found);
                    true
                }
                other => {
                    assert!(
                        ANNOTATIONS.contains(&other),
                        "{other}: what does it ask for?"
                    );
                    true
                }
            };
            if !fits {
                found.push(format!("{at} does not fit {keyword} {rule}: {value}"));
            }
        }
    }

    /// Compares the fields that `properties` does not name.
    fn compare_others(
        &self,
        keywords: &'d Map<String, Value>,
        rule: &'d Value,
        value: &Value,
        at: &str,
        found: &mut Vec<String>,
    ) {
        let named = keywords.get("properties");
        let others = value.as_object().into_iter().flatten();
        for (field, inner) in others {
            if named.is_some_and(|named| named.get(field).is_some()) {
                continue;
            }
            match rule {
                Value::Bool(true) => {}
                Value::Bool(false) => found.push(format!("{at}.{field} is not allowed")),
                schema => self.compare(schema, inner, &format!("{at}.{field}"), found),
            }
        }
    }

    /// The fields that a schema has a word for; `None` where any may be there.
    fn known_fields(&self, schema: &'d Value, value: &Value) -> Option<BTreeSet<&'d str>> {
        let schema = self.resolved(schema);
        let mut known = BTreeSet::new();
        let parts = schema.get("allOf").and_then(Value::as_array);
        let variants = schema.get("oneOf").and_then(Value::as_array);
        let meant = variants.into_iter().flatten();
        let meant = meant.filter(|variant| self.fits(variant, value));
        for part in parts.into_iter().flatten().chain(meant) {
            known.extend(self.known_fields(part, value)?);
        }
        if let Some(others) = schema.get("additionalProperties")
            && *others != Value::Bool(false)
        {
            return None;
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let is_free = schema.get("type") == Some(&Value::from("object")) && properties.is_none();
        // `{"type": "object"}` alone lets everything be; beside other parts it says nothing.
        if is_free && schema.get("title").is_none() && schema.get("description").is_none() {
            return None;
        }
        known.extend(
            properties
                .into_iter()
                .flatten()
                .map(|(name, _)| name.as_str()),
        );
        Some(known)
    }
}

fn is_of_type(rule: &Value, value: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    };
    match rule {
        Value::Array(kinds) => kinds.iter().any(is),
        kind => is(kind),
    }
}

#[test]
fn differences_are_found_wherever_they_are() {
    let document = serde_json::json!({ "components": { "schemas": {
        "Head": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string", "maxLength": 3 } } },
        "Item": { "allOf": [
            { "$ref": "#/components/schemas/Head" },
            { "type": "object", "properties": { "n": { "type": ["integer", "null"], "minimum": 1 } } },
        ] },
    } } });
    let schemas = Schemas {
        document: &document,
    };
    let list =
        serde_json::json!({ "type": "array", "items": { "$ref": "#/components/schemas/Item" } });
    let differences = |value: Value| {
        let list: &'static Value = Box::leak(Box::new(list.clone()));
        let document: &'static Value = Box::leak(Box::new(document.clone()));
        Schemas { document }.differences(list, &value)
    };
    assert!(schemas.resolved(&document).is_object());
    assert!(
        differences(serde_json::json!([{ "name": "a", "n": 1 }, { "name": "b", "n": null }]))
            .is_empty()
    );
    assert_eq!(
        differences(serde_json::json!([{ "name": "long", "n": 0 }, { "x": 1 }, 7])),
        [
            "$[0].name does not fit maxLength 3: \"long\"",
            "$[0].n does not fit minimum 1: 0",
            "$[1] has no \"name\"",
            "$[1].x is not documented",
            "$[2] does not fit type \"object\": 7",
            "$[2] does not fit type \"object\": 7",
        ]
    );
}
