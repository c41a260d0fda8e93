//! Laws that hold whatever the model, the settings and the hardware.

use std::sync::LazyLock;

use proptest::prelude::*;
use vramfit_core::architecture::{LayerKind, Layers};
use vramfit_core::catalog::Entry;
use vramfit_core::catalog::model::Model;
use vramfit_core::engine::estimate::{Assignment, allocate};
use vramfit_core::engine::estimate_input::{EstimateInput, estimate_input};
use vramfit_core::engine::place::{
    Device, GpuPool, MARGIN, Placement, PlacementKind, Verdict, least_split, place, split_over,
};
use vramfit_core::engine::ranking::{Request, Scope};
use vramfit_core::engine::usual_need::surely_fits;
use vramfit_core::engine::workload::{Build, CacheFault, FlashAttention, Workload};
use vramfit_core::quantization::KvCacheType;
use vramfit_core::request::Task;
use vramfit_core::units::Bytes;

use super::CATALOG;

/// Every model of the catalog that can be estimated, its default file.
static SUBJECTS: LazyLock<Vec<EstimateInput<'static>>> = LazyLock::new(|| {
    let of = |model: &'static _| {
        let model: &Model = model;
        estimate_input(&CATALOG, Entry::new(model, model.variants.first()?))
    };
    CATALOG.models.iter().filter_map(of).collect()
});

fn a_subject() -> impl Strategy<Value = &'static EstimateInput<'static>> {
    any::<prop::sample::Index>().prop_map(|index| index.get(&SUBJECTS))
}

fn settings() -> impl Strategy<Value = Workload> {
    let context = prop_oneof![1u32..200_000, Just(4096), Just(8192), Just(131_072)];
    let batch = prop::option::of(prop_oneof![Just(256u32), Just(512), Just(1024), Just(2048)]);
    let attention = prop_oneof![Just(FlashAttention::Auto), Just(FlashAttention::Off)];
    let kind = prop::sample::select(KvCacheType::DOCUMENTED.to_vec());
    let build = prop::sample::select(Build::ALL.to_vec());
    (context, 1u32..9, kind, batch, attention, build).prop_map(
        |(context_length, parallel, kv_cache_type, batch, flash_attention, build)| Workload {
            context_length,
            parallel,
            kv_cache_type,
            batch,
            flash_attention,
            build,
            ..Workload::default()
        },
    )
}

const DEVICE: Device = Device {
    host: 0,
    gpu: 0,
    free: Bytes::ZERO,
    reserve: Bytes::ZERO,
    overhead: Bytes::mib(512),
    flash_attention: true,
    cuda: true,
    partition: false,
};

fn device() -> impl Strategy<Value = Device> {
    (512u64..200_000, any::<bool>()).prop_map(|(free, cuda)| Device {
        free: Bytes::mib(free),
        cuda,
        ..DEVICE
    })
}

fn pool() -> impl Strategy<Value = GpuPool> {
    let memory = prop::option::of((1u64..400).prop_map(Bytes::gib));
    (prop::collection::vec(device(), 1..6), memory).prop_map(|(devices, memory)| GpuPool {
        devices: numbered(devices),
        hosts: vec![memory],
        ..GpuPool::default()
    })
}

fn numbered(devices: Vec<Device>) -> Vec<Device> {
    let number = |(at, device): (usize, Device)| Device {
        gpu: at as u32,
        ..device
    };
    devices.into_iter().enumerate().map(number).collect()
}

fn alone(input: &EstimateInput<'_>, workload: &Workload) -> Bytes {
    let blocks = input.architecture.block_count;
    let allocation = allocate(input.shape(), workload, &Assignment::single(blocks));
    allocation.gpus[0].total()
}

fn within(placement: &Placement, pool: &GpuPool) -> Result<(), TestCaseError> {
    for share in &placement.shares {
        let device = &pool.devices[share.device];
        let most = match placement.verdict {
            Verdict::Fits | Verdict::Offloads => device.usable(),
            Verdict::Tight => device.limit(),
            Verdict::DoesNotFit => Bytes(u64::MAX),
        };
        prop_assert!(share.total() <= most, "{placement:?}");
    }
    if matches!(placement.verdict, Verdict::Fits | Verdict::Offloads) {
        for (share, claim) in placement.shares.iter().zip(placement.claims()) {
            prop_assert!(
                claim <= pool.devices[share.device].usable(),
                "{placement:?}"
            );
        }
    }
    if placement.verdict == Verdict::Offloads {
        let memory = pool.hosts[0].unwrap_or_default();
        prop_assert!(placement.allocation.host.total() <= memory);
    }
    Ok(())
}

