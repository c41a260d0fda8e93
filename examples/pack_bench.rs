//! How long planning takes: `cargo run --release --example pack_bench [-- CASES]`.
//!
//! Small machines: random cases of 16 GPUs and 24 services from fixed seeds, with models of the catalog; the worst time, and how many were
//! proved. A fleet: 1,000 hosts of 8 GPUs and 5,000 services.

use std::time::{Duration, Instant};

use vramfit::catalog::Catalog;
use vramfit::catalog::Entry;
use vramfit::embedded;
use vramfit::engine::estimate_input::{EstimateInput, estimate_input};
use vramfit::engine::pack::simulate::simulate;
use vramfit::engine::pack::{Model, Objective, Problem, Replica, Solution, Watch, solve};
use vramfit::engine::place::{Device, GpuPool};
use vramfit::engine::workload::Workload;
use vramfit::error::Error;
use vramfit::units::Bytes;

/// Numbers that look random and are the same every time (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

fn device(host: u32, gpu: u32, gib: u64, used: u64) -> Device {
    Device {
        host,
        gpu,
        free: Bytes::gib(gib) - Bytes::mib(400 + used),
        reserve: Bytes::ZERO,
        overhead: Bytes::mib(500),
        flash_attention: true,
        cuda: true,
        partition: false,
    }
}

/// Whose GPUs a case has: all alike, of few kinds, of many, or each with another program's memory on it.
fn devices(numbers: &mut Numbers, style: usize) -> Vec<Device> {
    let all = [8, 12, 16, 24, 32, 40, 48, 80];
    let few = [numbers.pick(&all), numbers.pick(&all)];
    (0..16)
        .map(|at| {
            let gib = match style {
                0 => few[0],
                1 => few[at as usize % 2],
                _ => numbers.pick(&all),
            };
            let used = if style == 3 {
                numbers.below(6000) as u64
            } else {
                0
            };
            device(0, at, gib, used)
        })
        .collect()
}

struct Case {
    time: Duration,
    solution: Solution,
    name: String,
}

