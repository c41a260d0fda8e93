//! Everything that can be wrong, as data.

use serde::Serialize;

use super::hint::{Hint, Unclear};
use super::severity::{Severity, problems};
use crate::units::Bytes;

problems! {
    Fault "serve-flag"
    /// `ollama serve` takes no arguments.
    ServeFlag { flag: String = "The argument." };
    Warning "serve-beside-service"
    /// A server by hand at the port of the installed service.
    ServeBesideService;
    Fault "port-taken"
    /// Two servers at one port.
    PortTaken { port: u16 = "The port.", taken_at: u32 = "The line of the server that has it." };
    Fault "copies-at-port"
    /// Copies of one container that all want the same port of a machine.
    CopiesAtPort { port: u16 = "The port.", copies: u32 = "How many there are." };
    Fault "client-variable"
    /// A server's variable that only a client is given.
    ClientVariable { variable: String = "Its name." };
    Fault "client-port"
    /// A client that talks to another server than the one that was started for it.
    ClientPort { port: u16 = "The port of the server that was started last." };
    Fault "client-flag"
    /// An option that Ollama's client does not have.
    ClientFlag { flag: String = "The option.", instead: String = "What does what it was meant to do." };
    Fault "background-run"
    /// A conversation in the background.
    BackgroundRun;
    Fault "keepalive-unit"
    /// A duration without a unit.
    KeepaliveUnit { value: String = "As it is written." };
    Warning "not-exported"
    /// A variable that no program sees.
    NotExported { variable: String = "Its name." };
    Warning "numeric-gpu-ids"
    /// Cards by number, in an order that CUDA chooses.
    NumericGpuIds { variable: String = "The variable or field." };
    Warning "no-context-length"
    /// A server without a context of its own.
    NoContextLength;
    Fault "gpu-overhead"
    /// `OLLAMA_GPU_OVERHEAD`.
    GpuOverhead;
    Fault "unknown-variable"
    /// A variable that Ollama does not read.
    UnknownVariable {
        variable: String = "Its name.",
        instead: Option<String> = "What does what it was meant to do.",
        hint: Option<Hint> = "Why that cannot simply be written in its place.",
        candidates: Vec<String> = "Variables of Ollama that may have been meant."
    };
    Fault "bad-value"
    /// A value that Ollama does not take.
    BadValue { variable: String = "The variable.", value: String = "Its value." };
    Fault "read-as-on"
    /// A switch with a value that Ollama does not know, which it takes for on.
    ReadAsOn { variable: String = "The variable.", value: String = "Its value, which was meant to switch it off." };
    Fault "unexpanded"
    /// A path that begins with a home which nothing puts in.
    Unexpanded { variable: String = "The variable.", value: String = "Its value." };
    Fault "not-text"
    /// A number or a switch where Kubernetes takes text alone.
    NotText;
    Fault "bad-parameter"
    /// A value with which a model cannot be created.
    BadParameter { parameter: String = "The parameter.", value: String = "Its value." };
    Fault "target-path"
    /// An address with a path that the program adds by itself, or without the one that it does not add.
    TargetPath { address: String = "The address.", right: String = "The address that works." };
    Fault "cache-needs-flash-attention"
    /// A quantised cache with flash attention off.
    CacheNeedsFlashAttention { kv_cache_type: String = "The type of the cache." };
    Fault "open-port"
    /// Anybody may use it.
    OpenPort { address: String = "The address that is listened at." };
    Fault "public-tunnel"
    /// A way from the Internet to a server.
    PublicTunnel { program: String = "What opens it." };
    Fault "unpublished-tag"
    /// A tag that Ollama's library does not have.
    UnpublishedTag { tag: String = "The tag.", instead: Option<String> = "A tag that serves instead." };
    Warning "unknown-tag"
    /// A tag that nobody has heard of.
    UnknownTag { tag: String = "The tag.", candidates: Vec<String> = "Tags that may have been meant." };
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
    InlineComment { comment: String = "The comment." };
    Fault "unknown-parameter"
    /// A parameter that Ollama does not have.
    UnknownParameter {
        parameter: String = "Its name.",
        instead: Option<String> = "What does what it was meant to do.",
        candidates: Vec<String> = "Parameters that may have been meant."
    };
    Fault "no-from"
    /// A Modelfile without its model.
    NoFrom;
    Warning "context-beyond-training"
    /// More context than the model was trained with.
    ContextBeyondTraining {
        tag: String = "The model.",
        context: u32 = "The context that is asked for.",
        trained: u32 = "The context of its training."
    };
    Fault "host-header"
    /// A gateway that sends its own name.
    HostHeader;
    Warning "proxy-buffering"
    /// A gateway that holds answers back.
    ProxyBuffering;
    Fault "short-timeout"
    /// A gateway that gives up on slow answers.
    ShortTimeout { seconds: u32 = "Its seconds." };
    Warning "body-size"
    /// A gateway that refuses large requests.
    BodySize;
    Fault "mixed-pool"
    /// Servers with different models behind one name.
    MixedPool { upstream: String = "The name.", models: Vec<String> = "What each of them has." };
    Fault "container-gpu-variable"
    /// A variable of cards in a container, whose cards have other numbers.
    ContainerGpuVariable { variable: String = "Its name." };
    Fault "count-and-device-ids"
    /// Both of what exclude each other.
    CountAndDeviceIds;
    Fault "healthcheck-curl"
    /// A check by a program that the image does not have.
    HealthcheckCurl;
    Warning "image-not-pinned"
    /// An image that changes by itself.
    ImageNotPinned { image: String = "The image." };
    Fault "preload-in-unit"
    /// A download within a unit's start.
    PreloadInUnit;
    Fault "overcommitted"
    /// More models than their cards hold.
    Overcommitted { models: Vec<String> = "The models.", need: Bytes = "What they take.", usable: Bytes = "What the cards have for them." };
    Fault "evicts"
    /// A model that makes another one leave.
    Evicts { tag: String = "The model.", need: Bytes = "What Ollama expects of it.", usable: Bytes = "What Ollama would give it beside the others." };
    Fault "driver-too-old"
    /// A driver that Ollama's engine does not start with.
    DriverTooOld { driver: String = "Its version.", least: String = "The first that serves." };
    Fault "gpu-too-old"
    /// A card that Ollama's engine does not use.
    GpuTooOld { gpu: String = "Its name.", compute_capability: String = "Its compute capability." };
    Fault "driver-unusable"
    /// A driver that is there and does not answer.
    DriverUnusable { note: String = "Why, as the inventory has it." };
    Warning "card-full"
    /// A card that has nothing left for a model.
    CardFull { gpu: u32 = "Its number.", free: Bytes = "What is free." };
    Warning "not-understood"
    /// Something that could not be judged.
    NotUnderstood { what: Unclear = "What." };
    Fault "syntax"
    /// A file that its own program refuses.
    Syntax { reason: String = "Why, in English." };
    Warning "not-read"
    /// Another file that says more, which was not read.
    NotRead { file: String = "Its name." };
    Warning "too-many"
    /// More findings than are shown.
    TooMany;
    Fault "outside-section"
    /// A line of a unit that systemd ignores where it stands.
    OutsideSection { key: String = "The key.", section: Option<String> = "The section that it stands in, if any." };
    Fault "bad-assignment"
    /// Words of `Environment=` that are no assignments.
    BadAssignment { words: Vec<String> = "The words." };
    Fault "several-starts"
    /// A service with more than one command that starts it.
    SeveralStarts;
    Fault "unknown-key"
    /// A key that systemd does not have.
    UnknownKey { key: String = "The key.", section: String = "Its section.", candidates: Vec<String> = "What may have been meant." };
    Warning "profile-variable"
    /// A server's variable in the profile of a shell.
    ProfileVariable { variable: String = "Its name." };
    Warning "overridden"
    /// A variable that is set again.
    Overridden { variable: String = "Its name.", value: String = "The value that is used.", line: u32 = "Its line." };
    Warning "contradiction"
    /// Two settings that do not go together.
    Contradiction {
        variable: String = "The one that does nothing.",
        value: String = "Its value.",
        other: String = "The other.",
        other_value: String = "Its value."
    };
    Warning "open-origins"
    /// Every web page may use it.
    OpenOrigins;
    Warning "no-volume"
    /// Models that are lost with their container.
    NoVolume { path: String = "The folder." };
    Warning "memory-limit"
    /// Less memory than the engine takes for itself.
    MemoryLimit { limit: Bytes = "What is allowed.", need: Bytes = "What it may take." };
    Warning "client-context"
    /// A client whose context makes the server load the model again.
    ClientContext {
        tag: String = "The model.",
        context: u32 = "The context that it asks for.",
        other: u32 = "The context of the server, or of another client."
    };
    Warning "target-address"
    /// An address to listen at, taken for one to connect to.
    TargetAddress { address: String = "The address." };
    Warning "known-password"
    /// A password out of a manual.
    KnownPassword { key: String = "The key." };
    Fault "wrong-port"
    /// A port of a server that listens at another one.
    WrongPort { address: String = "The address.", ports: Vec<u16> = "Where it listens." };
    Warning "unserved-port"
    /// A port of this machine that no server of the files listens at.
    UnservedPort { port: u16 = "The port.", ports: Vec<u16> = "Where they listen." };
    Fault "container-loopback"
    /// A container that listens for itself alone.
    ContainerLoopback { address: String = "Where it listens." };
    Fault "image-entrypoint"
    /// A program for an image that runs Ollama with it as an argument.
    ImageEntrypoint { program: String = "The program." };
    Fault "ignored-option"
    /// What a request asks for where Ollama does not read it.
    IgnoredOption { option: String = "Its name.", endpoint: String = "The path that is asked." };
    Fault "hidden-gpus"
    /// A unit that sees no cards.
    HiddenGpus { setting: String = "What hides them." };
    Fault "kept-prefix"
    /// A gateway that asks Ollama for a path which only the gateway has.
    KeptPrefix { prefix: String = "The path." };
    Fault "no-scheme"
    /// An address without its protocol.
    NoScheme { address: String = "The address." };
    Fault "gpu-request"
    /// Cards that are requested and not limited to the same number.
    GpuRequest { resource: String = "Their name in Kubernetes." };
    Warning "not-passed"
    /// A variable beside files of compose of which none uses it.
    NotPassed { variable: String = "Its name." };
    Warning "exported-in-file"
    /// A file of variables with what only a shell reads.
    ExportedInFile { variable: String = "The variable." };
}
