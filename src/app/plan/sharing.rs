//! Who is on which GPU: what sharing costs in speed, and what a lost GPU stops.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::{FailureImpact, Plan, Service, ServiceName, Speed};

/// Tells every service with whom it shares GPUs, and how fast it is while all of them are busy. Processes take turns on a GPU, so of several
/// busy ones each has its part of the time.
pub(super) fn tell(services: &mut [Service]) {
    let mut tenants: BTreeMap<(String, u32), Vec<usize>> = BTreeMap::new();
    for (at, service) in services.iter().enumerate() {
        for gpu in &service.gpus {
            let key = (service.host.clone(), gpu.gpu);
            tenants.entry(key).or_default().push(at);
        }
    }
    let names: Vec<ServiceName> = services.iter().map(Service::name).collect();
    for (at, service) in services.iter_mut().enumerate() {
        let mut others: BTreeSet<usize> = BTreeSet::new();
        // Of a split each GPU counts by its bytes: a token takes the longer there, the more of them it reads.
        let (mut bytes, mut turns) = (0.0, 0.0);
        for gpu in &service.gpus {
            let here = &tenants[&(service.host.clone(), gpu.gpu)];
            others.extend(here.iter().copied().filter(|other| *other != at));
            bytes += gpu.bytes.0 as f64;
            turns += gpu.bytes.0 as f64 * here.len() as f64;
        }
        service.shares_with = others.iter().map(|other| names[*other].clone()).collect();
        let slower = (!others.is_empty() && bytes > 0.0).then(|| turns / bytes);
        let alone = service.speed.as_ref();
        service.speed_all_busy = slower.and_then(|factor| Some(slowed(alone?, factor)));
    }
}

fn slowed(speed: &Speed, factor: f64) -> Speed {
    Speed {
        decode: speed.decode.map(|rate| rate / factor),
        aggregate: speed.aggregate.map(|band| band.map(|rate| rate / factor)),
        prefill: speed.prefill.map(|band| band.map(|rate| rate / factor)),
        time_to_first_token: speed
            .time_to_first_token
            .map(|band| band.map(|seconds| seconds * factor)),
        ..speed.clone()
    }
}

/// What stops when a GPU fails, for every GPU in use.
pub(super) fn losses(plan: &Plan) -> Vec<FailureImpact> {
    let mut served: BTreeMap<(&str, u32), Vec<&Service>> = BTreeMap::new();
    let mut replicas: BTreeMap<&str, usize> = BTreeMap::new();
    for service in &plan.services {
        *replicas.entry(&service.tag).or_default() += 1;
        for gpu in &service.gpus {
            served
                .entry((&service.host, gpu.gpu))
                .or_default()
                .push(service);
        }
    }
    let loss = |((host, gpu), services): ((&str, u32), Vec<&Service>)| {
        let tags: BTreeSet<&str> = services
            .iter()
            .map(|service| service.tag.as_str())
            .collect();
        let here = |tag: &str| services.iter().filter(|service| service.tag == tag).count();
        // A replica elsewhere goes on serving the tag.
        let gone = tags
            .iter()
            .filter(|tag| replicas.get(**tag) == Some(&here(tag)));
        FailureImpact {
            host: host.to_owned(),
            gpu,
            gone: gone.map(|tag| (*tag).to_owned()).collect(),
            services: services.iter().map(|service| service.name()).collect(),
        }
    };
    served.into_iter().map(loss).collect()
}
