//! A judged case told to a person.

use anstyle::{AnsiColor, Style};

use crate::cli::render::plain;
use crate::cli::simulate::case::Judged;
use crate::iam::evaluate::{Decision, Explanation, Matching, StatementRef};

/// One case: the decision, what decided, and every statement near it.
pub(super) fn case(name: &str, judged: &Judged) -> String {
    let outcome = &judged.outcome;
    let mut text = format!("{}: {}\n", plain(name), decision(outcome.decision));
    for part in &judged.parts {
        text.push_str(&format!(
            "  kms:{} on {}: {}\n",
            part.action,
            part.on.as_str(),
            decision(part.decision)
        ));
    }
    if outcome.statements.is_empty() {
        let layers: Vec<&str> = outcome.decided_by.iter().map(|layer| layer.as_str()).collect();
        if outcome.decision == Decision::ImplicitlyDenied {
            text.push_str(&format!("  no Allow that matches in: {}\n", layers.join(", ")));
        }
    } else {
        let decided =
            outcome.statements.iter().map(|statement| format!("  decided by {}\n", words(statement)));
        text.extend(decided);
    }
    for perhaps in &outcome.perhaps {
        let keys: Vec<&str> = perhaps.unknown.iter().map(String::as_str).collect();
        let statement = words(&perhaps.statement);
        text.push_str(&format!(
            "  perhaps denied by {statement}, by the unknown {}\n",
            plain(&keys.join(", "))
        ));
    }
    text.extend(outcome.not_modelled.iter().map(|note| format!("  not modelled: {}\n", plain(note))));
    for (action, statements) in &judged.explained {
        text.push_str(&explained(action, statements));
    }
    text
}

fn explained(action: &str, statements: &[Explanation]) -> String {
    let mut text = format!("  statements that name {action}\n");
    let mut others = 0_usize;
    for statement in statements {
        let (style, mark, why) = match &statement.matching {
            Matching::Yes => (colour(AnsiColor::Green), "matches", String::new()),
            Matching::Perhaps(keys) => {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                (
                    colour(AnsiColor::Yellow),
                    "may match",
                    format!(", by the unknown {}", plain(&keys.join(", "))),
                )
            }
            Matching::No(why) => (Style::new().dimmed(), "does not match", format!(": {}", plain(why))),
            Matching::OtherAction(_) => {
                others = others.saturating_add(1);
                continue;
            }
        };
        let place = format!("policy {}, statement {}", statement.policy, statement.number);
        let statement = words(&statement.statement);
        text.push_str(&format!("    {statement} ({place}) {style}{mark}{style:#}{why}\n"));
    }
    match others {
        0 => {}
        1 => text.push_str("  1 statement does not name it\n"),
        others => text.push_str(&format!("  {others} statements do not name it\n")),
    }
    text
}

fn decision(decision: Decision) -> String {
    let style = match decision {
        Decision::Allowed => colour(AnsiColor::Green),
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => colour(AnsiColor::Red),
        Decision::Undecided => colour(AnsiColor::Yellow),
    };
    format!("{style}{}{style:#}", decision.as_str().replace('_', " "))
}

fn words(statement: &StatementRef) -> String {
    let target = statement.target.as_ref().map(|target| format!(" {target}")).unwrap_or_default();
    let sid = statement.sid.as_ref().map_or_else(|| "without Sid".to_owned(), |sid| format!("`{sid}`"));
    plain(&format!("{}{target} {} {sid}", statement.layer.as_str(), statement.effect.as_str()))
}

fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(colour.into()))
}
