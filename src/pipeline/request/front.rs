//! YAML front matter, as blocks like those of Markdown.

use super::blocks::Block;
use super::text::Text;

/// Longer blocks between rules are text.
const MAX_LINES: usize = 200;

/// Splits front matter off a document; what lies between two rules but is no YAML stays text.
pub(super) fn split(document: &str) -> (Vec<Block>, &str) {
    let start = document.trim_start();
    let Some(rest) = start.strip_prefix("---\n") else {
        return (Vec::new(), document);
    };
    let mut lines = Vec::new();
    let mut from = 0;
    for line in rest.split_inclusive('\n').take(MAX_LINES) {
        from += line.len();
        let line = line.trim_end();
        if line == "---" || line == "..." {
            let blocks = blocks(&lines);
            return if blocks.is_empty() {
                (blocks, document)
            } else {
                (blocks, rest.get(from..).unwrap_or_default())
            };
        }
        lines.push(line);
    }
    (Vec::new(), document)
}

/// The lines as `Key: value` and items; none where a line is neither.
fn blocks(lines: &[&str]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut folded: Option<(usize, String)> = None;
    let mut keys = 0;
    for line in lines {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        if let Some((depth, text)) = &mut folded {
            if indent > *depth || line.is_empty() {
                text.push(' ');
                text.push_str(line);
                continue;
            }
            blocks.push(line_block(text));
            folded = None;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(item) = line.strip_prefix("- ") {
            blocks.push(Block::Item {
                depth: 0,
                ordered: false,
                text: Text::plain(unquoted(item)),
            });
        } else if let Some((key, value)) = line
            .split_once(':')
            .filter(|(_, v)| v.is_empty() || v.starts_with(' '))
        {
            keys += 1;
            let key = key.trim_matches(['"', '\'']).replace('_', " ");
            let value = value.trim();
            if [">", "|", ">-", "|-"].contains(&value) {
                folded = Some((indent, format!("{key}:")));
            } else {
                let inner = value
                    .strip_prefix('[')
                    .and_then(|value| value.strip_suffix(']'))
                    .unwrap_or(value);
                blocks.push(line_block(&format!("{key}: {}", unquoted(inner))));
            }
        } else {
            return Vec::new();
        }
    }
    if let Some((_, text)) = folded {
        blocks.push(line_block(&text));
    }
    if keys == 0 {
        return Vec::new();
    }
    // Ends what the last key may have opened.
    blocks.push(Block::Rule);
    blocks
}

fn line_block(text: &str) -> Block {
    Block::Line {
        depth: 0,
        first: true,
        text: Text::plain(text).trimmed(),
    }
}

fn unquoted(value: &str) -> &str {
    let quoted = |mark: char| {
        value
            .strip_prefix(mark)
            .and_then(|value| value.strip_suffix(mark))
    };
    quoted('"').or_else(|| quoted('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Block {
        line_block(text)
    }

    #[test]
    fn keys_lists_and_folded_text_are_read() {
        let document = "---\nproject_name: \"Nákup\"\n# note\nentities:\n  - A\n  - 'B'\nmetrics: [X, Y]\ngoal: >\n  one\n  two\n---\n# T\n";
        let item = |text| Block::Item {
            depth: 0,
            ordered: false,
            text: Text::plain(text),
        };
        assert_eq!(
            split(document),
            (
                vec![
                    line("project name: Nákup"),
                    line("entities:"),
                    item("A"),
                    item("B"),
                    line("metrics: X, Y"),
                    line("goal: one two"),
                    Block::Rule,
                ],
                "# T\n"
            )
        );
    }

    #[test]
    fn a_rule_is_no_front_matter() {
        for document in [
            "---\n\nJust text.\n\n---\n",
            "---\nkey: value\n",
            "# T\n\n---\na: b\n---\n",
            "",
        ] {
            assert_eq!(split(document), (vec![], document), "{document}");
        }
    }
}
