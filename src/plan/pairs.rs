//! Arms → views and the (step, view) pairs that any arm needs.

use super::Arm;

/// A view: the stored text after some of the pipeline's edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedView {
    /// The edits applied, as positions in the pipeline; empty for the stored text.
    pub edits: Vec<usize>,
    /// The view before the last edit; `None` for the stored text.
    pub parent: Option<usize>,
    /// The pair whose spans make the view; `None` for the stored text.
    pub made_by: Option<usize>,
}

/// A step to be evaluated on a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// Position of the step in the pipeline.
    pub step: usize,
    /// The view.
    pub view: usize,
}

/// What the steps of a pipeline are to each other.
pub(super) struct Relations {
    /// By step: whether it is an edit.
    pub(super) is_edit: Vec<bool>,
    /// By step: the earlier steps whose values it takes.
    pub(super) takes: Vec<Vec<usize>>,
}

/// Works out views and pairs and tells each arm which are its own.
///
/// A pair whose step takes values of earlier steps needs the pairs of those, too; they are no part
/// of the arm, and judge nothing in it, unless the arm has these steps itself.
pub(super) fn resolve(arms: &mut [Arm], steps: &Relations) -> (Vec<PlannedView>, Vec<Pair>) {
    let mut views = vec![PlannedView { edits: Vec::new(), parent: None, made_by: None }];
    let mut pairs = Vec::new();
    let mut needed: Vec<Vec<Pair>> = Vec::new();
    for arm in arms.iter_mut() {
        let mut view = 0;
        let mut own = Vec::new();
        for &step in &arm.steps {
            let pair = Pair { step, view };
            own.push(pair);
            need(pair, steps, &mut views, &mut pairs);
            if steps.is_edit[step] {
                view = after_edit(&mut views, view, step);
            }
        }
        arm.view = view;
        needed.push(own);
    }
    // By step first: an edit's pair stands before every pair on the view it makes, and what a step
    // takes before the step.
    pairs.sort_unstable();
    let position = |pair: &Pair| pairs.iter().position(|known| known == pair);
    for (arm, own) in arms.iter_mut().zip(&needed) {
        arm.pairs = own.iter().filter_map(position).collect();
    }
    for view in &mut views {
        let edit = view.edits.last().zip(view.parent);
        view.made_by = edit.and_then(|(&step, parent)| position(&Pair { step, view: parent }));
    }
    (views, pairs)
}

/// Adds a pair and those whose values it takes.
fn need(pair: Pair, steps: &Relations, views: &mut Vec<PlannedView>, pairs: &mut Vec<Pair>) {
    if pairs.contains(&pair) {
        return;
    }
    pairs.push(pair);
    for &step in &steps.takes[pair.step] {
        let taken = Pair { step, view: view_at(views, pair.view, step) };
        if steps.is_edit[step] {
            // The spans of an edit that is taken from are those of the text after it.
            after_edit(views, taken.view, step);
        }
        need(taken, steps, views, pairs);
    }
}

/// The view that an earlier step sees where a later one sees `view`: with the edits before it.
pub(super) fn view_at(views: &[PlannedView], view: usize, step: usize) -> usize {
    let mut at = view;
    while views[at].edits.last().is_some_and(|&edit| edit >= step)
        && let Some(parent) = views[at].parent
    {
        at = parent;
    }
    at
}

/// The view that an edit makes of a view.
fn after_edit(views: &mut Vec<PlannedView>, view: usize, step: usize) -> usize {
    let mut edits = views[view].edits.clone();
    edits.push(step);
    views.iter().position(|known| known.edits == edits).unwrap_or_else(|| {
        views.push(PlannedView { edits, parent: Some(view), made_by: None });
        views.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(steps: &[usize]) -> Arm {
        Arm { name: String::new(), steps: steps.to_vec(), pairs: Vec::new(), view: 0 }
    }

    #[test]
    fn arms_share_pairs_and_edited_views_get_their_own() {
        // filter 0, edit 1, filter 2, edit 3, filter 4
        let mut arms = [arm(&[]), arm(&[0, 1, 2, 3, 4]), arm(&[0, 2, 4]), arm(&[1, 2])];
        let edits = [false, true, false, true, false];
        let steps = Relations { is_edit: edits.to_vec(), takes: vec![Vec::new(); 5] };
        let (views, pairs) = resolve(&mut arms, &steps);
        let edits: Vec<_> = views.iter().map(|view| view.edits.clone()).collect();
        assert_eq!(edits, [vec![], vec![1], vec![1, 3]]);
        let expected = [(0, 0), (1, 0), (2, 0), (2, 1), (3, 1), (4, 0), (4, 2)]
            .map(|(step, view)| Pair { step, view });
        assert_eq!(pairs, expected);
        assert_eq!(arms[0].view, 0);
        assert_eq!(arms[1].pairs, [0, 1, 3, 4, 6]);
        assert_eq!(arms[1].view, 2);
        assert_eq!(arms[2].pairs, [0, 2, 5]);
        assert_eq!(arms[3].pairs, [1, 3]);
        assert_eq!(views[1].made_by, Some(1));
        assert_eq!(views[2].made_by, Some(4));
        for (index, view) in views.iter().enumerate() {
            for (at, pair) in pairs.iter().enumerate() {
                if pair.view == index {
                    assert!(view.made_by.is_none_or(|made_by| made_by < at));
                }
            }
        }
    }

    #[test]
    fn what_a_step_takes_is_evaluated_where_the_earlier_step_stands() {
        // filter 0, edit 1, filter 2, edit 3, and 4, which takes from 2, which takes from 0
        let mut arms = [arm(&[1, 3, 4]), arm(&[4])];
        let steps = Relations {
            is_edit: vec![false, true, false, true, false],
            takes: vec![vec![], vec![], vec![0], vec![], vec![2]],
        };
        let (views, pairs) = resolve(&mut arms, &steps);
        let seen = |pair: &Pair| (pair.step, views[pair.view].edits.clone());
        let pairs: Vec<_> = pairs.iter().map(seen).collect();
        let expected = [
            (0, vec![]),
            (1, vec![]),
            (2, vec![]),
            (2, vec![1]),
            (3, vec![1]),
            (4, vec![]),
            (4, vec![1, 3]),
        ];
        assert_eq!(pairs, expected);
        assert_eq!(arms[0].pairs, [1, 4, 6], "2 and 0 judge nothing in it");
        assert_eq!(arms[1].pairs, [5]);
    }
}
