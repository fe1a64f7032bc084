//! Markdown to a flat list of blocks, in one pass over the parser's events and without recursion.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::html::Html;
use super::text::Text;
use super::warnings::Warnings;

/// Headings, items, rows and lines of text. A request that fills 300 pages has fewer.
const MAX_BLOCKS: usize = 20_000;
/// Columns of a table.
const MAX_CELLS: usize = 32;

/// One piece of the document. `depth` is the number of list items that enclose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Heading {
        level: u8,
        text: Text,
    },
    Item {
        depth: usize,
        ordered: bool,
        text: Text,
    },
    /// A line of a paragraph, the paragraph's first or a later one.
    Line {
        depth: usize,
        first: bool,
        text: Text,
    },
    Table {
        depth: usize,
        rows: Vec<Vec<Text>>,
    },
    Code {
        depth: usize,
        lines: Vec<Text>,
    },
    /// A rule across the page.
    Rule,
}

/// The blocks of a Markdown document.
pub(super) fn parse(markdown: &str, warnings: &mut Warnings) -> Vec<Block> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut builder = Builder::new(warnings);
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        if builder.spent >= MAX_BLOCKS {
            builder.warnings.add(
                "The document was read up to its first 20,000 headings, items, rows and lines.",
            );
            break;
        }
        builder.event(event, markdown.get(range).unwrap_or_default());
    }
    builder.flush();
    builder.blocks
}

/// What the text that comes in belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    None,
    Heading(u8),
    Item,
    Line { first: bool },
    Cell,
    Code,
    Html { first: bool },
}

struct Builder<'w> {
    warnings: &'w mut Warnings,
    blocks: Vec<Block>,
    /// Blocks and rows so far, against `MAX_BLOCKS`.
    spent: usize,
    /// The open lists, whether each is numbered.
    lists: Vec<bool>,
    /// Open items.
    depth: usize,
    /// An item was opened and its own text has not come yet.
    fresh: bool,
    target: Target,
    text: Text,
    bold: usize,
    /// Inside what is struck out, or the words that stand for a picture.
    muted: usize,
    rows: Vec<Vec<Text>>,
    lines: Vec<Text>,
    html: Html,
}

impl<'w> Builder<'w> {
    fn new(warnings: &'w mut Warnings) -> Self {
        Self {
            warnings,
            blocks: Vec::new(),
            spent: 0,
            lists: Vec::new(),
            depth: 0,
            fresh: false,
            target: Target::None,
            text: Text::default(),
            bold: 0,
            muted: 0,
            rows: Vec::new(),
            lines: Vec::new(),
            html: Html::default(),
        }
    }

