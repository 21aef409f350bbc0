//! Pauses between two attempts.

use std::time::Duration;

/// Between half of `pause` and all of it, so that several provider processes do
/// not come back at the same moment.
pub(super) fn jittered(pause: Duration) -> Duration {
    let chance = getrandom::u32().unwrap_or(u32::MAX);
    let half = pause.mul_f64(0.5);
    half.saturating_add(half.mul_f64(f64::from(chance) / f64::from(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::jittered;

    #[test]
    fn a_jittered_pause_is_between_half_and_whole() {
        for _ in 0..100 {
            let pause = jittered(Duration::from_secs(2));
            assert!((1.0..=2.0).contains(&pause.as_secs_f64()), "{pause:?}");
        }
    }
}
