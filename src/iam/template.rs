//! Texts of a policy with wildcards and policy variables, and ARN patterns.
//!
//! `${key}` and `${key, 'fallback'}` stand for the value of a single-valued
//! condition key; `${*}`, `${?}` and `${$}` for the character itself. They
//! are read in policies of version 2012-10-17 alone (IAM user guide, "Policy
//! variables", read 2026-11). A substituted value is always literal.

use crate::iam::condition::{Fact, Key, Keys, Truth};
use crate::iam::pattern::{Pattern, Token, tokens};

/// How a text is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// `${…}` is expanded: the policy's version is 2012-10-17.
    pub(crate) variables: bool,
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// Letter case does not count.
    pub(crate) fold: bool,
}

/// A compiled text.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    fold: bool,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Fixed(Pattern),
    Variable(Box<[Part]>),
}

#[derive(Debug, Clone)]
enum Part {
    Token(Token),
    Variable { key: Key, default: Option<Box<str>> },
}

impl Template {
    pub(crate) fn new(text: &str, reading: Reading) -> Self {
        Self::of(parts(text, reading), reading.fold)
    }

    fn of(parts: Vec<Part>, fold: bool) -> Self {
        let fixed: Option<Vec<Token>> = parts
            .iter()
            .map(|part| match part {
                Part::Token(token) => Some(token.clone()),
                Part::Variable { .. } => None,
            })
            .collect();
        let body = match fixed {
            Some(tokens) => Body::Fixed(Pattern::new(&folded(tokens, fold))),
            None => Body::Variable(parts.into()),
        };
        Self { fold, body }
    }

    /// A variable that cannot be resolved matches nothing, so a negated
    /// comparison with it holds (recorded answer of AWS).
    pub(crate) fn matches(&self, text: &str, keys: &Keys) -> Truth {
        match &self.body {
            Body::Fixed(pattern) if self.fold => folded_match(pattern, text).into(),
            Body::Fixed(pattern) => pattern.matches(text).into(),
            Body::Variable(parts) => match resolve(parts, keys) {
                Ok(tokens) if self.fold => folded_match(&Pattern::new(&folded(tokens, true)), text).into(),
                Ok(tokens) => Pattern::new(&tokens).matches(text).into(),
                Err(truth) => truth,
            },
        }
    }

    /// Whether it matches every text, or none; unknown where it matches some.
    pub(crate) fn matches_any_text(&self, keys: &Keys) -> Truth {
        let some = |pattern: &Pattern| if pattern.is_any() { Truth::True } else { Truth::Unknown };
        match &self.body {
            Body::Fixed(pattern) => some(pattern),
            Body::Variable(parts) => {
                resolve(parts, keys).map_or_else(|truth| truth, |tokens| some(&Pattern::new(&tokens)))
            }
        }
    }

    /// The text that it matches and no other, if that hangs on nothing.
    fn exact(&self) -> Option<&str> {
        match &self.body {
            Body::Fixed(pattern) if !self.fold => pattern.exact(),
            Body::Fixed(_) | Body::Variable(_) => None,
        }
    }

    /// The condition keys its variables name.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let parts = match &self.body {
            Body::Fixed(_) => &[],
            Body::Variable(parts) => &**parts,
        };
        parts.iter().filter_map(|part| match part {
            Part::Token(_) => None,
            Part::Variable { key, default: _ } => Some(key.name()),
        })
    }
}

/// An ARN pattern: six fields, compared one by one.
#[derive(Debug, Clone)]
pub(crate) struct ArnTemplate {
    fields: [Template; 6],
    /// The only ARN it matches, if that hangs on nothing.
    exact: Option<Box<str>>,
}

impl ArnTemplate {
    /// `None` for a text with fewer than six fields.
    pub(crate) fn new(text: &str, variables: bool) -> Option<Self> {
        let mut whole = Vec::new();
        let mut field = Vec::new();
        for part in parts(text, Reading { variables, wildcards: true, fold: false }) {
            let Part::Token(Token::Text(text)) = &part else {
                field.push(part);
                continue;
            };
            let mut rest = text.as_str();
            while let Some((before, after)) = rest.split_once(':').filter(|_| whole.len() < 5) {
                field.extend(literal(before));
                whole.push(Template::of(std::mem::take(&mut field), false));
                rest = after;
            }
            field.extend(literal(rest));
        }
        whole.push(Template::of(field, false));
        let exact = whole.iter().map(Template::exact).collect::<Option<Vec<_>>>();
        let exact = exact.map(|fields| fields.join(":").into());
        Some(Self { fields: whole.try_into().ok()?, exact })
    }

    /// `None` when the text is no ARN.
    pub(crate) fn matches(&self, text: &str, keys: &Keys) -> Option<Truth> {
        Some(self.matches_fields(&fields(text)?, text, keys))
    }

    /// The same on an ARN that has been split.
    pub(crate) fn matches_fields(&self, found: &[&str; 6], text: &str, keys: &Keys) -> Truth {
        if let Some(exact) = &self.exact {
            return (**exact == *text).into();
        }
        // The last field tells ARNs apart more often than the first.
        let fields = self.fields.iter().zip(found).rev();
        Truth::all(fields.map(|(field, found)| field.matches(found, keys)))
    }