    fn event(&mut self, event: Event, source: &str) {
        match event {
            Event::Start(tag) => self.start(&tag, source),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.words(&text, false);
            }
            Event::Code(code) => self.words(&code, true),
            Event::Html(html) => self.html_line(&html),
            Event::InlineHtml(html) => {
                let name = html.trim_start_matches(['<', '/']).get(..2);
                if name.is_some_and(|name| name.eq_ignore_ascii_case("br")) {
                    self.line_break();
                }
            }
            Event::SoftBreak => match self.target {
                Target::Line { .. } => self.line_break(),
                _ => self.words(" ", false),
            },
            Event::HardBreak => self.line_break(),
            Event::Rule => {
                self.flush();
                self.add(Block::Rule);
            }
            Event::TaskListMarker(_) | Event::FootnoteReference(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag, source: &str) {
        match tag {
            Tag::Strong => self.bold += 1,
            Tag::Strikethrough | Tag::Image { .. } => self.muted += 1,
            Tag::Emphasis | Tag::Link { .. } => {}
            Tag::TableHead | Tag::TableRow => {
                self.spent += 1;
                self.rows.push(Vec::new());
            }
            Tag::TableCell => self.target = Target::Cell,
            _ => {
                self.flush();
                match tag {
                    Tag::Paragraph => self.target = self.running(),
                    Tag::Heading { level, .. } => self.target = Target::Heading(rank(*level)),
                    Tag::List(number) => self.lists.push(number.is_some()),
                    Tag::Item => {
                        self.depth += 1;
                        self.fresh = true;
                    }
                    Tag::CodeBlock(kind) => {
                        self.target = Target::Code;
                        if matches!(kind, CodeBlockKind::Fenced(_)) && is_open(source) {
                            self.warnings.add(
                                "A code block is not closed; what follows it was read as code.",
                            );
                        }
                    }
                    Tag::HtmlBlock => self.target = Target::Html { first: true },
                    _ => {}
                }
            }
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Strikethrough | TagEnd::Image => self.muted = self.muted.saturating_sub(1),
            TagEnd::Emphasis | TagEnd::Link | TagEnd::TableHead | TagEnd::TableRow => {}
            TagEnd::TableCell => {
                let cell = self.take();
                if let Some(row) = self.rows.last_mut().filter(|row| row.len() < MAX_CELLS) {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                let rows = std::mem::take(&mut self.rows);
                self.add(Block::Table {
                    depth: self.depth,
                    rows,
                });
            }
            _ => {
                self.flush();
                match tag {
                    TagEnd::Item => {
                        self.depth = self.depth.saturating_sub(1);
                        self.fresh = false;
                    }
                    TagEnd::List(_) => {
                        self.lists.pop();
                    }
                    TagEnd::HtmlBlock if self.html.end() => {
                        self.warnings
                            .add("An HTML comment is not closed; what follows it was left out.");
                    }
                    _ => {}
                }
            }
        }
    }

    /// Where running text goes: to the item that waits for its own, else to a paragraph.
    fn running(&self) -> Target {
        if self.fresh {
            Target::Item
        } else {
            Target::Line { first: true }
        }
    }

    fn words(&mut self, words: &str, code: bool) {
        if self.muted > 0 {
            return;
        }
        match self.target {
            Target::Code => {
                for line in words.lines().filter(|line| !line.trim().is_empty()) {
                    let mut text = Text::default();
                    text.push_code(line.trim(), false);
                    self.spent += 1;
                    self.lines.push(text);
                }
                return;
            }
            // The text of a tight item comes without a paragraph around it.
            Target::None => self.target = self.running(),
            _ => {}
        }
        if code {
            self.text.push_code(words, self.bold > 0);
        } else {
            self.text.push(words, self.bold > 0);
        }
    }

    fn line_break(&mut self) {
        match self.target {
            Target::Line { .. } => {
                self.flush();
                self.target = Target::Line { first: false };
            }
            Target::Item | Target::Cell => self.text.push("\n", self.bold > 0),
            _ => self.words(" ", false),
        }
    }

    /// A line of an HTML block: its text is a line of a paragraph, its tags are nothing.
    fn html_line(&mut self, html: &str) {
        let text = self.html.text(html);
        for line in text
            .split('\n')
            .map(Text::plain)
            .filter(|line| !line.is_blank())
        {
            self.text = line;
            let first = matches!(self.target, Target::Html { first: true } | Target::None);
            self.target = Target::Line { first };
            self.flush();
            self.target = Target::Html { first: false };
        }
    }

    fn take(&mut self) -> Text {
        self.target = Target::None;
        let text = std::mem::take(&mut self.text);
        if text.cut {
            self.warnings
                .add("Paragraphs, items and cells longer than 20,000 bytes were cut.");
        }
        text.trimmed()
    }

    /// Ends the block whose text was being gathered.
    fn flush(&mut self) {
        let target = self.target;
        let text = self.take();
        let depth = self.depth;
        match target {
            Target::Code if !self.lines.is_empty() => {
                let lines = std::mem::take(&mut self.lines);
                self.add(Block::Code { depth, lines });
            }
            Target::Item => {
                self.fresh = false;
                if !text.plain.is_empty() {
                    let ordered = self.lists.last().copied().unwrap_or_default();
                    self.add(Block::Item {
                        depth: depth.saturating_sub(1),
                        ordered,
                        text,
                    });
                }
            }
            Target::Heading(level) => self.add(Block::Heading { level, text }),
            Target::Line { first } if !text.plain.is_empty() => {
                self.add(Block::Line { depth, first, text });
            }
            _ => {}
        }
    }

    fn add(&mut self, block: Block) {
        self.spent += 1;
        self.blocks.push(block);
    }
}

fn rank(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Whether the source of a fenced block lacks the fence that would close it.
fn is_open(source: &str) -> bool {
    let source = source.trim();
    let Some(fence) = source.get(..3) else {
        return true;
    };
    let last: Range<usize> = source.rfind('\n').map_or(0..0, |at| at + 1..source.len());
    !source
        .get(last)
        .is_some_and(|line| line.trim_start_matches([' ', '>', '\t']).starts_with(fence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(markdown: &str) -> (Vec<Block>, Vec<String>) {
        let mut warnings = Warnings::default();
        let blocks = parse(markdown, &mut warnings);
        (blocks, warnings.into_vec())
    }

    /// A block a line, so that a test can be read.
    fn outline(markdown: &str) -> Vec<String> {
        let cells = |row: &Vec<Text>| {
            row.iter()
                .map(|cell| cell.plain.clone())
                .collect::<Vec<_>>()
                .join("|")
        };
        parsed(markdown)
            .0
            .iter()
            .map(|block| match block {
                Block::Heading { level, text } => format!("h{level} {}", text.plain),
                Block::Item {
                    depth,
                    ordered,
                    text,
                } => {
                    format!(
                        "{}{depth} {}",
                        if *ordered { "ol" } else { "ul" },
                        text.plain
                    )
                }
                Block::Line { depth, first, text } => {
                    format!("{}{depth} {}", if *first { "p" } else { "br" }, text.plain)
                }
                Block::Table { depth, rows } => {
                    format!(
                        "table{depth} {}",
                        rows.iter().map(cells).collect::<Vec<_>>().join(" / ")
                    )
                }
                Block::Code { depth, lines } => {
                    format!(
                        "code{depth} {}",
                        lines
                            .iter()
                            .map(|line| line.plain.clone())
                            .collect::<Vec<_>>()
                            .join(";")
                    )
                }
                Block::Rule => "rule".to_owned(),
            })
            .collect()
    }

    #[test]
    fn every_kind_of_block_is_told_apart() {
        let markdown = "# T\n\nSetext\n---\n\nA\nB  \nC\n\n- a\n  wrapped\n  - b\n\n    more\n2. c\n\n***\n\n\
                        |x|y|\n|-|-|\n|1|2|\n\n```sql\n# no heading\n```\n";
        assert_eq!(
            outline(markdown),
            [
                "h1 T",
                "h2 Setext",
                "p0 A",
                "br0 B",
                "br0 C",
                "ul0 a wrapped",
                "ul1 b",
                "p2 more",
                "ol0 c",
                "rule",
                "table0 x|y / 1|2",
                "code0 # no heading",
            ]
        );
    }

    #[test]
    fn loose_items_are_items_and_what_follows_in_them_is_text() {
        assert_eq!(
            outline("1. A\n\n   a\n\n2. B\n"),
            ["ol0 A", "p1 a", "ol0 B"]
        );
        assert_eq!(outline("- - x\n  - y\n"), ["ul1 x", "ul1 y"]);
        assert_eq!(outline("> ## H\n> - a\n> > b\n"), ["h2 H", "ul0 a", "p0 b"]);
    }

    #[test]
    fn marks_go_and_tasks_are_items() {
        assert_eq!(
            outline("- [x] *A* [b](http://x) ![pic](y) ~~gone~~ `c`&amp;\n- [ ] D<br>e"),
            ["ul0 A b c&", "ul0 D\ne"]
        );
    }

    #[test]
    fn html_leaves_its_text_behind() {
        assert_eq!(
            outline(
                "<script>\nalert('x')\n</script>\n\n<div class=\"a\"\n id=1>text</div>\n<!-- note\nnote -->\n\nA <b>c</b><br/>d"
            ),
            ["p0 alert('x')", "p0 text", "p0 A c", "br0 d"]
        );
    }

    #[test]
    fn ragged_rows_are_evened_out() {
        assert_eq!(
            outline("|a|b|\n|-|-|\n|1|\n|1|2|3|\n"),
            ["table0 a|b / 1| / 1|2"]
        );
    }

    #[test]
    fn what_is_never_closed_is_said() {
        assert_eq!(
            parsed("a\n\n```\n# b\n").1,
            ["A code block is not closed; what follows it was read as code."]
        );
        assert_eq!(
            parsed("a\n\n<!-- b\n\n# c\n").1,
            ["An HTML comment is not closed; what follows it was left out."]
        );
        assert_eq!(
            parsed("```\nb\n```\n\n> ~~~\n> c\n> ~~~\n\n<!-- d -->\n").1,
            [""; 0]
        );
    }

    #[test]
    fn a_document_without_end_is_cut() {
        let (blocks, warnings) = parsed(&"- a\n".repeat(100_000));
        assert_eq!(blocks.len(), MAX_BLOCKS);
        assert_eq!(
            warnings,
            ["The document was read up to its first 20,000 headings, items, rows and lines."]
        );
    }
}
