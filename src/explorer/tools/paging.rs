//! Lists that say how much there is, and never hold more than a budget of bytes.

use serde::Serialize;

/// The first items of a list, as many as the budget allows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page<T> {
    /// How many there are.
    pub total: usize,
    /// How many of them are here.
    pub returned: usize,
    /// Whether some are missing here.
    pub truncated: bool,
    /// The first ones.
    pub items: Vec<T>,
}

impl<T: Serialize> Page<T> {
    /// Takes items until the next would exceed `budget` bytes of JSON. Of the items that
    /// do not fit, none is made.
    pub fn within(budget: usize, total: usize, items: impl IntoIterator<Item = T>) -> Self {
        let mut page = Self {
            total,
            returned: 0,
            truncated: false,
            items: Vec::new(),
        };
        let mut bytes = 0;
        for item in items {
            bytes += serde_json::to_vec(&item).map_or(0, |json| json.len() + 1);
            if bytes > budget {
                break;
            }
            page.items.push(item);
        }
        page.returned = page.items.len();
        page.truncated = page.returned < total;
        page
    }
}

impl<T> Page<T> {
    /// How many are missing here.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.total - self.returned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_what_fits_and_says_what_is_missing() {
        // Each item is "abc", and a comma: six bytes.
        let page = Page::within(12, 5, ["abc"; 5]);
        assert_eq!((page.items.len(), page.returned, page.total), (2, 2, 5));
        assert!(page.truncated && page.missing() == 3);
        let whole = Page::within(100, 2, ["abc"; 2]);
        assert!(!whole.truncated && whole.missing() == 0);
    }

    #[test]
    fn items_beyond_the_budget_are_not_even_made() {
        let mut made = 0;
        let endless = std::iter::repeat_with(|| {
            made += 1;
            "abc"
        });
        Page::within(60, usize::MAX, endless);
        assert_eq!(made, 11);
    }
}
