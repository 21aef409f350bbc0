//! What somebody meant who wrote a name that does not exist.
//!
//! Only a suggestion in a message: nothing is ever taken for what it resembles.

/// The name that `found` most resembles, letter by letter or because one is a
/// part of the other; nothing where it resembles none.
pub fn nearest<'a>(found: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let found = bare(found);
    let candidates = names.into_iter().filter_map(|name| {
        let bare = bare(name);
        let steps = steps(&found, &bare)?;
        let is_part = found.len() >= PART && (bare.contains(&found) || found.contains(&bare));
        let few = steps <= found.len().max(bare.len()).div_ceil(3).min(MOST_STEPS);
        (few || is_part).then_some((!few, steps, name))
    });
    candidates.min().map(|(_, _, name)| name)
}

/// Case and the kind of dash are not what tells names apart.
fn bare(name: &str) -> String {
    name.to_lowercase().replace(['-', '_', ' '], "")
}

/// How many letters must be put in, left out or changed to get from one to the
/// other (Levenshtein); nothing for texts that are too long to be names.
pub(crate) fn steps(from: &str, to: &str) -> Option<usize> {
    if from.len().max(to.len()) > LONGEST {
        return None;
    }
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (done, letter) in from.chars().enumerate() {
        let mut diagonal = done;
        let mut left = done.saturating_add(1);
        let mut next = vec![left];
        for (above, other) in row.iter().skip(1).zip(to.chars()) {
            let changed = diagonal.saturating_add(usize::from(letter != other));
            left = changed.min(above.saturating_add(1)).min(left.saturating_add(1));
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied()
}

/// Fewer letters are a part of too much.
const PART: usize = 4;

/// More differences make another name.
const MOST_STEPS: usize = 4;

/// No name is longer; the work grows with the square of it.
const LONGEST: usize = 100;

#[cfg(test)]
mod tests {
    use super::{nearest, steps};

    const NAMES: [&str; 4] = ["deletion_window", "key_rotation", "mfa", "required_tags"];

    #[test]
    fn slips_of_the_pen_are_recognised() {
        assert_eq!(nearest("key_rotatoin", NAMES), Some("key_rotation"));
        assert_eq!(nearest("key-rotation", NAMES), Some("key_rotation"));
        assert_eq!(nearest("MFA", NAMES), Some("mfa"));
        assert_eq!(nearest("mfas", NAMES), Some("mfa"));
        assert_eq!(nearest("requiredtag", NAMES), Some("required_tags"));
    }

    #[test]
    fn a_part_of_a_name_stands_for_it_and_a_close_name_before_it() {
        assert_eq!(nearest("rotation", NAMES), Some("key_rotation"));
        assert_eq!(
            nearest("max_period", ["min_period_in_days", "max_period_in_days"]),
            Some("max_period_in_days")
        );
        assert_eq!(nearest("CreateKey", ["CreateKeyAlias", "CreateKeys"]), Some("CreateKeys"));
    }

    #[test]
    fn steps_are_letters_put_in_left_out_or_changed() {
        assert_eq!(steps("kitten", "sitting"), Some(3));
        assert_eq!(steps("", "mfa"), Some(3));
    }

    #[test]
    fn what_resembles_nothing_suggests_nothing() {
        assert_eq!(nearest("encryption", NAMES), None);
        assert_eq!(nearest("", NAMES), None);
        assert_eq!(nearest(&"key_rotation".repeat(50), NAMES), None);
    }
}
