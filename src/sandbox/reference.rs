//! What the reference page says of the sandbox: the faults, and the operations
//! that they can hit.

use crate::sandbox::faults;

/// The faults of a script: name, an example of the number that goes with it, and what happens.
pub const FAULTS: &[(&str, Option<u32>, &str)] = &[
    ("throttle", None, "Refused as too many calls; not carried out."),
    ("internal_error", None, "The service failed with HTTP 500; not carried out."),
    ("timeout", None, "Not carried out, and never answered."),
    ("held_response", None, "Carried out, and never answered."),
    ("reset", None, "The connection is closed before the call is carried out."),
    ("lost_response", None, "Carried out, and the connection is closed without an answer."),
    ("access_denied", None, "Refused as not authorised; not carried out."),
    ("concurrent_modification", None, "Refused because another change is in flight; not carried out."),
    (
        "malformed_policy",
        None,
        "Refused because a principal of the policy is not yet visible; not carried out.",
    ),
    (
        "not_found_reads",
        Some(2),
        "Carried out; the next so many calls on what it made answer that it does not exist.",
    ),
    (
        "stale_reads",
        Some(2),
        "Carried out; the next so many reads of what it wrote show what was there before.",
    ),
    ("slow", Some(500), "Carried out, and answered after so many milliseconds."),
];

/// The operations of each service.
pub fn operations() -> [(&'static str, Vec<&'static str>); 3] {
    faults::served()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::FAULTS;
    use crate::model::quoted;
    use crate::sandbox::faults::read;

    #[test]
    fn the_faults_that_are_told_are_those_that_are_played() {
        let refused = read(br#"[{"operation": "*", "fault": "none"}]"#).unwrap_err().to_string();
        for (name, number, _) in FAULTS {
            let fault = number.map_or_else(|| json!(name), |number| json!({*name: number}));
            let script = json!([{"operation": "*", "fault": fault}]).to_string();
            assert!(read(script.as_bytes()).is_ok(), "{name}");
        }
        let told = quoted(FAULTS.iter().map(|(name, _, _)| name));
        assert!(refused.contains(&format!("allowed are {told}")), "{refused}");
    }
}
