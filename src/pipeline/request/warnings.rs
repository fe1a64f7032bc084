//! What the reader wants its caller to know, each thing once.

/// Sentences in plain English, in the order they came up.
#[derive(Debug, Default)]
pub(super) struct Warnings(Vec<String>);

impl Warnings {
    /// There are few kinds of warnings, so a look through the list is cheap; and none is said twice.
    pub(super) fn add(&mut self, warning: impl Into<String>) {
        let warning = warning.into();
        if !self.0.contains(&warning) {
            self.0.push(warning);
        }
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        self.0
    }
}
