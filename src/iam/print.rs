//! The policy tree as JSON, minified or indented.
//!
//! Printing and parsing again gives the same tree. Output is ASCII: AWS counts
//! characters, an old notice says bytes, and in ASCII the two are equal.

use crate::iam::policy::{
    Actions, Condition, Document, Effect, Operator, PrincipalSet, Principals, Resources, Statement, Text,
};

/// No whitespace at all.
pub(crate) fn minified(document: &Document) -> String {
    let mut printer = Printer { out: String::new(), indent: None };
    printer.document(document);
    printer.out
}

/// Two spaces per level and a final line feed.
pub(crate) fn pretty(document: &Document) -> String {
    let mut printer = Printer { out: String::new(), indent: Some(0) };
    printer.document(document);
    printer.out.push('\n');
    printer.out
}

struct Printer {
    out: String,
    /// The current level, when indenting.
    indent: Option<usize>,
}

impl Printer {
    fn document(&mut self, document: &Document) {
        let Document { version, id, statements } = document;
        self.open('{');
        let mut first = true;
        if let Some(version) = version {
            self.name("Version", &mut first);
            self.string(version.as_str());
        }
        if let Some(id) = id {
            self.name("Id", &mut first);
            self.string(id.as_str());
        }
        self.name("Statement", &mut first);
        self.list(statements, Self::statement);
        self.close('}');
    }

    fn statement(&mut self, statement: &Statement) {
        let Statement { sid, effect, principals, actions, resources, conditions, at: _ } = statement;
        self.open('{');
        let mut first = true;
        if let Some(sid) = sid {
            self.name("Sid", &mut first);
            self.string(sid.as_str());
        }
        self.name("Effect", &mut first);
        self.string(Effect::as_str(*effect));
        match principals {
            None => {}
            Some(Principals::Only(set)) => self.principals("Principal", set, &mut first),
            Some(Principals::AllBut(set)) => self.principals("NotPrincipal", set, &mut first),
        }
        match actions {
            None => {}
            Some(Actions::Only(texts)) => self.texts_of("Action", texts, &mut first),
            Some(Actions::AllBut(texts)) => self.texts_of("NotAction", texts, &mut first),
        }
        match resources {
            None => {}
            Some(Resources::Only(texts)) => self.texts_of("Resource", texts, &mut first),
            Some(Resources::AllBut(texts)) => self.texts_of("NotResource", texts, &mut first),
        }
        if !conditions.is_empty() {
            self.name("Condition", &mut first);
            self.conditions(conditions);
        }
        self.close('}');
    }

    fn principals(&mut self, name: &str, set: &PrincipalSet, first: &mut bool) {
        self.name(name, first);
        match set {
            PrincipalSet::Everyone => self.string("*"),
            PrincipalSet::Listed { aws, service, federated, canonical_user } => {
                self.open('{');
                let mut first = true;
                let kinds = [
                    ("AWS", aws),
                    ("Service", service),
                    ("Federated", federated),
                    ("CanonicalUser", canonical_user),
                ];
                for (kind, names) in kinds.into_iter().filter(|(_, names)| !names.is_empty()) {
                    self.texts_of(kind, names, &mut first);
                }
                self.close('}');
            }
        }
    }

    fn conditions(&mut self, conditions: &[Condition]) {
        self.open('{');
        let mut first = true;
        let mut done: Vec<Operator> = Vec::new();
        for Condition { operator, key: _, values: _ } in conditions {
            if done.contains(operator) {
                continue;
            }
            done.push(*operator);
            self.name(&operator.to_string(), &mut first);
            self.open('{');
            let mut first = true;
            for condition in conditions.iter().filter(|condition| condition.operator == *operator) {
                self.texts_of(condition.key.as_str(), &condition.values, &mut first);
            }
            self.close('}');
        }
        self.close('}');
    }

    fn texts_of(&mut self, name: &str, texts: &[Text], first: &mut bool) {
        self.name(name, first);
        match texts {
            [one] => self.string(one.as_str()),
            many => self.list(many, |printer, text| printer.string(text.as_str())),
        }
    }

    fn list<T>(&mut self, items: &[T], print: impl Fn(&mut Self, &T)) {
        if items.is_empty() {
            self.out.push_str("[]");
            return;
        }
        self.open('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.line();
            print(self, item);
        }
        self.close(']');
    }

    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.indent = self.indent.map(|level| level.saturating_add(1));
    }

    fn close(&mut self, bracket: char) {
        self.indent = self.indent.map(|level| level.saturating_sub(1));
        self.line();
        self.out.push(bracket);
    }

    fn line(&mut self) {
        if let Some(level) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", level));
        }
    }

    fn name(&mut self, name: &str, first: &mut bool) {
        if !std::mem::take(first) {
            self.out.push(',');
        }
        self.line();
        self.string(name);
        self.out.push_str(if self.indent.is_some() { ": " } else { ":" });
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        text.chars().for_each(|c| self.character(c));
        self.out.push('"');
    }

    fn character(&mut self, c: char) {
        match c {
            '"' => self.out.push_str("\\\""),
            '\\' => self.out.push_str("\\\\"),
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            ' '..='~' => self.out.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| self.unit(*unit)),
        }
    }

    fn unit(&mut self, unit: u16) {
        self.out.push_str("\\u");
        let digits = [12, 8, 4, 0].map(|shift| char::from_digit(u32::from((unit >> shift) & 0xf), 16));
        self.out.extend(digits.into_iter().flatten());
    }
}
