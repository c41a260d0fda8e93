//! Why each thing fails with real Ollama.

use crate::lang::Lang;
use crate::lint::Problem;

mod commands;
mod files;
mod reach;
mod settings;

use commands::*;
use files::*;
use reach::*;
use settings::*;

#[expect(clippy::too_many_lines, reason = "one arm a problem")]
pub(crate) fn problem(lang: Lang, problem: &Problem) -> String {
    use Problem as P;
    match problem {
        P::ServeFlag { flag } => serve_flag(lang, flag),
        P::ServeBesideService => serve_beside_service(lang),
        P::PortTaken { port, taken_at } => port_taken(lang, *port, *taken_at),
        P::CopiesAtPort { port, copies } => copies_at_port(lang, *port, *copies),
        P::ClientVariable { variable } => client_variable(lang, variable),
        P::ClientPort { port } => client_port(lang, *port),
        P::BackgroundRun => background_run(lang),
        P::ClientFlag { flag, instead } => client_flag(lang, flag, instead),
        P::KeepaliveUnit { value } => keepalive_unit(lang, value),
        P::NotExported { variable } => not_exported(lang, variable),
        P::NumericGpuIds { variable } => numeric_gpu_ids(lang, variable),
        P::NoContextLength => no_context_length(lang),
        P::GpuOverhead => gpu_overhead(lang),
        P::UnknownVariable {
            variable,
            instead,
            hint,
            candidates,
        } => unknown_variable(lang, variable, instead.as_deref(), *hint, candidates),
        P::BadValue { variable, value } => bad_value(lang, variable, value),
        P::ReadAsOn { variable, value } => read_as_on(lang, variable, value),
        P::Unexpanded { variable, value } => unexpanded(lang, variable, value),
        P::NotText => not_text(lang),
        P::BadParameter { parameter, value } => bad_parameter(lang, parameter, value),
        P::TargetPath { address, right } => target_path(lang, address, right),
        P::CacheNeedsFlashAttention { kv_cache_type } => {
            cache_needs_flash_attention(lang, kv_cache_type)
        }
        P::OpenPort { address } => open_port(lang, address),
        P::PublicTunnel { program } => public_tunnel(lang, program),
        P::UnpublishedTag { tag, instead } => unpublished_tag(lang, tag, instead),
        P::UnknownTag { tag, candidates } => unknown_tag(lang, tag, candidates),
        P::Netstat => netstat(lang),
        P::ProcessName => process_name(lang),
        P::NoMetrics => no_metrics(lang),
        P::InlineComment { comment } => inline_comment(lang, comment),
        P::UnknownParameter {
            parameter,
            instead,
            candidates,
        } => unknown_parameter(lang, parameter, instead.as_deref(), candidates),
        P::NoFrom => no_from(lang),
        P::ContextBeyondTraining {
            tag,
            context,
            trained,
        } => context_beyond_training(lang, tag, *context, *trained),
        P::HostHeader => host_header(lang),
        P::ProxyBuffering => proxy_buffering(lang),
        P::ShortTimeout { seconds } => short_timeout(lang, *seconds),
        P::BodySize => body_size(lang),
        P::MixedPool { upstream, models } => mixed_pool(lang, upstream, models),
        P::ContainerGpuVariable { variable } => container_gpu_variable(lang, variable),
        P::CountAndDeviceIds => count_and_device_ids(lang),
        P::HealthcheckCurl => healthcheck_curl(lang),
        P::ImageNotPinned { image } => image_not_pinned(lang, image),
        P::PreloadInUnit => preload_in_unit(lang),
        P::Overcommitted {
            models,
            need,
            usable,
        } => overcommitted(lang, models, *need, *usable),
        P::Evicts { tag, need, usable } => evicts(lang, tag, *need, *usable),
        P::DriverTooOld { driver, least } => driver_too_old(lang, driver, least),
        P::GpuTooOld {
            gpu,
            compute_capability,
        } => gpu_too_old(lang, gpu, compute_capability),
        P::DriverUnusable { note } => driver_unusable(lang, note),
        P::CardFull { gpu, free } => card_full(lang, *gpu, *free),
        P::NotUnderstood { what } => not_understood(lang, what),
        P::Syntax { reason } => syntax(lang, reason),
        P::OpenQuote { effect } => open_quote(lang, *effect),
        P::NotRead { file } => not_read(lang, file),
        P::TooMany => too_many(lang),
        P::OutsideSection { key, section } => outside_section(lang, key, section.as_deref()),
        P::SeveralStarts => several_starts(lang),
        P::BadAssignment { words } => bad_assignment(lang, words),
        P::UnknownKey {
            key,
            section,
            candidates,
        } => unknown_key(lang, key, section, candidates),
        P::IgnoredValue { key, value, takes } => ignored_value(lang, key, value, takes),
        P::NotPassed { variable } => not_passed(lang, variable),
        P::ProfileVariable { variable } => profile_variable(lang, variable),
        P::Overridden {
            variable,
            value,
            line,
        } => overridden(lang, variable, value, *line),
        P::Contradiction {
            variable,
            value,
            other,
            other_value,
        } => contradiction(lang, variable, value, other, other_value),
        P::OpenOrigins => open_origins(lang),
        P::NoVolume { path } => no_volume(lang, path),
        P::MemoryLimit { limit, need } => memory_limit(lang, *limit, *need),
        P::ClientContext {
            tag,
            context,
            other,
        } => client_context(lang, tag, *context, *other),
        P::TargetAddress { address } => target_address(lang, address),
        P::KnownPassword { key } => known_password(lang, key),
        P::WrongPort { address, ports } => wrong_port(lang, address, ports),
        P::UnservedPort { port, ports } => unserved_port(lang, *port, ports),
        P::ContainerLoopback { address } => container_loopback(lang, address),
        P::ImageEntrypoint { program } => image_entrypoint(lang, program),
        P::IgnoredOption { option, endpoint } => ignored_option(lang, option, endpoint),
        P::HiddenGpus { setting } => hidden_gpus(lang, setting),
        P::KeptPrefix { gateway, prefix } => kept_prefix(lang, *gateway, prefix),
        P::ReplacedPrefix {
            gateway,
            prefix,
            uri,
            asked,
            arrives,
        } => replaced_prefix(lang, *gateway, [prefix, uri, asked, arrives]),
        P::NoScheme { address } => no_scheme(lang, address),
        P::GpuRequest { resource } => gpu_request(lang, resource),
        P::ExportedInFile { variable } => exported_in_file(lang, variable),
    }
}
