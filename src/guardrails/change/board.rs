//! The organisation as it is between two steps: which document hangs where and
//! says what, and what every place is protected by.
//!
//! INVARIANT, checked by [`Board::holds`]: every place is protected by what
//! protects it both before and after, and by nothing that does neither.

use std::collections::{BTreeMap, BTreeSet};

use crate::guardrails::change::{InForce, Name, read};
use crate::guardrails::layout::Layout;
use crate::guardrails::plan::{Packed, Plan, Room, short};
use crate::iam::policy::{
    Actions, Condition, Document, PrincipalSet, Principals, Resources, Statement, Text,
};
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

/// A set of small numbers: one for each action that a statement concerns under
/// its conditions, and one for each Sid, which stands for the same rule in
/// another wording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    fn insert(&mut self, mark: usize) {
        let (word, bit) = (mark / 64, mark % 64);
        if self.0.len() <= word {
            self.0.resize(word.saturating_add(1), 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1_u64.rotate_left(u32::try_from(bit).unwrap_or_default());
        }
    }

    /// What is in either.
    pub(super) fn or(&self, other: &Self) -> Self {
        let (long, short) = if self.0.len() < other.0.len() { (other, self) } else { (self, other) };
        let rest = short.0.iter().copied().chain(std::iter::repeat(0));
        Self(long.0.iter().zip(rest).map(|(one, other)| one | other).collect())
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one & other).collect())
    }

    /// What is in this one alone.
    pub(super) fn without(&self, other: &Self) -> Self {
        let rest = other.0.iter().copied().chain(std::iter::repeat(0));
        Self(self.0.iter().zip(rest).map(|(one, other)| one & !other).collect())
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

/// Gives the same number to the same protection.
#[derive(Default)]
struct Ledger(BTreeMap<String, usize>);

impl Ledger {
    fn mark(&mut self, what: String) -> usize {
        let next = self.0.len();
        *self.0.entry(what).or_insert(next)
    }

    fn clause(&mut self, statement: Statement, policy_type: PolicyType) -> Clause {
        let mut marks = Marks::default();
        if let Some(sid) = statement.sid.as_ref().map(Text::as_str).filter(|sid| !sid.is_empty()) {
            marks.insert(self.mark(format!("{policy_type} {sid}")));
        }
        for single in singles(&statement) {
            let text = Document::new([single]).to_json();
            marks.insert(self.mark(format!("{policy_type} {text}")));
        }
        Clause { statement, marks }
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
    statements.into_iter().map(|statement| ledger.clause(statement, policy_type)).collect()
}

/// A statement for each of its actions, without Sid and without the freedom of
/// writing, so that statements that were merged or split are the same.
fn singles(statement: &Statement) -> Vec<Statement> {
    let mut plain = Statement { sid: None, ..statement.clone() };
    plain.conditions = plain.conditions.iter().map(ordered).collect();
    plain.conditions.sort_by_key(|condition| (condition.operator.to_string(), condition.key.clone()));
    plain.resources = plain.resources.map(|resources| match resources {
        Resources::Only(list) => Resources::Only(sorted(list)),
        Resources::AllBut(list) => Resources::AllBut(sorted(list)),
    });
    if let Some(Principals::Only(PrincipalSet::Listed { aws, .. })) = &plain.principals
        && aws.iter().any(|name| name.as_str() == "*")
    {
        plain.principals = Some(Principals::Only(PrincipalSet::Everyone));
    }
    let lower = |action: &Text| Text::from(action.as_str().to_ascii_lowercase());
    match plain.actions.clone() {
        Some(Actions::Only(list)) => {
            list.iter().map(|action| plain.clone().actions([lower(action)])).collect()
        }
        Some(Actions::AllBut(list)) => {
            vec![plain.not_actions(sorted(list.iter().map(lower).collect()))]
        }
        None => vec![plain],
    }
}

fn ordered(condition: &Condition) -> Condition {
    let Condition { operator, key, values } = condition;
    let key = Text::from(key.as_str().to_ascii_lowercase());
    Condition { operator: *operator, key, values: sorted(values.clone()) }
}

fn sorted(mut list: Vec<Text>) -> Vec<Text> {
    list.sort_unstable();
    list.dedup();
    list
}

/// A place and everything above it. Where its path is not known the root is above it all the same.
fn levels(layout: &Layout, target: &TargetId) -> BTreeSet<TargetId> {
    let above = layout.path(target).map(Layout::levels).unwrap_or_default();
    above.into_iter().chain([layout.root(), target.clone()]).collect()
}
