//! `monitor` in the text format of Prometheus, version 0.0.4: the same in every language.

use crate::report::{Health, LoadedModel, Monitor, MonitoredGpu, MonitoredService};
use crate::sanitize::sanitize;

/// Names and values of the labels that tell the samples of a metric apart.
type Labels<'a> = Vec<(&'static str, &'a str)>;

/// One metric with its series.
struct Metric<'a> {
    name: &'static str,
    help: &'static str,
    series: Vec<(Labels<'a>, f64)>,
}

/// Every metric of which there is a value.
pub fn metrics(report: &Monitor) -> String {
    let numbers: Vec<String> = report.gpus.iter().map(|gpu| gpu.gpu.to_string()).collect();
    let gpus: Vec<(Labels<'_>, &MonitoredGpu)> = report
        .gpus
        .iter()
        .zip(&numbers)
        .map(|(gpu, number)| (of_gpu(gpu, number), gpu))
        .collect();
    let keys: Vec<[String; 2]> = report
        .services
        .iter()
        .map(|service| [service.replica.to_string(), service.port.to_string()])
        .collect();
    let services: Vec<(Labels<'_>, &MonitoredService)> = report
        .services
        .iter()
        .zip(&keys)
        .map(|(service, key)| (of_service(service, key), service))
        .collect();
    let all = std::iter::once(of_driver(report))
        .chain(of_gpus(&gpus))
        .chain(of_server(report))
        .chain(of_services(&services));
    all.map(|metric| metric.text()).collect()
}

fn of_gpu<'a>(gpu: &'a MonitoredGpu, number: &'a str) -> Labels<'a> {
    vec![
        ("host", &gpu.host),
        ("gpu", number),
        ("uuid", gpu.uuid.as_deref().unwrap_or_default()),
        ("name", &gpu.name),
    ]
}

/// Whether the GPUs' driver answers; nothing where there is none.
fn of_driver(report: &Monitor) -> Metric<'_> {
    let known = report.driver.is_some() || !report.gpus.is_empty();
    let up = match report.driver_silent {
        Some(_) => Some(0.0),
        None => (known && report.origin != "simulated").then_some(1.0),
    };
    Metric {
        name: "vramfit_gpu_driver_up",
        help: "Whether the driver of the GPUs answers.",
        series: up.map(|up| (Vec::new(), up)).into_iter().collect(),
    }
}

fn of_gpus<'a>(gpus: &[(Labels<'a>, &MonitoredGpu)]) -> Vec<Metric<'a>> {
    let metric = |name, help, value: &dyn Fn(&MonitoredGpu) -> Option<f64>| {
        Metric::of_each(gpus, name, help, value)
    };
    vec![
        metric(
            "vramfit_gpu_memory_total_bytes",
            "All memory of the GPU.",
            &|gpu| Some(gpu.total.0 as f64),
        ),
        metric(
            "vramfit_gpu_memory_reserved_bytes",
            "What the driver keeps.",
            &|gpu| Some(gpu.reserved.0 as f64),
        ),
        metric(
            "vramfit_gpu_memory_used_bytes",
            "What programs hold.",
            &|gpu| Some(gpu.used.0 as f64),
        ),
        metric("vramfit_gpu_memory_free_bytes", "What is left.", &|gpu| {
            Some(gpu.free.0 as f64)
        }),
        metric(
            "vramfit_gpu_utilization_ratio",
            "Part of the last moments in which the GPU computed.",
            &|gpu| Some(f64::from(gpu.utilization?) / 100.0),
        ),
        metric(
            "vramfit_gpu_temperature_celsius",
            "Temperature of the GPU.",
            &|gpu| gpu.temperature.map(f64::from),
        ),
        metric("vramfit_gpu_power_watts", "What the GPU draws.", &|gpu| {
            gpu.power
        }),
    ]
}

