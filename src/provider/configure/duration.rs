//! Durations as Terraform users write them for hashicorp/aws: `1h30m`, `900s`.

use std::time::Duration;

/// The duration, if the text is whole numbers each followed by `h`, `m` or `s`.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let (number, unit) = rest.split_at_checked(digits)?;
        let seconds = match unit.chars().next()? {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(seconds)?)?;
        rest = unit.get(1..)?;
    }
    (!text.is_empty()).then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::parse;

    #[test]
    fn hours_minutes_and_seconds_add_up() {
        assert_eq!(parse("1h30m"), Some(Duration::from_mins(90)));
        assert_eq!(parse("900s"), Some(Duration::from_mins(15)));
    }

    #[test]
    fn anything_else_is_no_duration() {
        for wrong in ["", "15", "m", "1.5h", "1d", "-1h", "99999999999999999999h", "h1"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
