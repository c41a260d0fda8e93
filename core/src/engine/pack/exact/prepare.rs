//! What the search wants to know of a problem, found once before it starts.

use std::collections::BTreeSet;

use super::super::Problem;
use super::super::cost::CostCache;
use super::super::tenants::classes;
use super::input::{LabelBits, SearchInput, SearchItem};
use super::sets::{State, sets};
use crate::units::Bytes;

impl SearchInput {
    pub(super) fn new(problem: &Problem<'_>, costs: &mut CostCache<'_>) -> Self {
        let pool = problem.pool;
        let devices: Vec<usize> = (0..pool.devices.len())
            .filter(|at| !problem.excluded.contains(at))
            .collect();
        // Sets of devices are bits: there are at most 16.
        let open: u64 = devices.iter().map(|at| 1 << at).sum();
        let allowed: Vec<u64> = problem
            .items
            .iter()
            .map(|item| match &item.devices {
                Some(pins) => open & pins.iter().fold(0, |mask, at| mask | 1 << at),
                None => open,
            })
            .collect();
        let host: Vec<usize> = pool.devices.iter().map(|one| one.host as usize).collect();
        let mut input = Self {
            items: Vec::new(),
            class: classes(problem, costs),
            usable: pool.devices.iter().map(|device| device.usable()).collect(),
            devices,
            host,
            partition: pool.devices.iter().map(|one| one.partition).collect(),
            spread: pool.spread,
        };
        // Only labels that matter: any other bit would tell GPUs apart that are the same to everybody.
        let avoided = problem.items.iter().flat_map(|item| &item.anti_affinity);
        let avoided: BTreeSet<usize> = avoided.map(|(label, _)| *label).collect();
        let labels: Vec<usize> = avoided.into_iter().collect();
        for (position, wanted) in problem.items.iter().enumerate() {
            let anti_affinity = LabelBits::new(wanted, &labels);
            let allowed = allowed[position];
            let item = input.item(costs, position, wanted.model, allowed, anti_affinity);
            input.items.push(item);
        }
        let size = |item: &SearchItem| item.want(false).least;
        // The largest first, since they have the fewest places; equal ones side by side, which twins rest on.
        input.items.sort_by_key(|item| {
            (
                std::cmp::Reverse(size(item)),
                item.model,
                item.allowed,
                item.anti_affinity,
                item.position,
            )
        });
        input.relate();
        input
    }

    fn item(
        &self,
        costs: &mut CostCache<'_>,
        position: usize,
        model: usize,
        allowed: u64,
        anti_affinity: LabelBits,
    ) -> SearchItem {
        let single: Vec<Option<Bytes>> = (0..self.host.len())
            .map(|at| {
                // Where services are spread, one GPU is enough only if there is no other that one process could use with it.
                let may = allowed & 1 << at != 0
                    && (!self.spread
                        || self.partition[at]
                        || self.allowed_on(allowed, self.host[at]) == 1);
                may.then(|| costs.single(model, costs.kind[at])).flatten()
            })
            .collect();
        let least_single = single.iter().flatten().min().copied();
        let (least_split, piece) = costs.least_split(model);
        let mut item = SearchItem {
            position,
            piece,
            least_split,
            model,
            allowed,
            whole: least_single.is_some(),
            least_single: least_single.unwrap_or_default(),
            single,
            fewest: None,
            anti_affinity,
            twin: false,
        };
        if !item.whole {
            item.fewest = self.fewest(costs, &item);
        }
        item
    }

    fn allowed_on(&self, allowed: u64, host: usize) -> usize {
        let on_host = (0..self.host.len()).filter(|at| self.host[*at] == host);
        on_host
            .filter(|at| allowed & 1 << at != 0 && !self.partition[*at])
            .count()
    }

    /// The fewest empty GPUs that hold a model together.
    fn fewest(&self, costs: &mut CostCache<'_>, item: &SearchItem) -> Option<usize> {
        let empty = State::empty(self.host.len());
        // While nobody else is there: with others no fewer suffice.
        (2..=self.devices.len()).find(|count| {
            let (sets, complete) = sets(self, &empty, item, *count);
            // Among sets that were not looked at one may hold it: then this is only a bound.
            !complete
                || sets.iter().any(|set| {
                    let set_state = set.iter().map(|at| (costs.kind[*at], Bytes::ZERO));
                    costs.several(item.model, set_state.collect()).is_some()
                })
        })
    }
}
