//! The one name that a misspelt name means.

use crate::text;

/// Names shorter than this are too like each other to be taken for misspelt ones.
pub(super) const TYPO_LETTERS_MIN: usize = 5;

/// What belongs to the one name that is nearly `wanted`: a letter or two are wrong, and
/// no other name is as near.
pub(super) fn nearest<'a, T: Copy>(
    wanted: &str,
    names: impl Iterator<Item = (&'a str, T)>,
) -> Option<T> {
    let letters = wanted.chars().count();
    if !(TYPO_LETTERS_MIN..=NEAR_MAX).contains(&letters) {
        return None;
    }
    let allowed = if letters < 9 { 1 } else { 2 };
    let mut best: Option<(usize, String, T)> = None;
    let mut rivals = false;
    for (name, value) in names {
        if name.len().abs_diff(wanted.len()) > allowed * 2 {
            continue;
        }
        // Comparing letter by letter all names of a large catalog would take seconds.
        if name.is_ascii() && letters_apart(wanted, name) > allowed * 2 {
            continue;
        }
        let name = text::fold(name);
        let distance = strsim::osa_distance(&name, wanted);
        if distance > allowed {
            continue;
        }
        match &best {
            Some((least, _, _)) if distance > *least => {}
            Some((least, known, _)) if distance == *least => rivals |= *known != name,
            _ => {
                best = Some((distance, name, value));
                rivals = false;
            }
        }
    }
    best.filter(|_| !rivals).map(|(_, _, value)| value)
}

/// How many letters one of the two has and the other has not, wherever they stand: a
/// wrong letter makes two, a missing one makes one.
pub(super) fn letters_apart(wanted: &str, name: &str) -> usize {
    let mut counts = [0_i16; 256];
    for byte in wanted.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    for byte in name.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte.to_ascii_lowercase())) {
            *count -= 1;
        }
    }
    counts
        .iter()
        .map(|count| usize::from(count.unsigned_abs()))
        .sum()
}

/// Longer names are not compared letter by letter.
const NEAR_MAX: usize = 128;
