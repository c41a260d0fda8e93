//! Everything that can be wrong, as data.

use serde::Serialize;

use super::hint::{Hint, Unclear};
use super::severity::{Severity, problems};
use crate::units::Bytes;

problems! {
    Fault "serve-flag"
    /// `ollama serve` takes no arguments.
    ServeFlag {
        /// The argument.
        flag: String,
    };
    Warning "serve-beside-service"
    /// A server by hand at the port of the installed service.
    ServeBesideService;
    Fault "port-taken"
    /// Two servers at one port.
    PortTaken {
        /// The port.
        port: u16,
        /// The line of the server that has it.
        taken_at: u32,
    };
    Fault "client-variable"
    /// A server's variable that only a client is given.
    ClientVariable {
        /// Its name.
        variable: String,
    };
    Fault "client-port"
    /// A client that talks to another server than the one that was started for it.
    ClientPort {
        /// The port of the server that was started last.
        port: u16,
    };
    Fault "client-flag"
    /// An option that Ollama's client does not have.
    ClientFlag {
        /// The option.
        flag: String,
        /// What does what it was meant to do.
        instead: String,
    };
    Fault "background-run"
    /// A conversation in the background.
    BackgroundRun;
    Fault "keepalive-unit"
    /// A duration without a unit.
    KeepaliveUnit {
        /// As it is written.
        value: String,
    };
    Warning "not-exported"
    /// A variable that no program sees.
    NotExported {
        /// Its name.
        variable: String,
    };
    Warning "numeric-gpu-ids"
    /// Cards by number, in an order that CUDA chooses.
    NumericGpuIds {
        /// The variable or field.
        variable: String,
    };
    Warning "no-context-length"
    /// A server without a context of its own.
    NoContextLength;
    Fault "gpu-overhead"
    /// `OLLAMA_GPU_OVERHEAD`.
    GpuOverhead;
    Fault "unknown-variable"
    /// A variable that Ollama does not read.
    UnknownVariable {
        /// Its name.
        variable: String,
        /// What does what it was meant to do.
        instead: Option<String>,
        /// Why that cannot simply be written in its place.
        hint: Option<Hint>,
    };
    Fault "bad-value"
    /// A value that Ollama does not take.
    BadValue {
        /// The variable.
        variable: String,
        /// Its value.
        value: String,
    };
    Fault "read-as-on"
    /// A switch with a value that Ollama does not know, which it takes for on.
    ReadAsOn {
        /// The variable.
        variable: String,
        /// Its value, which was meant to switch it off.
        value: String,
    };
    Fault "unexpanded"
    /// A path that begins with a home which nothing puts in.
    Unexpanded {
        /// The variable.
        variable: String,
        /// Its value.
        value: String,
    };
    Fault "not-text"
    /// A number or a switch where Kubernetes takes text alone.
    NotText;
    Fault "bad-parameter"
    /// A value with which a model cannot be created.
    BadParameter {
        /// The parameter.
        parameter: String,
        /// Its value.
        value: String,
    };
    Fault "target-path"
    /// An address with a path that the program adds by itself, or without the one that it does not add.
    TargetPath {
        /// The address.
        address: String,
        /// The address that works.
        right: String,
    };
    Fault "cache-needs-flash-attention"
    /// A quantised cache with flash attention off.
    CacheNeedsFlashAttention {
        /// The type of the cache.
        kv_cache_type: String,
    };
    Fault "open-port"
    /// Anybody may use it.
    OpenPort {
        /// The address that is listened at.
        address: String,
    };
    Fault "unpublished-tag"
    /// A tag that Ollama's library does not have.
    UnpublishedTag {
        /// The tag.
        tag: String,
        /// A tag that serves instead.
        instead: Option<String>,
    };
    Warning "unknown-tag"
    /// A tag that nobody has heard of.
    UnknownTag {
        /// The tag.
        tag: String,
        /// Tags that may have been meant.
        candidates: Vec<String>,
    };
    Warning "netstat"
    /// A program that is often not there.
    Netstat;
    Warning "process-name"
    /// A list of processes that leaves out those that hold the memory.
    ProcessName;
    Fault "no-metrics"
    /// `/metrics` of Ollama.
    NoMetrics;
    Fault "inline-comment"
    /// A comment that becomes part of a value.
    InlineComment {
        /// The comment.
        comment: String,
    };
    Fault "unknown-parameter"
    /// A parameter that Ollama does not have.
    UnknownParameter {
        /// Its name.
        parameter: String,
        /// What does what it was meant to do.
        instead: Option<String>,
    };
    Fault "no-from"
    /// A Modelfile without its model.
    NoFrom;
    Warning "context-beyond-training"
    /// More context than the model was trained with.
    ContextBeyondTraining {
        /// The model.
        tag: String,
        /// The context that is asked for.
        context: u32,
        /// The context of its training.
        trained: u32,
    };
    Fault "host-header"
    /// A gateway that sends its own name.
    HostHeader;
    Warning "proxy-buffering"
    /// A gateway that holds answers back.
    ProxyBuffering;
    Fault "short-timeout"
    /// A gateway that gives up on slow answers.
    ShortTimeout {
        /// Its seconds.
        seconds: u32,
    };
    Warning "body-size"
    /// A gateway that refuses large requests.
    BodySize;
    Fault "mixed-pool"
    /// Servers with different models behind one name.
    MixedPool {
        /// The name.
        upstream: String,
        /// What each of them has.
        models: Vec<String>,
    };
    Fault "container-gpu-variable"
    /// A variable of cards in a container, whose cards have other numbers.
    ContainerGpuVariable {
        /// Its name.
        variable: String,
    };
    Fault "count-and-device-ids"
    /// Both of what exclude each other.
    CountAndDeviceIds;
    Fault "healthcheck-curl"
    /// A check by a program that the image does not have.
    HealthcheckCurl;
    Warning "image-not-pinned"
    /// An image that changes by itself.
    ImageNotPinned {
        /// The image.
        image: String,
    };
    Fault "preload-in-unit"
    /// A download within a unit's start.
    PreloadInUnit;
    Fault "overcommitted"
    /// More models than their cards hold.
    Overcommitted {
        /// The models.
        models: Vec<String>,
        /// What they take.
        need: Bytes,
        /// What the cards have for them.
        usable: Bytes,
    };
    Fault "evicts"
    /// A model that makes another one leave.
    Evicts {
        /// The model.
        tag: String,
        /// What Ollama expects of it.
        need: Bytes,
        /// What Ollama would give it beside the others.
        usable: Bytes,
    };
    Fault "driver-too-old"
    /// A driver that Ollama's engine does not start with.
    DriverTooOld {
        /// Its version.
        driver: String,
        /// The first that serves.
        least: String,
    };
    Fault "gpu-too-old"
    /// A card that Ollama's engine does not use.
    GpuTooOld {
        /// Its name.
        gpu: String,
        /// Its compute capability.
        compute_capability: String,
    };
    Fault "driver-unusable"
    /// A driver that is there and does not answer.
    DriverUnusable {
        /// Why, as the inventory has it.
        note: String,
    };
    Warning "card-full"
    /// A card that has nothing left for a model.
    CardFull {
        /// Its number.
        gpu: u32,
        /// What is free.
        free: Bytes,
    };
    Warning "not-understood"
    /// Something that could not be judged.
    NotUnderstood {
        /// What.
        what: Unclear,
    };
    Fault "syntax"
    /// A file that its own program refuses.
    Syntax {
        /// Why, in English.
        reason: String,
    };
    Warning "not-read"
    /// Another file that says more, which was not read.
    NotRead {
        /// Its name.
        file: String,
    };
    Warning "too-many"
    /// More findings than are shown.
    TooMany;
    Fault "outside-section"
    /// A line of a unit that systemd ignores where it stands.
    OutsideSection {
        /// The key.
        key: String,
        /// The section that it stands in, if any.
        section: Option<String>,
    };
    Fault "bad-assignment"
    /// Words of `Environment=` that are no assignments.
    BadAssignment {
        /// The words.
        words: Vec<String>,
    };
    Fault "several-starts"
    /// A service with more than one command that starts it.
    SeveralStarts;
    Fault "unknown-key"
    /// A key that systemd does not have.
    UnknownKey {
        /// The key.
        key: String,
        /// Its section.
        section: String,
        /// What may have been meant.
        candidates: Vec<String>,
    };
    Warning "profile-variable"
    /// A server's variable in the profile of a shell.
    ProfileVariable {
        /// Its name.
        variable: String,
    };
    Warning "overridden"
    /// A variable that is set again.
    Overridden {
        /// Its name.
        variable: String,
        /// The value that is used.
        value: String,
        /// Its line.
        line: u32,
    };
    Warning "contradiction"
    /// Two settings that do not go together.
    Contradiction {
        /// The one that does nothing.
        variable: String,
        /// Its value.
        value: String,
        /// The other.
        other: String,
        /// Its value.
        other_value: String,
    };
    Warning "open-origins"
    /// Every web page may use it.
    OpenOrigins;
    Warning "no-volume"
    /// Models that are lost with their container.
    NoVolume {
        /// The folder.
        path: String,
    };
    Warning "memory-limit"
    /// Less memory than the engine takes for itself.
    MemoryLimit {
        /// What is allowed.
        limit: Bytes,
        /// What it may take.
        need: Bytes,
    };
    Warning "client-context"
    /// A client whose context makes the server load the model again.
    ClientContext {
        /// The model.
        tag: String,
        /// The context that it asks for.
        context: u32,
        /// The context of the server, or of another client.
        other: u32,
    };
    Warning "target-address"
    /// An address to listen at, taken for one to connect to.
    TargetAddress {
        /// The address.
        address: String,
    };
    Warning "known-password"
    /// A password out of a manual.
    KnownPassword {
        /// The key.
        key: String,
    };
}
