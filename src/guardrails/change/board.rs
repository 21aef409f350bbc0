//! The organisation as it is between two steps: which document hangs where and
//! says what, and what every place is protected by.
//!
//! INVARIANT, checked by [`Frame::holds`]: every place is protected by what
//! protects it both before and after, and by nothing that does neither.

use std::collections::{BTreeMap, BTreeSet};

use crate::guardrails::change::marks::{Ledger, Marks};
use crate::guardrails::change::{InForce, Name, read};
use crate::guardrails::layout::Layout;
use crate::guardrails::plan::{Packed, Plan, Room, short};
use crate::iam::policy::Statement;
use crate::model::org::{PolicyType, TargetId};

/// A document of ours, as it is or is about to be.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) name: Name,
    pub(super) content: String,
    pub(super) clauses: Vec<Clause>,
    pub(super) targets: BTreeSet<TargetId>,
    /// Which of the wanted documents it becomes; none if it goes.
    pub(super) goal: Option<usize>,
}

/// A statement and the marks of what it protects.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    pub(super) statement: Statement,
    pub(super) marks: Marks,
}

/// What is wanted of one document.
#[derive(Debug)]
pub(super) struct Goal {
    pub(super) name: Name,
    pub(super) content: String,
    pub(super) clauses: Vec<Clause>,
    pub(super) targets: BTreeSet<TargetId>,
}

/// What does not change while the steps are taken.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) goals: Vec<Goal>,
    pub(super) room: &'a Room,
    pub(super) owner: &'a str,
    places: Vec<Place>,
    /// Attachments there may be where the room says nothing: as many as there are.
    found: BTreeMap<(PolicyType, TargetId), usize>,
}

/// A place that something hangs on, with all that hangs above it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) target: TargetId,
    pub(super) levels: BTreeSet<TargetId>,
    kept: Marks,
    known: Marks,
}

/// Every document of ours.
#[derive(Debug, Clone)]
pub(super) struct Board {
    pub(super) sheets: Vec<Sheet>,
}

impl<'a> Frame<'a> {
    /// The frame and the board at the start.
    pub(super) fn new(current: &[InForce], plan: &'a Plan, owner: &'a str) -> (Self, Board) {
        let mut ledger = Ledger::default();
        let goals: Vec<Goal> = plan.documents.iter().map(|packed| goal(packed, &mut ledger)).collect();
        let becomes = |name: &Name| goals.iter().position(|goal| goal.name == *name);
        let sheets = current.iter().map(|policy| {
            let name = (policy.policy_type, policy.name.clone());
            Sheet {
                clauses: clauses(&policy.content, policy.policy_type, &mut ledger),
                content: policy.content.clone(),
                targets: policy.targets.clone(),
                goal: becomes(&name),
                name,
            }
        });
        let board = Board { sheets: sheets.collect() };
        let after = Board { sheets: goals.iter().enumerate().map(|(at, goal)| goal.sheet(at)).collect() };
        let named = board.sheets.iter().chain(&after.sheets).flat_map(|sheet| sheet.targets.iter().cloned());
        let targets: BTreeSet<TargetId> = plan.layout.paths().keys().cloned().chain(named).collect();
        let place = |target: &TargetId| {
            let levels = levels(&plan.layout, target);
            let (before, after) = (board.protection(&levels), after.protection(&levels));
            Place { kept: before.and(&after), known: before.or(&after), target: target.clone(), levels }
        };
        let places = targets.iter().map(place).collect();
        let mut found: BTreeMap<(PolicyType, TargetId), usize> = BTreeMap::new();
        for sheet in &board.sheets {
            for target in &sheet.targets {
                let count = found.entry((sheet.name.0, target.clone())).or_default();
                *count = count.saturating_add(1);
            }
        }
        (Self { goals, room: &plan.room, owner, places, found }, board)
    }

    /// The most documents of ours that a target takes.
    pub(super) fn slots(&self, policy_type: PolicyType, target: &TargetId) -> usize {
        let place = (policy_type, target.clone());
        let found = self.found.get(&place).copied().unwrap_or_default();
        self.room.slots.get(&place).copied().unwrap_or_default().max(found)
    }

