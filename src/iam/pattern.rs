//! `*` and `?` matching.
//!
//! A pattern is cut at its stars once; each piece is then searched from where
//! the one before ended, which never backtracks. A piece without `?` is found
//! in linear time by the standard library; one with `?` is compared in UTF-16
//! units, since AWS's `?` stands for one unit and not for one character.

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Text(String),
    /// `*`
    Many,
    /// `?`
    One,
}

/// A compiled pattern. It matches whole texts.
#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    /// Matches everything.
    Any,
    /// No wildcard.
    Exact(Box<str>),
    /// A text and one star, as most patterns are.
    Prefix(Box<str>),
    /// Pieces without `?` between stars: the first and last are anchored.
    Pieces(Box<[Box<str>]>),
    /// The same in UTF-16, `None` being `?`.
    Units(Box<[Box<[Option<u16>]>]>),
}

impl Pattern {
    /// Compiles a text in which `*` and `?` are wildcards.
    pub(crate) fn wild(text: &str) -> Self {
        Self::new(&tokens(text))
    }

    pub(crate) fn new(tokens: &[Token]) -> Self {
        if !tokens.is_empty() && tokens.iter().all(|token| *token == Token::Many) {
            return Self::Any;
        }
        if tokens.contains(&Token::One) {
            return Self::Units(units(tokens));
        }
        let mut pieces = vec![String::new()];
        for token in tokens {
            match token {
                Token::Many => pieces.push(String::new()),
                Token::Text(text) => pieces.iter_mut().rev().take(1).for_each(|piece| piece.push_str(text)),
                Token::One => {}
            }
        }
        match pieces.as_slice() {
            [only] => Self::Exact(only.as_str().into()),
            [start, end] if end.is_empty() => Self::Prefix(start.as_str().into()),
            _ => Self::Pieces(pieces.into_iter().map(Into::into).collect()),
        }
    }

    /// The text that it matches and no other, if there is one.
    pub(crate) fn exact(&self) -> Option<&str> {
        match self {
            Self::Exact(exact) => Some(exact),
            Self::Any | Self::Prefix(_) | Self::Pieces(_) | Self::Units(_) => None,
        }
    }

    pub(crate) fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => **exact == *text,
            Self::Prefix(start) => text.starts_with(&**start),
            Self::Pieces(pieces) => pieces_match(pieces, text),
            // In ASCII a byte is a unit.
            Self::Units(pieces) if text.is_ascii() => units_match(pieces, text.as_bytes()),
            Self::Units(pieces) => units_match(pieces, &text.encode_utf16().collect::<Vec<_>>()),
        }
    }
}

/// Cuts a text at its wildcards.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for c in text.chars() {
        match c {
            '*' => tokens.push(Token::Many),
            '?' => tokens.push(Token::One),
            _ => match tokens.last_mut() {
                Some(Token::Text(text)) => text.push(c),
                Some(Token::Many | Token::One) | None => tokens.push(Token::Text(c.to_string())),
            },
        }
    }
    tokens
}

fn units(tokens: &[Token]) -> Box<[Box<[Option<u16>]>]> {
    let pieces = tokens.split(|token| *token == Token::Many).map(|piece| {
        let units = piece.iter().flat_map(|token| match token {
            Token::Text(text) => text.encode_utf16().map(Some).collect(),
            Token::One | Token::Many => vec![None],
        });
        units.collect()
    });
    pieces.collect()
}

fn pieces_match(pieces: &[Box<str>], text: &str) -> bool {
    let [first, middle @ .., last] = pieces else { return false };
    let Some(mut rest) = text.strip_prefix(&**first).and_then(|rest| rest.strip_suffix(&**last)) else {
        return false;
    };
    for piece in middle {
        let Some((_, after)) = rest.split_once(&**piece) else { return false };
        rest = after;
    }
    true
}

fn units_match<T: Copy + Into<u16>>(pieces: &[Box<[Option<u16>]>], text: &[T]) -> bool {
    let [first, others @ ..] = pieces else { return false };
    let Some((head, rest)) = text.split_at_checked(first.len()) else { return false };
    let [middle @ .., last] = others else { return rest.is_empty() && same(first, head) };
    let Some(end) = rest.len().checked_sub(last.len()) else { return false };
    let Some((mut rest, tail)) = rest.split_at_checked(end) else { return false };
    if !same(first, head) || !same(last, tail) {
        return false;
    }
    for piece in middle.iter().filter(|piece| !piece.is_empty()) {
        let found = rest.windows(piece.len()).position(|window| same(piece, window));
        let Some(after) = found.and_then(|at| rest.get(at.saturating_add(piece.len())..)) else {
            return false;
        };
        rest = after;
    }
    true
}

fn same<T: Copy + Into<u16>>(piece: &[Option<u16>], text: &[T]) -> bool {
    piece.len() == text.len()
        && piece.iter().zip(text).all(|(unit, found)| unit.is_none_or(|unit| unit == (*found).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_whole_texts() {
        let cases = [
            ("*", "", true),
            ("**", "a", true),
            ("", "", true),
            ("", "a", false),
            ("a*", "a", true),
            ("a*", "ba", false),
            ("*a", "ba", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("?", "", false),
            ("?", "a", true),
            ("a?c*", "abcd", true),
            ("*?c", "abc", true),
            ("*?c", "c", false),
            ("?*?", "a", false),
            ("?*?", "ab", true),
            ("*a?*c", "xaybc", true),
            (" kms:*", "kms:Decrypt", false),
            ("*b", "b\nb", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::wild(pattern).matches(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_question_mark_is_one_utf16_unit() {
        assert!(Pattern::wild("é?").matches("éü"));
        assert!(!Pattern::wild("?").matches("😀"));
        assert!(Pattern::wild("??").matches("😀"));
        assert!(Pattern::wild("?*").matches("😀"));
    }

    #[test]
    fn adversarial_patterns_stay_fast() {
        let text = "a".repeat(20_000);
        let stars = "*a".repeat(2_000) + "*b";
        assert!(!Pattern::wild(&stars).matches(&text));
        let holes = "*a?".repeat(200) + "*b";
        assert!(!Pattern::wild(&holes).matches(&text));
    }
}