/// What is known before anybody asks: on one GPU of 24 GiB it must tell most of the models that fit there.
#[test]
fn most_models_that_fit_are_known_to() {
    let pool = GpuPool {
        devices: vec![Device {
            free: Bytes::gib(24),
            ..DEVICE
        }],
        hosts: vec![None],
        ..GpuPool::default()
    };
    let request = Request::new(Task::Chat, Workload::default(), Scope::All);
    let (mut fit, mut known) = (0, 0);
    for model in &CATALOG.models {
        let entry = model.variants.first().map(|file| Entry::new(model, file));
        let Some(input) = entry.and_then(|entry| estimate_input(&CATALOG, entry)) else {
            continue;
        };
        let workload = trained(model, &request.workload);
        fit += i32::from(place(input.shape(), &workload, &pool).verdict == Verdict::Fits);
        known += i32::from(surely_fits(model, &request, &pool));
    }
    assert!(fit > 300 && known * 10 > fit * 9, "{known} of {fit}");
}

/// A model's settings: a context that it was not trained for is none of its own.
fn trained(model: &Model, workload: &Workload) -> Workload {
    let most = model.context_length.unwrap_or(u32::MAX);
    Workload {
        context_length: workload.context_length.min(most),
        ..*workload
    }
}

/// What repeats is counted once, and comes out as if each block were asked for, in every shape that is known and with other rhythms.
#[test]
fn forms_are_those_of_the_blocks() {
    let mut repeat = 0;
    for known in &CATALOG.architectures {
        for (every, step) in [(0, 1), (2, 1), (3, 2), (6, 4)] {
            let mut shape = known.shape.clone();
            if let Some(experts) = &mut shape.experts {
                experts.step = step;
            }
            if let Some(sliding) = &mut shape.sliding
                && every > 0
            {
                sliding.layers = Layers::AllButEvery(every);
            }
            let blocks = shape.block_count + 2;
            let each: Vec<LayerKind> = (0..blocks).map(|layer| shape.form(layer)).collect();
            let forms: Vec<LayerKind> = shape.forms(blocks).iter().copied().collect();
            assert_eq!(forms, each, "{} {every} {step}", known.name);
            repeat += i32::from(each[0] != each[1] && each[0] == each[2]);
        }
    }
    assert!(repeat > 20, "{repeat} shapes take turns");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// What is known to fit before anybody asks fits, with no byte to spare, too.
    #[test]
    fn what_surely_fits_fits(
        at in any::<prop::sample::Index>(), smallest in any::<bool>(), long in any::<bool>(), shorter in 0u32..8192,
        build in prop::sample::select(Build::ALL.to_vec()), overhead in 0u64..1024, other in device(),
    ) {
        let model = at.get(&CATALOG.models);
        let mut model = model.clone();
        // Each is told by its own need alone.
        let need = match smallest {
            true => std::mem::take(&mut model.usual_need).and(model.least_need),
            false => { model.least_need = None; model.usual_need }
        };
        let Some([short, full]) = need else { return Ok(()) };
        let (most, need) = if long { (32_768, full) } else { (8192, short) };
        let overhead = Bytes::mib(overhead);
        let enough = Device { free: need + overhead + MARGIN, overhead, ..DEVICE };
        let mut pool = GpuPool { devices: vec![enough, other], hosts: vec![None], ..GpuPool::default() };
        let workload = Workload { context_length: most - shorter, build, ..Workload::default() };
        let request = Request::new(Task::Chat, workload, Scope::All);
        prop_assert!(surely_fits(&model, &request, &pool));
        let file = match smallest {
            true => model.variants.iter().filter(|file| file.weights.is_some()).min_by_key(|file| file.weights),
            false => model.variants.first(),
        };
        let entry = Entry::new(&model, file.expect("a file"));
        let input = estimate_input(&CATALOG, entry).expect("a need is of an estimate");
        let placement = place(input.shape(), &trained(&model, &workload), &pool);
        prop_assert_eq!(placement.verdict, Verdict::Fits);
        // A byte less says nothing.
        pool.devices.truncate(1);
        pool.devices[0].free -= Bytes(1);
        prop_assert!(!surely_fits(&model, &request, &pool));
    }

    #[test]
    fn more_context_never_needs_less(input in a_subject(), workload in settings(), more in 1u32..100_000) {
        let workload = Workload { batch: Some(workload.batch.unwrap_or(512)), ..workload };
        let longer = Workload { context_length: workload.context_length + more, ..workload };
        prop_assert!(alone(input, &longer) >= alone(input, &workload));
    }

    #[test]
    fn twice_the_slots_never_need_less(input in a_subject(), workload in settings()) {
        // One more may: without a cache, a batch of 512 takes 513 tokens for three slots and 512 for four.
        let workload = Workload { batch: Some(workload.batch.unwrap_or(512)), ..workload };
        let more = Workload { parallel: workload.parallel * 2, ..workload };
        prop_assert!(alone(input, &more) >= alone(input, &workload));
    }

    #[test]
    fn a_larger_batch_never_needs_less(input in a_subject(), workload in settings()) {
        let small = Workload { batch: Some(512), ..workload };
        let large = Workload { batch: Some(1024), ..workload };
        prop_assert!(alone(input, &large) >= alone(input, &small));
    }

    #[test]
    fn a_quantised_cache_is_never_larger(input in a_subject(), workload in settings()) {
        let cache = |kv_cache_type| {
            let workload = Workload { kv_cache_type, flash_attention: FlashAttention::On, ..workload };
            let blocks = input.architecture.block_count;
            allocate(input.shape(), &workload, &Assignment::single(blocks)).gpus[0].kv_cache
        };
        prop_assert!(cache(KvCacheType::Q8_0) <= cache(KvCacheType::F16));
        prop_assert!(cache(KvCacheType::Q4_0) <= cache(KvCacheType::Q8_0));
    }

    #[test]
    fn every_byte_of_the_weights_lies_somewhere(input in a_subject(), free in prop::collection::vec(1u64..100, 1..5), layers in 0u32..200) {
        let free: Vec<Bytes> = free.into_iter().map(Bytes::gib).collect();
        let assignment = Assignment::offload(&input.architecture, &free, layers);
        let allocation = allocate(input.shape(), &Workload::default(), &assignment);
        let gpus: Bytes = allocation.gpus.iter().map(|gpu| gpu.weights).sum();
        let all = gpus + allocation.host.weights;
        let twice = if input.weights.tied && assignment.output.is_some() { input.weights.token_embd } else { Bytes::ZERO };
        prop_assert_eq!(all, input.weights.in_file() + twice);
    }

    #[test]
    fn a_placement_never_exceeds_a_device(input in a_subject(), workload in settings(), pool in pool()) {
        let placement = place(input.shape(), &workload, &pool);
        within(&placement, &pool)?;
        prop_assert_eq!(placement.kind == PlacementKind::DoesNotFit, placement.verdict == Verdict::DoesNotFit);
        // A cache that the engine refuses is no lack of memory.
        let fault = placement.workload.cache_fault(&input.architecture);
        if !fault.is_some_and(CacheFault::refuses) {
            prop_assert_eq!(placement.shortfall == Bytes::ZERO, matches!(placement.verdict, Verdict::Fits | Verdict::Offloads));
        }
    }

    #[test]
    fn more_gpus_never_worsen_a_verdict(input in a_subject(), workload in settings(), pool in pool(), another in device()) {
        let before = place(input.shape(), &workload, &pool).verdict;
        let mut devices = pool.devices.clone();
        devices.push(another);
        let larger = GpuPool { devices: numbered(devices), ..pool };
        let after = place(input.shape(), &workload, &larger).verdict;
        prop_assert!(after >= before, "{before:?} became {after:?}");
    }

    #[test]
    fn more_memory_never_worsens_a_verdict(input in a_subject(), workload in settings(), pool in pool(), more in 1u64..50_000, which in any::<prop::sample::Index>()) {
        let workload = Workload { batch: Some(workload.batch.unwrap_or(512)), ..workload };
        let before = place(input.shape(), &workload, &pool).verdict;
        let mut larger = pool.clone();
        let at = which.index(larger.devices.len());
        larger.devices[at].free += Bytes::mib(more);
        let after = place(input.shape(), &workload, &larger).verdict;
        prop_assert!(after >= before, "{before:?} became {after:?}");
    }

    #[test]
    fn no_split_takes_less_than_the_least(input in a_subject(), workload in settings(), devices in prop::collection::vec(device(), 2..6)) {
        // A proof that no plan serves more rests on it. Parts of one size were taken for the least before, which some hundred cases refute.
        let pool = GpuPool { devices: numbered(devices), hosts: vec![None], ..GpuPool::default() };
        let all: Vec<usize> = (0..pool.devices.len()).collect();
        let split = split_over(input.shape(), &workload, &pool, &all);
        prop_assume!(split.shares.len() > 1 && split.shares.iter().all(|share| share.is_used()));
        let (least, piece) = least_split(input.shape(), &workload, &pool.devices);
        let claims: Vec<Bytes> = split.claims().collect();
        let sum: Bytes = claims.iter().copied().sum();
        prop_assert!(sum >= least, "{sum} of {claims:?}, least {least}");
        prop_assert!(claims.iter().all(|claim| *claim >= piece), "{claims:?}, piece {piece}");
    }

    #[test]
    fn the_same_question_has_the_same_answer(input in a_subject(), workload in settings(), pool in pool()) {
        prop_assert_eq!(place(input.shape(), &workload, &pool), place(input.shape(), &workload, &pool));
    }
}

#[test]
fn a_host_holds_what_is_left_and_no_more() {
    let entry = CATALOG.find("llama3.3:70b").expect("a tag");
    let input = estimate_input(&CATALOG, entry).expect("a input");
    let card = Device {
        host: 0,
        gpu: 0,
        free: Bytes::gib(24),
        reserve: Bytes::ZERO,
        overhead: Bytes::mib(512),
        flash_attention: true,
        cuda: true,
        partition: false,
    };
    let pool = |memory| GpuPool {
        devices: vec![card],
        hosts: vec![Some(Bytes::gib(memory))],
        ..GpuPool::default()
    };
    let verdict = |memory| place(input.shape(), &Workload::default(), &pool(memory)).verdict;
    // Some 42 GB of weights: more than the host has, less than host and GPU have together.
    assert_eq!(verdict(28), Verdict::Offloads);
    assert_eq!(verdict(16), Verdict::DoesNotFit);
}