    /// The places at which this board lacks what it must keep, with what is lacking.
    pub(super) fn lacking(&self, board: &Board) -> Vec<(&Place, Marks)> {
        let lacking =
            self.places.iter().map(|place| (place, place.kept.without(&board.protection(&place.levels))));
        lacking.filter(|(_, marks)| !marks.is_empty()).collect()
    }

    /// Whether nothing is lacking, nothing is denied that is denied neither
    /// before nor after, and everything has room.
    pub(super) fn holds(&self, board: &Board) -> bool {
        self.lacking(board).is_empty() && self.admits(board)
    }

    /// The same without asking what is lacking.
    pub(super) fn admits(&self, board: &Board) -> bool {
        let known = |place: &Place| board.protection(&place.levels).without(&place.known).is_empty();
        let hang =
            |policy_type, target: &TargetId| board.on(policy_type, target) <= self.slots(policy_type, target);
        self.places.iter().all(known)
            && board.sheets.iter().all(|sheet| sheet.targets.iter().all(|target| hang(sheet.name.0, target)))
    }

    /// Whether a document of this kind may be as long as that.
    pub(super) fn fits(&self, policy_type: PolicyType, content: &str) -> bool {
        let most = self.room.characters.get(&policy_type).copied().unwrap_or_default();
        content.chars().count() <= most
    }

    /// A name for a document that exists for the time of the change alone.
    pub(super) fn passing(&self, policy_type: PolicyType, board: &Board) -> Name {
        let named =
            |number: u16| (policy_type, format!("{}{}-moving-{number}", self.owner, short(policy_type)));
        let taken = |name: &Name| board.sheets.iter().any(|sheet| sheet.name == *name);
        (1..u16::MAX).map(named).find(|name| !taken(name)).unwrap_or_else(|| named(u16::MAX))
    }
}

impl Goal {
    /// The document as it is when it is there.
    pub(super) fn sheet(&self, at: usize) -> Sheet {
        let Self { name, content, clauses, targets } = self;
        Sheet {
            name: name.clone(),
            content: content.clone(),
            clauses: clauses.clone(),
            targets: targets.clone(),
            goal: Some(at),
        }
    }
}

impl Board {
    /// What protects whoever is below these levels.
    pub(super) fn protection(&self, levels: &BTreeSet<TargetId>) -> Marks {
        let hanging = self.sheets.iter().filter(|sheet| !sheet.targets.is_disjoint(levels));
        hanging.flat_map(|sheet| &sheet.clauses).fold(Marks::default(), |all, clause| all.or(&clause.marks))
    }

    /// How many documents of a kind hang on a target.
    pub(super) fn on(&self, policy_type: PolicyType, target: &TargetId) -> usize {
        let here = |sheet: &&Sheet| sheet.name.0 == policy_type && sheet.targets.contains(target);
        self.sheets.iter().filter(here).count()
    }

    /// The same with one document changed.
    pub(super) fn with(&self, at: usize, change: impl FnOnce(&mut Sheet)) -> Self {
        let mut board = self.clone();
        if let Some(sheet) = board.sheets.get_mut(at) {
            change(sheet);
        }
        board
    }
}

fn goal(packed: &Packed, ledger: &mut Ledger) -> Goal {
    Goal {
        name: (packed.policy_type, packed.name.clone()),
        content: packed.content.clone(),
        clauses: clauses(&packed.content, packed.policy_type, ledger),
        targets: packed.targets.clone(),
    }
}

/// The statements of a document; none of one that cannot be read, which then
/// counts as protecting nothing.
fn clauses(content: &str, policy_type: PolicyType, ledger: &mut Ledger) -> Vec<Clause> {
    let statements = read(content, policy_type).map(|document| document.statements).unwrap_or_default();
    let clause = |statement| Clause { marks: ledger.marks(&statement, policy_type), statement };
    statements.into_iter().map(clause).collect()
}

/// A place and everything above it. Where its path is not known the root is above it all the same.
fn levels(layout: &Layout, target: &TargetId) -> BTreeSet<TargetId> {
    let above = layout.path(target).map(Layout::levels).unwrap_or_default();
    above.into_iter().chain([layout.root(), target.clone()]).collect()
}
