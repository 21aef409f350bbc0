//! A list whose first items need no allocation.

/// Items in the order they were pushed; the first `N` are held in place.
#[derive(Debug, Clone)]
pub(super) struct List<T, const N: usize> {
    first: [Option<T>; N],
    length: usize,
    rest: Vec<T>,
}

impl<T: Copy, const N: usize> List<T, N> {
    pub(super) fn new() -> Self {
        Self { first: [None; N], length: 0, rest: Vec::new() }
    }

    pub(super) fn push(&mut self, item: T) {
        match self.first.get_mut(self.length) {
            Some(slot) => *slot = Some(item),
            None => self.rest.push(item),
        }
        self.length = self.length.saturating_add(1);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().take(self.length).flatten().chain(&self.rest)
    }
}

impl<T: Copy, const N: usize> FromIterator<T> for List<T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::new();
        items.into_iter().for_each(|item| list.push(item));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::List;

    #[test]
    fn items_keep_their_order_beyond_those_in_place() {
        for count in 0..6_u8 {
            let list: List<u8, 3> = (0..count).collect();
            assert_eq!(list.iter().copied().collect::<Vec<_>>(), (0..count).collect::<Vec<_>>());
        }
    }
}
