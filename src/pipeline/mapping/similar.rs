//! Words that are written nearly alike: typing errors, and words that the languages share
//! and spell in their own ways (`alergie`, `allergy`).
//!
//! Candidates come from an inverted index of character trigrams, ranked by the Dice
//! coefficient of their trigrams (Dice 1945; Angell, Freund and Willett 1983 for
//! spelling), and are confirmed by their edit distance (optimal string alignment,
//! Damerau 1964). No word is compared with all others.

use std::collections::HashMap;

/// Shorter words have too many neighbours.
const LETTERS_MIN: usize = 4;
/// Longer ones are identifiers nobody typed.
const LETTERS_MAX: usize = 32;
/// Trigrams that two words have to share, as their Dice coefficient.
const DICE_MIN: f64 = 0.4;
/// How alike two words have to be, letter by letter, 0–1.
const LIKENESS_MIN: f64 = 0.78;
/// The same for words whose first letters differ: people seldom mistype the first.
const LIKENESS_MIN_OTHER_FIRST: f64 = 0.87;
/// How many words one is taken for.
const ALIKE_MAX: usize = 3;
/// A word this much less alike than the best is not meant.
const BEHIND_MAX: f64 = 0.06;

type Gram = [char; 3];

/// Words by the trigrams they are made of.
#[derive(Debug, Default)]
pub(super) struct SimilarWords {
    words: Vec<Word>,
    /// Each trigram, in order, and where its words begin among the `places`.
    grams: Vec<(Gram, usize)>,
    /// Places of words, by trigram.
    places: Vec<u32>,
}

#[derive(Debug)]
struct Word {
    written: Box<str>,
    sound: Box<str>,
    grams: usize,
}

/// A word that another one may have been meant to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alike<'s> {
    pub(super) word: &'s str,
    /// 0–1; 1 where the two sound the same.
    pub(super) likeness: f64,
}

impl SimilarWords {
    /// Each word, folded, once.
    pub(super) fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut known = Self::default();
        let mut holding: Vec<(Gram, u32)> = Vec::new();
        for word in words {
            let letters = word.chars().count();
            let is_word = word.chars().all(char::is_alphabetic);
            if !is_word || !(LETTERS_MIN..=LETTERS_MAX).contains(&letters) {
                continue;
            }
            let sound = sound(word);
            let place = u32::try_from(known.words.len()).unwrap_or(u32::MAX);
            let grams = grams(&sound);
            holding.extend(grams.iter().map(|gram| (*gram, place)));
            known.words.push(Word {
                written: word.into(),
                sound: sound.into(),
                grams: grams.len(),
            });
        }
        holding.sort_unstable();
        for (at, (gram, _)) in holding.iter().enumerate() {
            if known.grams.last().is_none_or(|(last, _)| last != gram) {
                known.grams.push((*gram, at));
            }
        }
        known.places = holding.into_iter().map(|(_, place)| place).collect();
        // It stays as long as the program runs.
        known.places.shrink_to_fit();
        known.words.shrink_to_fit();
        known.grams.shrink_to_fit();
        known
    }

    /// The words that a trigram stands in.
    fn holding(&self, gram: Gram) -> &[u32] {
        let Ok(at) = self.grams.binary_search_by_key(&gram, |(known, _)| *known) else {
            return &[];
        };
        let start = |at| {
            let begins = self.grams.get(at);
            begins.map_or(self.places.len(), |(_, start)| *start)
        };
        self.places
            .get(start(at)..start(at + 1))
            .unwrap_or_default()
    }

    /// The words most like a folded one, the most alike first.
    pub(super) fn like(&self, word: &str) -> Vec<Alike<'_>> {
        let letters = word.chars().count();
        if !(LETTERS_MIN..=LETTERS_MAX).contains(&letters) || !word.chars().all(char::is_alphabetic)
        {
            return Vec::new();
        }
        let sound = sound(word);
        let own = grams(&sound);
        let mut shared: HashMap<u32, usize> = HashMap::new();
        for place in own.iter().flat_map(|gram| self.holding(*gram)) {
            *shared.entry(*place).or_default() += 1;
        }
        let mut alike: Vec<Alike<'_>> = shared
            .into_iter()
            .filter_map(|(place, shared)| {
                let known = self.words.get(place as usize)?;
                if dice(shared, own.len(), known.grams) < DICE_MIN {
                    return None;
                }
                let likeness = strsim::normalized_damerau_levenshtein(&sound, &known.sound);
                let same_first = sound.chars().next() == known.sound.chars().next();
                let least = if same_first {
                    LIKENESS_MIN
                } else {
                    LIKENESS_MIN_OTHER_FIRST
                };
                (likeness >= least).then_some(Alike {
                    word: &known.written,
                    likeness,
                })
            })
            .collect();
        alike.sort_by(|a, b| {
            b.likeness
                .total_cmp(&a.likeness)
                .then_with(|| a.word.cmp(b.word))
        });
        let best = alike.first().map_or(0.0, |best| best.likeness);
        alike.retain(|one| best - one.likeness < BEHIND_MAX);
        alike.truncate(ALIKE_MAX);
        alike
    }
}

