//! AWS regions and partitions.

use crate::model::spelling::nearest;
use crate::model::text::{checked_text, lower_alphanumeric, open_enum};

checked_text!(
    /// An AWS region such as `eu-west-1`. The shape is checked, not the
    /// existence: AWS adds regions.
    Region,
    "a region",
    "a name such as `eu-west-1`",
    has_region_shape
);

open_enum!(
    /// A group of regions with its own accounts and its own ARNs.
    Partition {
        /// The commercial regions.
        Aws = "aws",
        /// The regions in China.
        AwsCn = "aws-cn",
        /// The US government's regions.
        AwsUsGov = "aws-us-gov",
        /// The European Sovereign Cloud.
        AwsEusc = "aws-eusc",
        /// The isolated regions of the US intelligence community.
        AwsIso = "aws-iso",
        /// The second set of them.
        AwsIsoB = "aws-iso-b",
        /// The isolated regions in Europe.
        AwsIsoE = "aws-iso-e",
        /// The fourth set of isolated regions.
        AwsIsoF = "aws-iso-f",
    }
);

impl Region {
    /// The partition that the region's name says it belongs to.
    pub fn partition(&self) -> Partition {
        const PREFIXES: &[(&str, Partition)] = &[
            ("cn-", Partition::AwsCn),
            ("us-gov-", Partition::AwsUsGov),
            ("eusc-", Partition::AwsEusc),
            ("us-isob-", Partition::AwsIsoB),
            ("eu-isoe-", Partition::AwsIsoE),
            ("us-isof-", Partition::AwsIsoF),
            ("us-iso-", Partition::AwsIso),
        ];
        let named = PREFIXES.iter().find(|(prefix, _)| self.as_str().starts_with(prefix));
        named.map_or(Partition::Aws, |(_, partition)| partition.clone())
    }

    /// Whether the name tells a direction before its number, as those of all
    /// regions do (AWS general reference, "Service endpoints", read 2026-11). A
    /// region that AWS may still add can break with it.
    pub fn tells_direction(&self) -> bool {
        self.as_str().rsplit('-').nth(1).is_some_and(|part| DIRECTIONS.contains(&part))
    }

    /// The name that somebody meant who wrote this text; `None` if it resembles none.
    pub fn meant_by(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase().replace('_', "-");
        // Of an availability zone only the letter at the end is too much.
        let whole = lower.trim_end_matches(|last: char| last.is_ascii_alphabetic());
        let area = whole.trim_end_matches(|last: char| last.is_ascii_digit());
        let number = whole.strip_prefix(area)?;
        let mut parts: Vec<&str> = area.trim_end_matches('-').split('-').collect();
        let direction = parts.last_mut()?;
        *direction = nearest(direction, DIRECTIONS)?;
        format!("{}-{number}", parts.join("-")).parse().ok()
    }
}

const DIRECTIONS: [&str; 9] =
    ["central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest", "west"];

fn has_region_shape(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = parts.last().is_some_and(|part| part.chars().all(|character| character.is_ascii_digit()));
    let filled = parts.iter().all(|part| !part.is_empty() && part.chars().all(lower_alphanumeric));
    (3..=5).contains(&parts.len()) && number && filled && text.len() <= 32
}

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn the_partition_follows_from_the_name() {
        for (region, partition) in [
            ("eu-west-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-isob-east-1", "aws-iso-b"),
            ("us-iso-east-1", "aws-iso"),
        ] {
            assert_eq!(region.parse::<Region>().unwrap().partition().as_str(), partition);
        }
    }

    #[test]
    fn who_mistypes_a_region_means_one_with_a_direction() {
        for (written, meant) in [
            ("eu-cental-1", Some("eu-central-1")),
            ("eu-central1", Some("eu-central-1")),
            ("EU_West_1", Some("eu-west-1")),
            ("us-east-1a", Some("us-east-1")),
            ("us-gov-west1", Some("us-gov-west-1")),
            ("europe", None),
            ("", None),
            ("eu-1", None),
            ("42", None),
        ] {
            let found = Region::meant_by(written);
            assert_eq!(found.as_ref().map(Region::as_str), meant, "{written}");
            assert!(found.is_none_or(|region| region.tells_direction()));
        }
        assert!(!"eu-cental-1".parse::<Region>().unwrap().tells_direction());
        assert!("eusc-de-east-1".parse::<Region>().unwrap().tells_direction());
    }

    #[test]
    fn a_region_has_an_area_a_direction_and_a_number() {
        for wrong in ["", "eu", "eu-west", "eu-west-x", "EU-west-1", "eu--1", "http://eu-west-1"] {
            assert_eq!(
                wrong.parse::<Region>().unwrap_err().to_string(),
                format!("`{wrong}` is not a region; expected a name such as `eu-west-1`")
            );
        }
    }
}