/// The server of this machine, and what it holds.
fn of_server(report: &Monitor) -> Vec<Metric<'_>> {
    let models = report.models.iter();
    let models: Vec<(Labels<'_>, &LoadedModel)> = models
        .map(|model| (vec![("tag", model.tag.as_str())], model))
        .collect();
    let model = |name, help, value: &dyn Fn(&LoadedModel) -> Option<f64>| {
        Metric::of_each(&models, name, help, value)
    };
    let up = report.ollama.iter().map(|server| {
        let answers = f64::from(u8::from(server.fault.is_none()));
        (vec![("address", server.address.as_str())], answers)
    });
    vec![
        Metric {
            name: "vramfit_ollama_up",
            help: "Whether the Ollama of this machine answers.",
            series: up.collect(),
        },
        model(
            "vramfit_model_memory_bytes",
            "What a loaded model takes, in all memory.",
            &|model| Some(model.size.0 as f64),
        ),
        model(
            "vramfit_model_gpu_memory_bytes",
            "What a loaded model takes on GPUs.",
            &|model| Some(model.size_vram.0 as f64),
        ),
        model(
            "vramfit_model_context_tokens",
            "Context of one request.",
            &|model| Some(f64::from(model.context_length)),
        ),
    ]
}

fn of_service<'a>(service: &'a MonitoredService, [replica, port]: &'a [String; 2]) -> Labels<'a> {
    vec![
        ("tag", &service.tag),
        ("replica", replica),
        ("host", &service.host),
        ("port", port),
    ]
}

fn of_services<'a>(services: &[(Labels<'a>, &MonitoredService)]) -> Vec<Metric<'a>> {
    let metric = |name, help, value: &dyn Fn(&MonitoredService) -> Option<f64>| {
        Metric::of_each(services, name, help, value)
    };
    let loaded = |service: &MonitoredService| service.loaded.clone();
    let expected = services.iter().flat_map(|(labels, service)| {
        let bounds = service.expected_speed.into_iter().flatten();
        ["low", "high"]
            .into_iter()
            .zip(bounds)
            .map(move |(bound, rate)| {
                let mut labels = labels.clone();
                labels.push(("bound", bound));
                (labels, rate)
            })
    });
    let expected = expected.collect();
    vec![
        metric(
            "vramfit_service_ready",
            "Whether a service of the plan serves as planned.",
            &|service| Some(f64::from(u8::from(service.health == Health::Ready))),
        ),
        metric(
            "vramfit_service_loaded",
            "Whether its model is loaded, wherever it lies.",
            &|service| Some(f64::from(u8::from(service.loaded.is_some()))),
        ),
        metric(
            "vramfit_service_memory_bytes",
            "What its model takes, in all memory.",
            &|service| Some(loaded(service)?.size.0 as f64),
        ),
        metric(
            "vramfit_service_gpu_memory_bytes",
            "What its model takes on GPUs.",
            &|service| Some(loaded(service)?.size_vram.0 as f64),
        ),
        metric(
            "vramfit_service_context_tokens",
            "Context of one request, as loaded.",
            &|service| Some(f64::from(loaded(service)?.context_length)),
        ),
        Metric {
            name: "vramfit_service_expected_tokens_per_second",
            help: "Tokens a second that the plan expects of one request while nobody else uses the GPUs.",
            series: expected,
        },
    ]
}

impl<'a> Metric<'a> {
    /// One series for each of what is labelled, where it has the value.
    fn of_each<T>(
        labelled: &[(Labels<'a>, &T)],
        name: &'static str,
        help: &'static str,
        value: &dyn Fn(&T) -> Option<f64>,
    ) -> Self {
        let series = labelled.iter();
        Self {
            name,
            help,
            series: series
                .filter_map(|(labels, one)| Some((labels.clone(), value(one)?)))
                .collect(),
        }
    }

    /// Empty where there is no series.
    fn text(&self) -> String {
        let name = self.name;
        if self.series.is_empty() {
            return String::new();
        }
        let series = self.series.iter().map(|(labels, value)| {
            let labels: Vec<String> = labels
                .iter()
                .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
                .collect();
            let labels = match labels.join(",") {
                none if none.is_empty() => none,
                labels => format!("{{{labels}}}"),
            };
            format!("{name}{labels} {value}\n")
        });
        let series: String = series.collect();
        format!("# HELP {name} {}\n# TYPE {name} gauge\n{series}", self.help)
    }
}

/// A label's value: what would steer a terminal is shown as its escape, as on pages.
fn escaped(value: &str) -> String {
    sanitize(value)
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