fn small(subjects: &[EstimateInput<'_>], seed: u64) -> Case {
    let mut numbers = Numbers(seed);
    let style = numbers.below(4);
    let devices = devices(&mut numbers, style);
    let usable: u64 = devices.iter().map(|device| device.usable().0).sum();
    // From roomy to hopeless: the mean service takes this part of a GPU's fair share, in percent.
    let fill = numbers.pick(&[40, 70, 90, 100, 110, 130, 180]);
    let share = usable / 24 * fill / 100;
    let mut near: Vec<&EstimateInput<'_>> = subjects
        .iter()
        .filter(|input| input.weights.in_file().0 < share * 2)
        .collect();
    if near.is_empty() {
        near.extend(subjects.iter().take(20));
    }
    let different = numbers.pick(&[2, 6, 24]);
    let models: Vec<Model<'_>> = (0..different)
        .map(|_| Model {
            shape: numbers.pick(&near).shape(),
            workload: Workload {
                context_length: numbers.pick(&[2048, 4096, 8192, 16_384]),
                ..Workload::default()
            },
        })
        .collect();
    let items = (0..24).map(|at| Replica {
        model: at % different,
        devices: None,
        label: 0,
        anti_affinity: Vec::new(),
        priority: 0,
    });
    let pool = GpuPool {
        devices,
        hosts: vec![None],
        ..GpuPool::default()
    };
    let problem = Problem {
        pool: &pool,
        models,
        items: items.collect(),
        excluded: Vec::new(),
        keep_free: 0,
        objective: Objective::Spread,
        watch: Watch::default(),
    };
    let start = Instant::now();
    let solution = solve(&problem);
    Case {
        time: start.elapsed(),
        name: format!("seed {seed}, style {style}, {different} models, {fill} %"),
        solution,
    }
}

/// Services that are known to fit: models put on random GPUs while there is room, some of them split first.
fn planted(subjects: &[EstimateInput<'_>], seed: u64) -> (Case, usize) {
    let mut numbers = Numbers(seed ^ 0xabcd);
    let style = numbers.below(4);
    let pool = GpuPool {
        devices: devices(&mut numbers, style),
        hosts: vec![None],
        ..GpuPool::default()
    };
    let usable = pool.devices.iter().map(|device| device.usable().0).max();
    let most = usable.unwrap_or(0);
    let near: Vec<&EstimateInput<'_>> = subjects
        .iter()
        .filter(|input| (most / 20..most * 2).contains(&input.weights.in_file().0))
        .collect();
    let mut problem = Problem {
        pool: &pool,
        models: Vec::new(),
        items: Vec::new(),
        excluded: Vec::new(),
        keep_free: 0,
        objective: Objective::Spread,
        watch: Watch::default(),
    };
    let mut places = Vec::new();
    for attempt in 0..3000 {
        if problem.items.len() == 24 {
            break;
        }
        problem.models.push(Model {
            shape: numbers.pick(&near).shape(),
            workload: Workload {
                context_length: numbers.pick(&[2048, 4096, 8192]),
                ..Workload::default()
            },
        });
        problem.items.push(Replica {
            model: problem.models.len() - 1,
            devices: None,
            label: 0,
            anti_affinity: Vec::new(),
            priority: 0,
        });
        let mut set: Vec<usize> = (0..16).collect();
        // Splits start first, so they are put first.
        while set.len() > if attempt < 6 { 2 } else { 1 } {
            set.remove(numbers.below(set.len()));
        }
        places.push(Some(set));
        let order: Vec<usize> = (0..places.len()).collect();
        if simulate(&problem, &places, &order).is_none() {
            problem.models.pop();
            problem.items.pop();
            places.pop();
        }
    }
    let start = Instant::now();
    let solution = solve(&problem);
    let case = Case {
        time: start.elapsed(),
        name: format!("planted seed {seed}, style {style}"),
        solution,
    };
    (case, problem.items.len())
}

/// Models of at least so many GiB.
fn fleet(subjects: &[EstimateInput<'_>], least: u64) -> Case {
    let mut numbers = Numbers(7);
    let kinds = [16, 24, 24, 24, 48, 80];
    let mut devices = Vec::new();
    for host in 0..1000 {
        let gib = numbers.pick(&kinds);
        devices.extend((0..8).map(|gpu| device(host, gpu, gib, 0)));
    }
    let usable: u64 = devices.iter().map(|device| device.usable().0).sum();
    let near: Vec<&EstimateInput<'_>> = subjects
        .iter()
        .filter(|input| (Bytes::gib(least).0..usable / 2500).contains(&input.weights.in_file().0))
        .collect();
    let models: Vec<Model<'_>> = (0..60)
        .map(|_| Model {
            shape: numbers.pick(&near).shape(),
            workload: Workload::default(),
        })
        .collect();
    let items = (0..5000).map(|_| Replica {
        model: numbers.below(models.len()),
        devices: None,
        label: 0,
        anti_affinity: Vec::new(),
        priority: 0,
    });
    let items = items.collect();
    let pool = GpuPool {
        devices,
        hosts: vec![None; 1000],
        ..GpuPool::default()
    };
    let problem = Problem {
        pool: &pool,
        models,
        items,
        excluded: Vec::new(),
        keep_free: 0,
        objective: Objective::Spread,
        watch: Watch::default(),
    };
    let start = Instant::now();
    let solution = solve(&problem);
    Case {
        time: start.elapsed(),
        name: format!("1,000 hosts of 8 GPUs, 5,000 services of {least} GiB or more"),
        solution,
    }
}

fn subjects(catalog: &Catalog) -> Vec<EstimateInput<'_>> {
    let entries = catalog.models.iter().flat_map(|model| {
        let variants = model.variants.iter();
        variants.map(move |variant| Entry::new(model, variant))
    });
    entries
        .filter_map(|entry| estimate_input(catalog, entry))
        .collect()
}

#[allow(clippy::print_stdout)] // What an example is for.
fn main() -> Result<(), Error> {
    let cases = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(400);
    let catalog = embedded::catalog()?;
    let subjects = subjects(&catalog);
    let mut results: Vec<Case> = (0..cases).map(|seed| small(&subjects, seed)).collect();
    results.sort_by_key(|case| std::cmp::Reverse(case.time));
    let open = results.iter().filter(|case| !case.solution.optimal).count();
    let all: Duration = results.iter().map(|case| case.time).sum();
    println!(
        "{cases} cases of 16 GPUs and 24 services: mean {:?}, {open} not proved",
        all / cases as u32
    );
    for case in results.iter().take(10) {
        let solution = &case.solution;
        println!(
            "  {:?}  placed {} of at most {}, {} GPUs in splits, proved: {}  ({})",
            case.time,
            solution.placed(),
            solution.bound,
            solution.split(),
            solution.optimal,
            case.name
        );
    }
    for case in results.iter().filter(|case| !case.solution.optimal) {
        println!(
            "  open: placed {} of at most {}  ({})",
            case.solution.placed(),
            case.solution.bound,
            case.name
        );
    }
    let mut results: Vec<(Case, usize)> = (0..cases).map(|seed| planted(&subjects, seed)).collect();
    results.sort_by_key(|(case, _)| std::cmp::Reverse(case.time));
    let found = results
        .iter()
        .filter(|(case, wanted)| case.solution.placed() == *wanted);
    println!(
        "{} of {cases} cases that are known to fit were found; the slowest:",
        found.count()
    );
    for (case, wanted) in results
        .iter()
        .filter(|(case, wanted)| case.solution.placed() < *wanted)
    {
        println!(
            "  missed: {} of {wanted}  ({})",
            case.solution.placed(),
            case.name
        );
    }
    for (case, wanted) in results.iter().take(3) {
        println!(
            "  {:?}  {wanted} services, {} GPUs in splits  ({})",
            case.time,
            case.solution.split(),
            case.name
        );
    }
    for least in [0, 12, 24] {
        let case = fleet(&subjects, least);
        println!(
            "{}: {:?}, placed {} of at most {}, proved: {}",
            case.name,
            case.time,
            case.solution.placed(),
            case.solution.bound,
            case.solution.optimal
        );
    }
    Ok(())
}
