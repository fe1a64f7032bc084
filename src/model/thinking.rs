//! Reasoning that servers without a field for it write into the text.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Lets the text pass and keeps back every `<think>…</think>`, wherever it stands and
/// however it is cut into pieces. An answer that quotes such a block loses it: that is
/// rare, and the reasoning shown as the answer would be the worse mistake. White space
/// goes with the block before it, and at the very start of the text.
#[derive(Debug)]
pub(super) struct Thinking {
    /// What may be the beginning of a tag.
    held: String,
    inside: bool,
    /// White space is not passed on before other text.
    trims: bool,
}

impl Default for Thinking {
    fn default() -> Self {
        Self {
            held: String::new(),
            inside: false,
            trims: true,
        }
    }
}

impl Thinking {
    /// What of the text so far can be shown and has not been.
    pub(super) fn push(&mut self, piece: &str) -> String {
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let mut shown = String::new();
        let mut rest = text.as_str();
        loop {
            let tag = if self.inside { CLOSE } else { OPEN };
            let Some((before, after)) = rest.split_once(tag) else {
                let (free, held) = rest.split_at(rest.len() - started(rest, tag));
                self.show(free, &mut shown);
                held.clone_into(&mut self.held);
                return shown;
            };
            self.show(before, &mut shown);
            self.trims |= self.inside;
            self.inside = !self.inside;
            rest = after;
        }
    }

    /// The rest, where the text ends here.
    pub(super) fn finish(&mut self) -> String {
        let mut shown = String::new();
        let held = std::mem::take(&mut self.held);
        self.show(&held, &mut shown);
        shown
    }

    fn show(&mut self, text: &str, shown: &mut String) {
        if self.inside {
            return;
        }
        let text = if self.trims { text.trim_start() } else { text };
        self.trims &= text.is_empty();
        shown.push_str(text);
    }
}

/// The bytes at the end of a text that may be the beginning of a tag.
fn started(text: &str, tag: &str) -> usize {
    (1..tag.len())
        .rev()
        .find(|length| {
            tag.get(..*length)
                .is_some_and(|start| text.ends_with(start))
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(pieces: &[&str]) -> String {
        let mut thinking = Thinking::default();
        let mut shown: String = pieces.iter().map(|piece| thinking.push(piece)).collect();
        shown.push_str(&thinking.finish());
        shown
    }

    #[test]
    fn thoughts_are_not_shown() {
        let rows = [
            ("\n<think>hm\n</think>\n\nFour tables.", "Four tables."),
            ("One <think>wait</think> two", "One two"),
            ("<think></think>a<think>b</think>c", "ac"),
            ("<think>never ends", ""),
            (
                "a < b, <thing>, </think> and <thin",
                "a < b, <thing>, </think> and <thin",
            ),
            ("<<think>x</think>!", "<!"),
            ("  plain  ", "plain  "),
        ];
        for (text, expected) in rows {
            assert_eq!(shown(&[text]), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn pieces_show_what_the_whole_shows(
            parts in prop::collection::vec(
                prop::sample::select(vec!["<think>", "</think>", "<", "</", "th", "ž", " ", "a"]),
                0..12,
            ),
            every in 1_usize..4,
        ) {
            let text = parts.concat();
            let chars: Vec<String> = text.chars().map(String::from).collect();
            let pieces: Vec<String> = chars.chunks(every).map(<[String]>::concat).collect();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            prop_assert_eq!(shown(&pieces), shown(&[&text]));
        }
    }
}
