//! HTML blocks to the text in them.

/// Where in the HTML of a block the reading stands; a tag or comment may go on in the next line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Html {
    #[default]
    Text,
    Tag,
    Comment,
}

impl Html {
    /// The text of a line, tags and comments dropped, line breaks kept as such.
    pub(super) fn text(&mut self, line: &str) -> String {
        let mut text = String::new();
        let mut rest = line;
        while !rest.is_empty() {
            match self {
                Self::Text => {
                    let (before, from) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
                    text.push_str(before);
                    rest = self.open(from, &mut text);
                }
                Self::Tag => rest = self.close(rest, ">"),
                Self::Comment => rest = self.close(rest, "-->"),
            }
        }
        text
    }

    /// Reads what a `<` opens: a comment, a tag, or nothing and the sign stays.
    fn open<'a>(&mut self, from: &'a str, text: &mut String) -> &'a str {
        if let Some(comment) = from.strip_prefix("<!--") {
            *self = Self::Comment;
            return comment;
        }
        let Some(tag) = from.strip_prefix('<') else {
            return from;
        };
        if tag.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            *self = Self::Tag;
            if tag
                .get(..2)
                .is_some_and(|name| name.eq_ignore_ascii_case("br"))
            {
                text.push('\n');
            }
        } else {
            text.push('<');
        }
        tag
    }

    fn close<'a>(&mut self, rest: &'a str, mark: &str) -> &'a str {
        match rest.split_once(mark) {
            Some((_, rest)) => {
                *self = Self::Text;
                rest
            }
            None => "",
        }
    }

    /// Ends a block, and whatever it left open; says whether that was a comment.
    pub(super) fn end(&mut self) -> bool {
        std::mem::take(self) == Self::Comment
    }
}

#[cfg(test)]
mod tests {
    use super::Html;

    #[test]
    fn tags_and_comments_go_and_may_span_lines() {
        let mut html = Html::default();
        assert_eq!(html.text("<p>A<br>B</p> 1 < 2 <!-- c"), "A\nB 1 < 2 ");
        assert_eq!(html.text("d --> E <a"), " E ");
        assert_eq!(html.text("href='x'>F</a>"), "F");
        assert!(!html.end());
    }

    #[test]
    fn what_a_block_left_open_does_not_reach_the_next() {
        let mut html = Html::default();
        assert_eq!(html.text("A <!-- B"), "A ");
        assert!(html.end());
        assert_eq!(html.text("C <i"), "C ");
        assert!(!html.end());
        assert_eq!(html.text("D"), "D");
    }
}