#[expect(clippy::cast_precision_loss, reason = "words have few trigrams")]
fn dice(shared: usize, a: usize, b: usize) -> f64 {
    2.0 * shared as f64 / (a + b) as f64
}

/// The trigrams of a word, its edges marked, each once.
fn grams(word: &str) -> Vec<Gram> {
    let padded: Vec<char> = ['^'].into_iter().chain(word.chars()).chain(['$']).collect();
    let mut grams: Vec<Gram> = padded
        .windows(3)
        .filter_map(|three| <Gram>::try_from(three).ok())
        .collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// What a folded word sounds like, roughly: letters that Czech, Slovak and English write
/// for one sound of a shared word become one, doubled letters single, and the ending that
/// only shows the language (`-ie`, `-y`, `-a`, `-e`) is dropped.
fn sound(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut sound = String::with_capacity(word.len());
    for (place, letter) in letters.iter().enumerate() {
        let next = letters.get(place + 1);
        let sounds: &str = match letter {
            'c' if next.is_some_and(|next| matches!(next, 'e' | 'i' | 'y')) => "s",
            'c' | 'q' => "k",
            'h' if place > 0 && matches!(letters.get(place - 1), Some('p' | 't')) => "",
            'p' if next == Some(&'h') => "f",
            'x' => "ks",
            'y' => "i",
            'z' => "s",
            'w' => "v",
            other => {
                if !sound.ends_with(*other) {
                    sound.push(*other);
                }
                continue;
            }
        };
        if !sounds.is_empty() && !sound.ends_with(sounds) {
            sound.push_str(sounds);
        }
    }
    let kept = sound.trim_end_matches(['a', 'e', 'i']).len();
    if kept >= LETTERS_MIN {
        sound.truncate(kept);
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_or_borrowed_word_finds_the_one_it_means_and_others_find_none() {
        let known = SimilarWords::new([
            "supplier",
            "customer",
            "inventory",
            "allergy",
            "category",
            "telemetry",
            "order",
        ]);
        let like = |word: &str| -> Vec<&str> {
            known.like(word).into_iter().map(|one| one.word).collect()
        };
        for (typed, meant) in [
            ("suplier", "supplier"),
            ("custmoer", "customer"),
            ("inventroy", "inventory"),
            ("alergie", "allergy"),
            ("telemetrie", "telemetry"),
            ("kategorie", "category"),
        ] {
            assert_eq!(like(typed), [meant], "{typed}");
        }
        for stranger in ["weather", "border", "costume", "ord", "s1pplier"] {
            assert_eq!(like(stranger), [""; 0], "{stranger}");
        }
    }
}