    /// Whether it matches every ARN, or none; unknown where it matches some.
    pub(crate) fn matches_any_arn(&self, keys: &Keys) -> Truth {
        let [arn, rest @ ..] = &self.fields;
        let rest = rest.iter().map(|field| field.matches_any_text(keys));
        Truth::all(rest.chain([arn.matches("arn", keys)]))
    }

    /// The condition keys its variables name.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().flat_map(Template::keys)
    }
}

/// The six fields of an ARN.
pub(crate) fn fields(text: &str) -> Option<[&str; 6]> {
    let mut fields = text.splitn(6, ':');
    let mut next = || fields.next();
    Some([next()?, next()?, next()?, next()?, next()?, next()?])
}

/// Whether a pattern in lower case matches without regard to case.
fn folded_match(pattern: &Pattern, text: &str) -> bool {
    match pattern.exact() {
        Some(exact) if text.is_ascii() => exact.eq_ignore_ascii_case(text),
        Some(_) | None => pattern.matches(&text.to_lowercase()),
    }
}

fn literal(text: &str) -> Option<Part> {
    (!text.is_empty()).then(|| Part::Token(Token::Text(text.to_owned())))
}

fn resolve(parts: &[Part], keys: &Keys) -> Result<Vec<Token>, Truth> {
    let resolved = |part: &Part| match part {
        Part::Token(token) => Ok(token.clone()),
        Part::Variable { key, default } => match (keys.get(key), default) {
            (Some(Fact::One(value)), _) => Ok(Token::Text(value.to_string())),
            (None, Some(default)) => Ok(Token::Text(default.to_string())),
            (Some(Fact::List(_) | Fact::Partly(_)), _) | (None, None) => Err(Truth::False),
            (Some(Fact::There), _) | (Some(Fact::Unknown), None) if key.is_list() => Err(Truth::False),
            (Some(Fact::There | Fact::Unknown), _) => Err(Truth::Unknown),
        },
    };
    let tokens: Result<_, Truth> = parts.iter().map(resolved).collect();
    // One that cannot be resolved decides, whatever the unknown ones hold.
    tokens.map_err(|truth| parts.iter().filter_map(|part| resolved(part).err()).fold(truth, Truth::min))
}

fn folded(tokens: Vec<Token>, fold: bool) -> Vec<Token> {
    if !fold {
        return tokens;
    }
    let lower = |token| match token {
        Token::Text(text) => Token::Text(text.to_lowercase()),
        Token::Many | Token::One => token,
    };
    tokens.into_iter().map(lower).collect()
}

fn parts(text: &str, reading: Reading) -> Vec<Part> {
    let plain = |text: &str| -> Vec<Part> {
        if text.is_empty() {
            Vec::new()
        } else if reading.wildcards {
            tokens(text).into_iter().map(Part::Token).collect()
        } else {
            vec![Part::Token(Token::Text(text.to_owned()))]
        }
    };
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("${").filter(|_| reading.variables) {
        let Some((variable, after)) = inside.split_once('}') else { break };
        parts.extend(plain(before));
        parts.push(match variable {
            "*" | "?" | "$" => Part::Token(Token::Text(variable.to_owned())),
            _ => variable_part(variable),
        });
        rest = after;
    }
    parts.extend(plain(rest));
    parts
}

/// A `${` in a text that stands for a condition key or was meant to; `inside` is
/// what follows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mention<'t> {
    Variable {
        inside: &'t str,
        key: &'t str,
        has_fallback: bool,
    },
    /// Never closed, so that it is plain text.
    Open {
        inside: &'t str,
    },
}

/// Each such place, where variables are read at all.
pub(crate) fn mentions(text: &str) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, inside)) = rest.split_once("${") {
        let Some((inside, after)) = inside.split_once('}') else {
            found.push(Mention::Open { inside });
            break;
        };
        let (key, fallback) = inside.split_once(',').map_or((inside, None), |(key, rest)| (key, Some(rest)));
        if !["*", "?", "$"].contains(&inside) {
            found.push(Mention::Variable { inside, key: key.trim(), has_fallback: fallback.is_some() });
        }
        rest = after;
    }
    found
}

/// `key` or `key, 'fallback'`.
fn variable_part(text: &str) -> Part {
    let (key, default) = match text.split_once(',') {
        None => (text, None),
        Some((key, default)) => {
            let quoted = default.trim().strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            (key, quoted.map(Into::into))
        }
    };
    Part::Variable { key: Key::new(key.trim()), default }
}

#[cfg(test)]
mod tests {
    use super::{Mention, mentions};

    #[test]
    fn a_text_mentions_keys_and_says_which_mention_is_never_closed() {
        let variable = |inside, key, has_fallback| Mention::Variable { inside, key, has_fallback };
        assert_eq!(
            mentions("a${aws:username}/${*}${aws:PrincipalTag/team, 'none'}${aws:userid"),
            [
                variable("aws:username", "aws:username", false),
                variable("aws:PrincipalTag/team, 'none'", "aws:PrincipalTag/team", true),
                Mention::Open { inside: "aws:userid" },
            ]
        );
        assert_eq!(mentions("plain $ {text}"), []);
        assert_eq!(mentions("${}"), [variable("", "", false)]);
    }
}
