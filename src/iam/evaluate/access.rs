//! The ways by which a request may be allowed: a door, and what must hold
//! beside it.

use crate::iam::condition::Truth;
use crate::iam::evaluate::list::List;
use crate::iam::evaluate::principal::Naming;
use crate::iam::evaluate::{Grant, Layer};

/// The ways by which a request may be allowed.
#[derive(Debug)]
pub(super) struct Access<'p> {
    pub(super) paths: List<Path<'p>, 4>,
    /// The layers to blame when every door is closed.
    pub(super) closed: List<Layer, 4>,
}

/// One way: the door, and what must hold beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'p> {
    pub(super) door: Door<'p>,
    pub(super) sides: Sides,
    /// The grant that stands for the caller's own permission.
    pub(super) beside: Option<&'p Grant>,
}

/// What lets the caller in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Door<'p> {
    /// The resource's policy, naming the caller this closely.
    Resource(Naming, Truth),
    /// The resource's policy, naming the caller in any way.
    AnyResource(Truth),
    Grant(&'p Grant, Truth),
    /// The caller's own policies.
    Layer(Layer, Truth),
}

/// A part of a way that hangs on unknown keys.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'p> {
    /// The resource's policy, as far as it names the caller so closely, or in
    /// any way.
    Resource(Option<Naming>),
    Grant(&'p Grant),
    Layer(Layer),
}

/// What must hold beside a door: identity policies, boundary, session policy
/// and at most one grant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides([Option<(Layer, Truth)>; 4]);

impl Sides {
    pub(super) const NONE: Self = Self([None; 4]);

    /// With one more.
    pub(super) fn and(mut self, layer: Layer, truth: Truth) -> Self {
        if let Some(free) = self.0.iter_mut().find(|side| side.is_none()) {
            *free = Some((layer, truth));
        }
        self
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Layer, Truth)> {
        self.0.iter().flatten().copied()
    }

    /// The layers whose Allow is missing.
    pub(super) fn missing(&self) -> impl Iterator<Item = Layer> {
        self.iter().filter(|(_, truth)| *truth == Truth::False).map(|(layer, _)| layer)
    }
}

impl<'p> Access<'p> {
    pub(super) fn closed(closed: Layer) -> Self {
        Self { paths: List::new(), closed: std::iter::once(closed).collect() }
    }

    pub(super) fn by(path: Path<'p>, closed: Layer) -> Self {
        Self { paths: std::iter::once(path).collect(), closed: std::iter::once(closed).collect() }
    }

    /// Whether any path is open.
    pub(super) fn open(&self) -> Truth {
        Truth::any(self.paths.iter().map(Path::truth))
    }

    /// The parts on which it hangs whether any path is open.
    ///
    /// A path that hangs on everything that another one hangs on, and on more,
    /// opens only where that one is open too.
    pub(super) fn hanging(&self) -> Vec<Part<'p>> {
        let open = self.paths.iter().filter(|path| path.truth() == Truth::Unknown);
        let ways: Vec<Vec<Part<'p>>> = open.map(Path::hanging).collect();
        let within = |one: &[Part<'_>], other: &[Part<'_>]| one.iter().all(|part| part.is_in(other));
        let shorter = |way: &[Part<'_>]| ways.iter().any(|other| within(other, way) && !within(way, other));
        let mut parts: Vec<Part<'p>> = Vec::new();
        for part in ways.iter().filter(|way| !shorter(way)).flatten() {
            if !part.is_in(&parts) {
                parts.push(*part);
            }
        }
        parts
    }

    /// The layers whose Allow is missing on the path that came nearest.
    pub(super) fn blame(&self) -> Vec<Layer> {
        let open = self.paths.iter().filter(|path| path.door.truth() != Truth::False);
        let nearest = open.min_by_key(|path| path.sides.missing().count());
        nearest.map_or_else(|| self.closed.iter().copied().collect(), |path| path.sides.missing().collect())
    }
}

impl<'p> Path<'p> {
    pub(super) fn new(door: Door<'p>, sides: Sides) -> Self {
        Self { door, sides, beside: None }
    }

    pub(super) fn truth(&self) -> Truth {
        self.sides.iter().fold(self.door.truth(), |truth, (_, side)| truth.min(side))
    }

    /// Its parts that hang on unknown keys.
    fn hanging(&self) -> Vec<Part<'p>> {
        let door = match self.door {
            Door::Resource(naming, _) => Part::Resource(Some(naming)),
            Door::AnyResource(_) => Part::Resource(None),
            Door::Grant(grant, _) => Part::Grant(grant),
            Door::Layer(layer, _) => Part::Layer(layer),
        };
        let door = (self.door.truth() == Truth::Unknown).then_some(door);
        let sides = self.sides.iter().filter(|(_, truth)| *truth == Truth::Unknown);
        let side = |layer| match (layer, self.beside) {
            (Layer::Grant, Some(grant)) => Part::Grant(grant),
            _ => Part::Layer(layer),
        };
        door.into_iter().chain(sides.map(|(layer, _)| side(layer))).collect()
    }

    /// The layers that grant; boundaries and session policies only limit.
    pub(super) fn granting(&self) -> impl Iterator<Item = Layer> {
        let sides = self.sides.iter().map(|(layer, _)| layer);
        let grants = |layer: &Layer| matches!(layer, Layer::Identity | Layer::Resource | Layer::Grant);
        std::iter::once(self.door.layer()).chain(sides.filter(grants))
    }
}

impl Part<'_> {
    pub(super) fn is_in(&self, parts: &[Part<'_>]) -> bool {
        parts.iter().any(|part| match (self, part) {
            (Self::Resource(one), Part::Resource(other)) => one == other,
            (Self::Grant(one), Part::Grant(other)) => std::ptr::eq(*one, *other),
            (Self::Layer(one), Part::Layer(other)) => one == other,
            (Self::Resource(_) | Self::Grant(_) | Self::Layer(_), _) => false,
        })
    }
}

impl Door<'_> {
    fn truth(&self) -> Truth {
        match self {
            Self::Resource(_, truth)
            | Self::AnyResource(truth)
            | Self::Grant(_, truth)
            | Self::Layer(_, truth) => *truth,
        }
    }

    fn layer(&self) -> Layer {
        match self {
            Self::Resource(..) | Self::AnyResource(_) => Layer::Resource,
            Self::Grant(..) => Layer::Grant,
            Self::Layer(layer, _) => *layer,
        }
    }
}
