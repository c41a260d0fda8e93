//! Laws of plans after something changed, and of what a plan leaves.

use proptest::prelude::*;
use vramfit_core::engine::pack::further::{left_for_further, left_free, with_further};
use vramfit_core::engine::pack::replan::{moved_least, replan};
use vramfit_core::engine::pack::simulate::simulate;
use vramfit_core::engine::pack::{Model, Problem, Replica, Solution, solve};
use vramfit_core::engine::place::{Verdict, place};
use vramfit_core::units::Bytes;

use super::problems::{TAGS, pool, problem};

fn gpus() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop::sample::select(vec![7_800, 11_900, 24_000]), 2..5)
}

fn models() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..TAGS.len(), 1..6)
}

/// Each service's GPUs, whatever their order.
fn sets(solution: &Solution) -> Vec<Option<Vec<usize>>> {
    let sorted = |place: &Option<Vec<usize>>| {
        let mut place = place.clone()?;
        place.sort_unstable();
        Some(place)
    };
    solution.places.iter().map(sorted).collect()
}

fn holds(problem: &Problem<'_>, solution: &Solution) -> bool {
    simulate(problem, &solution.places, &solution.order).is_some()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_moves_where_nothing_changed(gpus in gpus(), models in models()) {
        let pool = pool(&gpus);
        let asked = problem(&pool, &models, 4096);
        let first = solve(&asked);
        prop_assert_eq!(sets(&moved_least(&asked, &first)), sets(&first));
    }

    #[test]
    fn a_lost_gpu_is_left_and_who_had_none_of_it_stays(gpus in gpus(), models in models(), lost in 0..2_usize) {
        let pool = pool(&gpus);
        let asked = problem(&pool, &models, 4096);
        let first = solve(&asked);
        let (changed, after) = replan(&asked, &first, &[], &[lost], |_| false);
        prop_assert!(holds(&changed, &after));
        prop_assert!(after.places.iter().flatten().flatten().all(|at| *at != lost));
        // Those that lay elsewhere have no need to move where nobody had lain there.
        let (before, now) = (sets(&first), sets(&after));
        if before.iter().flatten().all(|place| !place.contains(&lost)) {
            prop_assert_eq!(now, before);
        }
    }

    #[test]
    fn gpus_kept_free_are_used_only_after_a_loss_that_needs_them(gpus in gpus(), models in models()) {
        let pool = pool(&gpus);
        let kept = gpus.len() - 1;
        let mut asked = problem(&pool, &models, 4096);
        asked.excluded = vec![kept];
        let first = solve(&asked);
        let uses = |solution: &Solution| solution.places.iter().flatten().flatten().any(|at| *at == kept);
        let (_, unchanged) = replan(&asked, &first, &[kept], &[], |_| false);
        prop_assert!(!uses(&unchanged));
        let (_, after) = replan(&asked, &first, &[kept], &[0], |_| false);
        let spare = Problem { excluded: vec![0, kept], ..asked.clone() };
        let without = moved_least(&spare, &first);
        prop_assert!(after.placed() >= without.placed());
        let served = |solution: &Solution| solution.places.iter().map(Option::is_some).collect::<Vec<_>>();
        prop_assert!(served(&after) != served(&without) || !uses(&after));
    }

    #[test]
    fn a_further_model_that_fits_on_what_is_left_fits_beside(gpus in gpus(), models in models(), further in 0..TAGS.len()) {
        let pool = pool(&gpus);
        let asked = problem(&pool, &models, 4096);
        let solution = solve(&asked);
        let loaded = simulate(&asked, &solution.places, &solution.order).expect("a plan that holds");
        let idle = left_free(&asked, &loaded, &(0..gpus.len()).collect::<Vec<_>>());
        prop_assert!(idle.iter().all(|at| loaded.committed[*at] == Bytes::ZERO));
        let left = left_for_further(&asked, &loaded, &[0]);
        prop_assert_eq!(left.devices[0].free, Bytes::ZERO);
        let model = asked.models[further];
        let placement = place(model.shape, &model.workload, &left);
        if placement.verdict == Verdict::Fits {
            let place: Vec<usize> = placement.shares.iter().map(|share| share.device).collect();
            prop_assert!(!place.contains(&0));
            let model = Model { workload: placement.workload, ..model };
            let item = Replica {
                model: asked.models.len(),
                devices: None,
                label: usize::MAX,
                anti_affinity: Vec::new(),
                priority: 0,
            };
            let (more, solution) = with_further(&asked, &solution, (model, item), place);
            prop_assert!(holds(&more, &solution));
        }
    }
}
