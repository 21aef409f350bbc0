//! A judged case told to a person.

use anstyle::{AnsiColor, Style};

use crate::cli::render::plain;
use crate::cli::simulate::case::Judged;
use crate::iam::evaluate::{
    Decision, Explanation, GrantExplanation, Layer, Matching, Outcome, StatementExplanation, StatementRef,
};

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
    text.push_str(&decided(outcome));
    for perhaps in &outcome.perhaps {
        let keys: Vec<&str> = perhaps.unknown.iter().map(String::as_str).collect();
        let statement = words(&perhaps.statement);
        text.push_str(&format!(
            "  perhaps denied by {statement}, by the unknown {}\n",
            plain(&keys.join(", "))
        ));
    }
    text.extend(outcome.not_modelled.iter().map(|note| format!("  not modelled: {}\n", plain(note))));
    text.extend(judged.explained.iter().map(explained));
    text
}

fn decided(outcome: &Outcome) -> String {
    if !outcome.statements.is_empty() || outcome.decision != Decision::ImplicitlyDenied {
        let statements: Vec<String> = outcome.statements.iter().map(words).collect();
        return statements.iter().flat_map(|words| ["  decided by ", words, "\n"]).collect();
    }
    let at: Vec<&str> = outcome.at.iter().map(|level| &**level).collect();
    let layers = outcome.decided_by.iter().map(|layer| match layer {
        Layer::ServiceControl if !at.is_empty() => {
            format!("{} at {}", layer.as_str(), plain(&at.join(", at ")))
        }
        Layer::Identity
        | Layer::Resource
        | Layer::ServiceControl
        | Layer::ResourceControl
        | Layer::PermissionBoundary
        | Layer::Session
        | Layer::Endpoint
        | Layer::Grant => layer.as_str().to_owned(),
    });
    format!("  no Allow that counts in: {}\n", layers.collect::<Vec<_>>().join(", "))
}

fn explained(explanation: &Explanation) -> String {
    let mut lines = vec![plain(&explanation.asked)];
    lines.extend(explanation.notes.iter().map(|note| format!("  {}", plain(note))));
    let mut others = 0_usize;
    let mut layer = None;
    for one in &explanation.statements {
        let entered = layer.replace(one.statement.layer) != Some(one.statement.layer);
        lines.extend(not_asked(explanation, one.statement.layer).filter(|_| entered));
        let asked = !explanation.aside.contains_key(&one.statement.layer);
        match statement(one, asked) {
            Some(line) => lines.push(line),
            None => others = others.saturating_add(1),
        }
    }
    if !explanation.grants.is_empty() {
        lines.extend(not_asked(explanation, Layer::Grant));
    }
    lines.extend(
        explanation.grants.iter().map(|one| grant(one, !explanation.aside.contains_key(&Layer::Grant))),
    );
    match others {
        0 => {}
        1 => lines.push("  1 statement does not name the action".to_owned()),
        others => lines.push(format!("  {others} statements do not name the action")),
    }
    lines.iter().flat_map(|line| ["  ", line, "\n"]).collect()
}

fn not_asked(explanation: &Explanation, layer: Layer) -> impl Iterator<Item = String> {
    let why = explanation.aside.get(&layer);
    why.map(|why| format!("  {} is not asked: {}", layer.as_str(), plain(why))).into_iter()
}

/// `None` for a statement that does not name the action.
fn statement(one: &StatementExplanation, asked: bool) -> Option<String> {
    if matches!(one.matching, Matching::OtherAction(_)) {
        return None;
    }
    let mut verdict = verdict(&one.matching, ["matches", "would match"], asked);
    if !one.evidence.is_empty() {
        verdict.push_str(&format!(": {}", plain(&one.evidence.join(", "))));
    }
    verdict.extend(one.bearing.iter().filter(|_| asked).map(|bearing| format!(", {bearing}")));
    let place = format!("policy {}, statement {}", one.policy, one.number);
    Some(format!("  {} ({place}) {verdict}", words(&one.statement)))
}

fn grant(one: &GrantExplanation, asked: bool) -> String {
    let mut verdict = verdict(&one.matching, ["admits the caller", "would admit the caller"], asked);
    verdict.extend(one.bearing.iter().filter(|_| asked).map(|bearing| format!(", {bearing}")));
    format!("  {} `{}` {verdict}", Layer::Grant.as_str(), plain(&one.id))
}

/// Whether it matches, in colour, and what keeps it from that; `yes` is what
/// it does when its layer is asked, and what it would do.
fn verdict(matching: &Matching, yes: [&str; 2], asked: bool) -> String {
    let [does, would] = yes;
    let (style, mark, why) = match matching {
        Matching::Yes if asked => (colour(AnsiColor::Green), does.to_owned(), String::new()),
        Matching::Yes => (Style::new().dimmed(), would.to_owned(), String::new()),
        Matching::Perhaps(keys) => {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let mark = format!("perhaps {does}");
            (colour(AnsiColor::Yellow), mark, format!(", by the unknown {}", keys.join(", ")))
        }
        Matching::No(why) | Matching::OtherAction(why) => {
            let mark = does.replacen("matches", "does not match", 1).replacen("admits", "does not admit", 1);
            (Style::new().dimmed(), mark, format!(": {why}"))
        }
    };
    format!("{style}{mark}{style:#}{}", plain(&why))
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
