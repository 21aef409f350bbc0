//! Chance that can be repeated: a small generator of numbers (`SplitMix64`).
//!
//! INVARIANT: what is drawn depends on the seed and on what was drawn before.

/// A row of throws that starts at a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the limit, which is at least 1.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or_default()
    }

    /// Yes, in so many of a hundred throws.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        self.pick_value(choices)
    }

    pub(crate) fn pick_value<T: Clone>(&mut self, choices: &[T]) -> T {
        let count = u64::try_from(choices.len()).unwrap();
        choices[usize::try_from(self.below(count)).unwrap()].clone()
    }

    /// One of the choices, each as often as its weight says.
    pub(crate) fn weighted<T: Copy>(&mut self, choices: &[(u64, T)]) -> T {
        let mut roll = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            match roll.checked_sub(*weight) {
                Some(rest) => roll = rest,
                None => return *choice,
            }
        }
        choices[0].1
    }

    /// The text, in so many of a hundred throws with its letters' case turned.
    pub(crate) fn recase(&mut self, text: &str, percent: u64) -> String {
        if !self.chance(percent) {
            return text.to_owned();
        }
        if self.chance(50) { text.to_uppercase() } else { text.to_lowercase() }
    }
}
