//! Which changes of the hardware are worth telling.

use std::cmp::Reverse;

/// What hardware makes of the demands.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Replicas that have a place, for each demand in the order in which they are to have one.
    pub served: Vec<u32>,
    /// What of more is better, always in the same order, such as each model's tokens per second and users; 0 where it is not known.
    pub gains: Vec<f64>,
}

/// So much faster, or for so many more, is more.
const MORE: f64 = 1.1;

impl Outcome {
    /// Whether it serves as much of what is to have a place first, and brings more replicas or a gain.
    fn beats(&self, other: &Self) -> bool {
        let mut replicas = self.served.iter().zip(&other.served);
        let mut gains = self.gains.iter().zip(&other.gains);
        self.served >= other.served
            && (replicas.any(|(one, other)| one > other)
                // Nothing is more than what is not known.
                || gains.any(|(one, other)| *other > 0.0 && *one >= MORE * other))
    }
}

/// Of changes in the order of their cost the positions of those that bring more than the hardware as it is and than every other that costs no
/// more and serves as much; first what serves most of what is to have a place first.
pub fn worth_telling<C: PartialEq>(today: &Outcome, tried: &[(C, Outcome)]) -> Vec<usize> {
    let mut worth: Vec<usize> = Vec::new();
    for (at, (cost, outcome)) in tried.iter().enumerate() {
        let cheaper = worth.iter().map(|other: &usize| &tried[*other].1);
        if cheaper.chain([today]).all(|other| outcome.beats(other)) {
            // Of two that cost the same the later may bring all that the first does.
            worth.retain(|other| {
                let (other_cost, other) = &tried[*other];
                other_cost != cost || other.beats(outcome)
            });
            worth.push(at);
        }
    }
    worth.sort_by_key(|at| Reverse(&tried[*at].1.served));
    worth
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worth(tried: &[(u32, [u32; 2], f64)]) -> Vec<usize> {
        let outcome = |served: [u32; 2], speed| Outcome {
            served: served.to_vec(),
            gains: vec![speed],
        };
        let tried = tried.iter();
        let tried: Vec<_> = tried
            .map(|(cost, served, speed)| (*cost, outcome(*served, *speed)))
            .collect();
        worth_telling(&outcome([1, 0], 10.0), &tried)
    }

    #[test]
    fn what_brings_nothing_more_is_not_told() {
        assert_eq!(worth(&[(1, [1, 0], 10.9), (2, [1, 0], 11.1)]), [1]);
        // The dearer one serves more; a third costs most and brings what the second does.
        let three = [(1, [1, 0], 12.0), (2, [1, 1], 12.0), (3, [1, 1], 12.0)];
        assert_eq!(worth(&three), [1, 0]);
        // Faster, but less of what is to have a place first.
        assert_eq!(worth(&[(1, [0, 5], 99.0)]), [0_usize; 0]);
    }

    #[test]
    fn of_two_that_cost_the_same_the_better_stands() {
        assert_eq!(worth(&[(1, [1, 0], 12.0), (1, [1, 0], 14.0)]), [1]);
        assert_eq!(worth(&[(1, [1, 0], 12.0), (2, [1, 0], 14.0)]), [0, 1]);
    }

    #[test]
    fn a_speed_is_no_gain_where_the_other_is_not_known() {
        let unknown = Outcome {
            served: vec![1],
            gains: vec![0.0],
        };
        let known = Outcome {
            gains: vec![9.0],
            ..unknown.clone()
        };
        assert!(worth_telling(&unknown, &[(1, known)]).is_empty());
    }
}
