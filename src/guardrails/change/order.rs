//! The order of the steps: what protects more before what protects less.
//!
//! INVARIANT: no step leads to a board of which [`Frame::holds`] is false.

use std::collections::BTreeSet;

use crate::guardrails::change::board::{Board, Clause, Frame, Sheet};
use crate::guardrails::change::detour::{Detour, NoRoom};
use crate::guardrails::change::marks::Marks;
use crate::guardrails::change::{Step, same_meaning};
use crate::model::org::TargetId;

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
                return Ok(self.seen());
            } else if ways_round > MOST_WAYS_ROUND || !(self.take_over() || self.carry()) {
                return Err(self.no_room());
            } else {
                ways_round = ways_round.saturating_add(1);
            }
        }
    }

    /// The steps, the last of which sees all of them in force.
    fn seen(mut self) -> Vec<Step> {
        if self.steps.last().is_some_and(|last| *last != Step::Verify) {
            self.steps.push(Step::Verify);
        }
        self.steps
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
        self.updated(at).filter(|(_, board)| self.frame.holds(board))
    }

    fn updated(&self, at: usize) -> Option<(Step, Board)> {
        let sheet = self.board.sheets.get(at).filter(|sheet| !self.says(sheet))?;
        let goal = self.frame.goals.get(sheet.goal?)?;
        let (name, content) = (sheet.name.clone(), goal.content.clone());
        let step = if name == goal.name {
            Step::Update(name, content)
        } else {
            Step::Replace(name, goal.name.1.clone(), content)
        };
        let board = self.board.with(at, |sheet| {
            sheet.name.clone_from(&goal.name);
            sheet.content.clone_from(&goal.content);
            sheet.clauses.clone_from(&goal.clauses);
        });
        Some((step, board))
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
        self.detached(at).into_iter().find(|(_, board)| self.frame.holds(board))
    }

    /// The document taken away from each place where it hangs and should not.
    fn detached(&self, at: usize) -> Vec<(Step, Board)> {
        let Some(sheet) = self.board.sheets.get(at) else { return Vec::new() };
        let goal = sheet.goal.and_then(|at| self.frame.goals.get(at));
        let wanted = |target: &&TargetId| goal.is_some_and(|goal| goal.targets.contains(*target));
        let detached = |target: &TargetId| {
            let board = self.board.with(at, |sheet| sheet.targets.retain(|other| other != target));
            (Step::Detach(sheet.name.clone(), target.clone()), board)
        };
        sheet.targets.iter().filter(|target| !wanted(target)).map(detached).collect()
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
        let changes =
            |at| self.detached(at).into_iter().chain(self.updated(at)).map(move |change| (at, change));
        let found = (0..self.board.sheets.len())
            .flat_map(changes)
            .find_map(|(at, (step, after))| Some((step, Detour::find(&self.frame, &self.board, at, after)?)));
        let Some((step, (lent, board))) = found else { return false };
        self.unseen |= !lent.is_empty();
        self.steps.extend(lent);
        self.look();
        self.go(step, board, false);
        true
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

fn leaves_nothing(before: &[Clause], after: &[Clause]) -> bool {
    let all = |clauses: &[Clause]| clauses.iter().fold(Marks::default(), |all, clause| all.or(&clause.marks));
    all(before).without(&all(after)).is_empty()
}

const MOST_WAYS_ROUND: usize = 64;
