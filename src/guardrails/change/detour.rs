//! A way round for a change that would leave something unprotected: for a
//! while other documents say what the one that changes says no longer.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::guardrails::change::Step;
use crate::guardrails::change::board::{Board, Clause, Frame, Sheet};
use crate::guardrails::change::marks::Marks;
use crate::iam::policy::Document;
use crate::model::org::{PolicyType, TargetId};

/// There is no order of steps in which nothing is unprotected for a while.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{policy}` can be changed only at the price of a moment without protection: {reason}")]
pub struct NoRoom {
    /// The document at which every order ends.
    pub policy: String,
    /// The target that has no room, if that is the reason.
    pub target: Option<TargetId>,
    /// What is in the way, in words.
    pub reason: String,
}

/// The board before and after one change, while others are lent what it takes away.
pub(super) struct Detour<'a> {
    frame: &'a Frame<'a>,
    now: Board,
    after: Board,
    steps: Vec<Step>,
}

impl<'a> Detour<'a> {
    /// The steps by which others take over what the document at `leaving` no
    /// longer says in `after`, and the board after them and that change.
    pub(super) fn find(
        frame: &'a Frame<'a>,
        now: &Board,
        leaving: usize,
        after: Board,
    ) -> Option<(Vec<Step>, Board)> {
        let sheet = now.sheets.get(leaving)?;
        let mut detour = Self { frame, now: now.clone(), after, steps: Vec::new() };
        for clause in &sheet.clauses {
            let others = (0..now.sheets.len()).filter(|at| *at != leaving);
            others.for_each(|at| detour.lend(at, clause));
        }
        let left: Vec<Clause> = sheet.clauses.iter().filter(|clause| detour.lacks(clause)).cloned().collect();
        if !left.is_empty() {
            detour.pass(sheet.name.0, left)?;
        }
        let sound = frame.holds(&detour.now) && frame.holds(&detour.after);
        sound.then_some((detour.steps, detour.after))
    }

    fn lacks(&self, clause: &Clause) -> bool {
        self.frame.lacking(&self.after).iter().any(|(_, marks)| !marks.and(&clause.marks).is_empty())
    }

    /// Adds the clause to the document at `at`, if that helps and there is room.
    fn lend(&mut self, at: usize, clause: &Clause) {
        let Some(sheet) = self.after.sheets.get(at) else { return };
        let helps = self.frame.lacking(&self.after).iter().any(|(place, marks)| {
            !marks.and(&clause.marks).is_empty() && !sheet.targets.is_disjoint(&place.levels)
        });
        // AWS takes a Sid once in a document.
        let sid = clause.statement.sid.as_ref();
        let named = sid.is_some() && sheet.clauses.iter().any(|other| other.statement.sid.as_ref() == sid);
        let clauses: Vec<Clause> = sheet.clauses.iter().chain([clause]).cloned().collect();
        let content = text(&clauses);
        if !helps || named || !self.frame.fits(sheet.name.0, &content) {
            return;
        }
        let name = sheet.name.clone();
        let say = |board: &Board| {
            board.with(at, |sheet| {
                sheet.clauses.clone_from(&clauses);
                sheet.content.clone_from(&content);
            })
        };
        let (now, after) = (say(&self.now), say(&self.after));
        if self.frame.admits(&now) && self.frame.admits(&after) {
            // One call says all that a document is lent.
            self.steps.retain(|step| !matches!(step, Step::Update(other, _) if *other == name));
            self.steps.push(Step::Update(name, content));
            (self.now, self.after) = (now, after);
        }
    }

    /// Hangs what nobody could be lent into a document of its own, which goes again at the end.
    fn pass(&mut self, policy_type: PolicyType, clauses: Vec<Clause>) -> Option<()> {
        let name = self.frame.passing(policy_type, &self.now);
        let content = text(&clauses);
        if !self.frame.fits(policy_type, &content) {
            return None;
        }
        let all = clauses.iter().fold(Marks::default(), |all, clause| all.or(&clause.marks));
        let lacking = self.frame.lacking(&self.after);
        let places = lacking.iter().filter(|(_, marks)| !marks.and(&all).is_empty());
        let free =
            |target: &&TargetId| self.now.on(policy_type, target) < self.frame.slots(policy_type, target);
        let mut targets = BTreeSet::new();
        for (place, _) in places {
            if targets.is_disjoint(&place.levels) {
                // The place itself first: what hangs higher reaches others too.
                targets.insert(std::iter::once(&place.target).chain(&place.levels).find(free)?.clone());
            }
        }
        self.steps.push(Step::Create(name.clone(), content.clone()));
        self.steps.extend(targets.iter().map(|target| Step::Attach(name.clone(), target.clone())));
        let sheet = Sheet { name, content, clauses, targets, goal: None };
        self.now.sheets.push(sheet.clone());
        self.after.sheets.push(sheet);
        Some(())
    }
}

fn text(clauses: &[Clause]) -> String {
    Document::new(clauses.iter().map(|clause| clause.statement.clone())).to_json()
}
