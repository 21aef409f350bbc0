//! The order of the steps: what protects more before what protects less, and
//! where a target has no room for both, a way round.
//!
//! INVARIANT: no step leads to a board of which [`Frame::holds`] is false.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::guardrails::change::board::{Board, Clause, Frame, Marks, Sheet};
use crate::guardrails::change::{Step, same_meaning};
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

/// The steps so far, and where they lead.
pub(super) struct Journey<'a> {
    frame: Frame<'a>,
    board: Board,
    steps: Vec<Step>,
    /// Whether something was gained that nobody has seen yet.
    unseen: bool,
}

impl<'a> Journey<'a> {
    /// A journey that has not begun.
    pub(super) fn new((frame, board): (Frame<'a>, Board)) -> Self {
        Self { frame, board, steps: Vec::new(), unseen: false }
    }

    /// Goes to the end.
    pub(super) fn steps(mut self) -> Result<Vec<Step>, NoRoom> {
        let mut ways_round = 0_usize;
        loop {
            if let Some((step, board)) = self.gain() {
                self.go(step, board, true);
            } else if let Some((step, board)) = self.lose() {
                self.look();
                self.go(step, board, false);
            } else if self.arrived() {
                if !self.steps.is_empty() && self.steps.last() != Some(&Step::Verify) {
                    self.steps.push(Step::Verify);
                }
                return Ok(self.steps);
            } else if ways_round > MOST_WAYS_ROUND || !(self.take_over() || self.carry()) {
                return Err(self.no_room());
            } else {
                ways_round = ways_round.saturating_add(1);
            }
        }
    }

    fn go(&mut self, step: Step, board: Board, gains: bool) {
        self.unseen |= gains;
        self.steps.push(step);
        self.board = board;
    }

    /// Nothing is lost before everything gained so far was seen in force.
    fn look(&mut self) {
        if self.unseen {
            self.steps.push(Step::Verify);
            self.unseen = false;
        }
    }

    fn arrived(&self) -> bool {
        let becomes = |sheet: &Sheet| {
            let goal = sheet.goal.and_then(|at| self.frame.goals.get(at));
            goal.is_some_and(|goal| self.says(sheet) && sheet.targets == goal.targets)
        };
        self.board.sheets.len() == self.frame.goals.len() && self.board.sheets.iter().all(becomes)
    }

    /// Whether a document is what it is to become, but for its targets.
    fn says(&self, sheet: &Sheet) -> bool {
        sheet.goal.and_then(|at| self.frame.goals.get(at)).is_some_and(|goal| {
            goal.name == sheet.name && same_meaning(goal.name.0, &sheet.content, &goal.content)
        })
    }

    /// A step that takes nothing away: a document made, changed to say more, attached.
    fn gain(&self) -> Option<(Step, Board)> {
        (0..self.frame.goals.len()).find_map(|wanted| {
            let found = self.board.sheets.iter().position(|sheet| sheet.goal == Some(wanted));
            match found {
                None => self.create(wanted),
                Some(at) => self.update(at, true).or_else(|| self.attach(at)),
            }
        })
    }

    fn create(&self, wanted: usize) -> Option<(Step, Board)> {
        let goal = self.frame.goals.get(wanted)?;
        let policy_type = goal.name.0;
        let full =
            |target: &&TargetId| self.board.on(policy_type, target) >= self.frame.slots(policy_type, target);
        let full: BTreeSet<&TargetId> = goal.targets.iter().filter(full).collect();
        // On a full target a document that goes becomes this one instead, see `take_over`.
        let gives_way = |sheet: &Sheet| {
            let here = full.iter().any(|target| sheet.targets.contains(*target));
            here && sheet.goal.is_none() && sheet.name.0 == policy_type
        };
        let nowhere = !full.is_empty() && full.len() == goal.targets.len();
        if nowhere || self.board.sheets.iter().any(gives_way) {
            return None;
        }
        let mut board = self.board.clone();
        board.sheets.push(Sheet { targets: BTreeSet::new(), ..goal.sheet(wanted) });
        Some((Step::Create(goal.name.clone(), goal.content.clone()), board))
    }

    fn attach(&self, at: usize) -> Option<(Step, Board)> {
        let sheet = self.board.sheets.get(at).filter(|sheet| self.says(sheet))?;
        let goal = self.frame.goals.get(sheet.goal?)?;
        goal.targets.difference(&sheet.targets).find_map(|target| {
            let board = self.board.with(at, |sheet| sheet.targets.extend([target.clone()]));
            let step = Step::Attach(sheet.name.clone(), target.clone());
            self.frame.holds(&board).then_some((step, board))
        })
    }

    /// The document as it is to become. `gaining`: only if nothing leaves it.
    fn update(&self, at: usize, gaining: bool) -> Option<(Step, Board)> {
        let sheet = self.board.sheets.get(at)?;
        let goal = self.frame.goals.get(sheet.goal?)?;
        if self.says(sheet) || (gaining && !leaves_nothing(&sheet.clauses, &goal.clauses)) {
            return None;
        }
        let board = self.updated(at)?;
        self.frame
            .holds(&board)
            .then(|| (self.update_step(sheet, goal.name.1.clone(), goal.content.clone()), board))
    }

    fn updated(&self, at: usize) -> Option<Board> {
        let goal = self.frame.goals.get(self.board.sheets.get(at)?.goal?)?;
        Some(self.board.with(at, |sheet| {
            sheet.name.clone_from(&goal.name);
            sheet.content.clone_from(&goal.content);
            sheet.clauses.clone_from(&goal.clauses);
        }))
    }

    fn update_step(&self, sheet: &Sheet, name: String, content: String) -> Step {
        if sheet.name.1 == name {
            Step::Update(sheet.name.clone(), content)
        } else {
            Step::Replace(sheet.name.clone(), name, content)
        }
    }

    /// A step that takes away what nobody needs any more.
    fn lose(&self) -> Option<(Step, Board)> {
        let all = || 0..self.board.sheets.len();
        let updated = all().find_map(|at| self.update(at, false));
        updated
            .or_else(|| all().find_map(|at| self.detach(at)))
            .or_else(|| all().find_map(|at| self.delete(at)))
    }

    fn detach(&self, at: usize) -> Option<(Step, Board)> {
        let unwanted = self.unwanted(at).into_iter();
        let mut detached = unwanted.map(|target| self.detached(at, &target));
        detached.find(|(_, board)| self.frame.holds(board))
    }

    fn detached(&self, at: usize, target: &TargetId) -> (Step, Board) {
        let name = self.board.sheets.get(at).map(|sheet| sheet.name.clone());
        let board = self.board.with(at, |sheet| sheet.targets.retain(|other| other != target));
        let name = name.unwrap_or((PolicyType::ServiceControl, String::new()));
        (Step::Detach(name, target.clone()), board)
    }

    /// Where a document hangs and should not.
    fn unwanted(&self, at: usize) -> Vec<TargetId> {
        let Some(sheet) = self.board.sheets.get(at) else { return Vec::new() };
        let goal = sheet.goal.and_then(|at| self.frame.goals.get(at));
        let wanted = |target: &&TargetId| goal.is_some_and(|goal| goal.targets.contains(*target));
        sheet.targets.iter().filter(|target| !wanted(target)).cloned().collect()
    }

    fn delete(&self, at: usize) -> Option<(Step, Board)> {
        let sheet =
            self.board.sheets.get(at).filter(|sheet| sheet.goal.is_none() && sheet.targets.is_empty())?;
        let mut board = self.board.clone();
        drop(board.sheets.remove(at));
        Some((Step::Delete(sheet.name.clone()), board))
    }

    /// A document that goes becomes one that comes and finds no free place: one
    /// call replaces its name and its content wherever it hangs.
    fn take_over(&mut self) -> bool {
        let comes = |wanted: &usize| self.board.sheets.iter().all(|sheet| sheet.goal != Some(*wanted));
        let coming: Vec<usize> = (0..self.frame.goals.len()).filter(comes).collect();
        for wanted in coming {
            let Some(goal) = self.frame.goals.get(wanted) else { continue };
            let shared = |sheet: &Sheet| sheet.targets.intersection(&goal.targets).count();
            let leaving = self.board.sheets.iter().enumerate().filter(|(_, sheet)| {
                sheet.goal.is_none() && sheet.name.0 == goal.name.0 && shared(sheet) > 0
            });
            if let Some((at, _)) = leaving.max_by_key(|(_, sheet)| shared(sheet)) {
                self.board = self.board.with(at, |sheet| sheet.goal = Some(wanted));
                return true;
            }
        }
        false
    }

    /// Lets other documents say for a while what one that has to change says,
    /// and makes the change then.
    fn carry(&mut self) -> bool {
        for at in 0..self.board.sheets.len() {
            let detached = self.unwanted(at).into_iter().map(|target| self.detached(at, &target));
            let updated =
                self.updated(at).filter(|_| self.board.sheets.get(at).is_some_and(|sheet| !self.says(sheet)));
            let updated = updated.and_then(|board| {
                let (sheet, goal) =
                    (self.board.sheets.get(at)?, self.frame.goals.get(self.board.sheets.get(at)?.goal?)?);
                Some((self.update_step(sheet, goal.name.1.clone(), goal.content.clone()), board))
            });
            for (step, after) in detached.chain(updated) {
                if let Some((steps, board)) = self.carried(at, &after) {
                    self.unseen |= !steps.is_empty();
                    self.steps.extend(steps);
                    self.look();
                    self.go(step, board, false);
                    return true;
                }
            }
        }
        false
    }

    /// The steps by which others take over what the document at `leaving` no
    /// longer says in `after`, and the board after them and that change.
    fn carried(&self, leaving: usize, after: &Board) -> Option<(Vec<Step>, Board)> {
        let mut after = after.clone();
        let mut now = self.board.clone();
        let mut steps = Vec::new();
        let said = &self.board.sheets.get(leaving)?.clauses;
        for clause in said {
            for at in 0..after.sheets.len() {
                if at != leaving && lacks(&self.frame, &after, clause) {
                    self.lend(at, clause, &mut now, &mut after, &mut steps);
                }
            }
        }
        let left: Vec<Clause> =
            said.iter().filter(|clause| lacks(&self.frame, &after, clause)).cloned().collect();
        if !left.is_empty() {
            self.pass(self.board.sheets.get(leaving)?.name.0, left, &mut now, &mut after, &mut steps)?;
        }
        (self.frame.holds(&after) && self.frame.holds(&now)).then_some((steps, after))
    }

    /// Adds the clause to the document at `at`, if that helps and there is room.
    fn lend(&self, at: usize, clause: &Clause, now: &mut Board, after: &mut Board, steps: &mut Vec<Step>) {
        let Some(sheet) = after.sheets.get(at) else { return };
        let helps = self.frame.lacking(after).iter().any(|(place, marks)| {
            !marks.and(&clause.marks).is_empty() && !sheet.targets.is_disjoint(&place.levels)
        });
        let clauses: Vec<Clause> = sheet.clauses.iter().chain([clause]).cloned().collect();
        let content = text(&clauses);
        if !helps || !self.frame.fits(sheet.name.0, &content) {
            return;
        }
        let step = Step::Update(sheet.name.clone(), content.clone());
        let say = |board: &Board| {
            board.with(at, |sheet| {
                sheet.clauses.clone_from(&clauses);
                sheet.content.clone_from(&content);
            })
        };
        let (next_now, next_after) = (say(now), say(after));
        if self.frame.admits(&next_now) && self.frame.admits(&next_after) {
            // One call says all that a document is lent.
            steps.retain(|earlier| !matches!((earlier, &step), (Step::Update(one, _), Step::Update(other, _)) if one == other));
            steps.push(step);
            (*now, *after) = (next_now, next_after);
        }
    }

    /// Hangs what nobody could be lent into a document of its own, which goes again at the end.
    fn pass(
        &self,
        policy_type: PolicyType,
        clauses: Vec<Clause>,
        now: &mut Board,
        after: &mut Board,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        let name = self.frame.passing(policy_type, now);
        let content = text(&clauses);
        if !self.frame.fits(policy_type, &content) {
            return None;
        }
        let all = clauses.iter().fold(Marks::default(), |all, clause| all.or(&clause.marks));
        let lacking = self.frame.lacking(after);
        let places = lacking.iter().filter(|(_, marks)| !marks.and(&all).is_empty());
        let free = |target: &&TargetId| now.on(policy_type, target) < self.frame.slots(policy_type, target);
        let mut targets = BTreeSet::new();
        for (place, _) in places {
            if targets.is_disjoint(&place.levels) {
                // The place itself first: what hangs higher reaches others too.
                targets.insert(std::iter::once(&place.target).chain(&place.levels).find(free)?.clone());
            }
        }
        steps.push(Step::Create(name.clone(), content.clone()));
        steps.extend(targets.iter().map(|target| Step::Attach(name.clone(), target.clone())));
        let sheet = Sheet { name, content, clauses, targets, goal: None };
        now.sheets.push(sheet.clone());
        after.sheets.push(sheet);
        Some(())
    }

    fn no_room(&self) -> NoRoom {
        let coming = self.frame.goals.iter().enumerate().find_map(|(wanted, goal)| {
            let found = self.board.sheets.iter().find(|sheet| sheet.goal == Some(wanted));
            let hangs = |target: &&TargetId| found.is_some_and(|sheet| sheet.targets.contains(*target));
            Some((goal, goal.targets.iter().find(|target| !hangs(target))?))
        });
        if let Some((goal, target)) = coming {
            let slots = self.frame.slots(goal.name.0, target);
            return NoRoom {
                policy: goal.name.1.clone(),
                target: Some(target.clone()),
                reason: format!(
                    "`{target}` has no free place for a {} beside the {slots} made here, and what leaves it is still \
                     needed there",
                    goal.name.0
                ),
            };
        }
        let stays = self.board.sheets.iter().find(|sheet| !self.says(sheet));
        NoRoom {
            policy: stays.map(|sheet| sheet.name.1.clone()).unwrap_or_default(),
            target: None,
            reason:
                "what it says moves to other policies, none of which has room for both the old and the new"
                    .to_owned(),
        }
    }
}

fn lacks(frame: &Frame<'_>, board: &Board, clause: &Clause) -> bool {
    frame.lacking(board).iter().any(|(_, marks)| !marks.and(&clause.marks).is_empty())
}

fn leaves_nothing(before: &[Clause], after: &[Clause]) -> bool {
    let all = |clauses: &[Clause]| clauses.iter().fold(Marks::default(), |all, clause| all.or(&clause.marks));
    all(before).without(&all(after)).is_empty()
}

fn text(clauses: &[Clause]) -> String {
    Document::new(clauses.iter().map(|clause| clause.statement.clone())).to_json()
}

const MOST_WAYS_ROUND: usize = 64;
