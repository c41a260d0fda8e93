//! Everything that can be wrong, as data.

use serde::Serialize;

use super::hint::{Gateway, Hint, Unclear, Unclosed};
use super::severity::{Severity, problems};
use crate::units::Bytes;

problems! {
    Fault "serve-flag"
    /// `ollama serve` takes no arguments.
    ServeFlag { flag: String = "Argument that is given, e.g. `--port`." };
    Warning "serve-beside-service"
    /// A server by hand at the port of the installed service.
    ServeBesideService;
    Fault "port-taken"
    /// Two servers at one port.
    PortTaken {
        port: u16 = "TCP port that both want, e.g. 11435.",
        taken_at: u32 = "Number of the line of the server that has it, from 1."
    };
    Fault "copies-at-port"
    /// Copies of one container that all want the same port of a machine.
    CopiesAtPort {
        port: u16 = "TCP port of the machine that all of them want.",
        copies: u32 = "Number of copies of the container."
    };
    Fault "client-variable"
    /// A server's variable that only a client is given.
    ClientVariable { variable: String = "Name of the variable, e.g. `CUDA_VISIBLE_DEVICES`." };
    Fault "client-port"
    /// A client that talks to another server than the one that was started for it.
    ClientPort { port: u16 = "TCP port of the server that was started last, e.g. 11435." };
    Fault "client-flag"
    /// An option that Ollama's client does not have.
    ClientFlag {
        flag: String = "Option that is given, e.g. `--num-ctx`.",
        instead: String = "What does what it was meant to do, e.g. `PARAMETER num_ctx`."
    };
    Fault "background-run"
    /// A conversation in the background.
    BackgroundRun;
    Fault "keepalive-unit"
    /// A duration without a unit.
    KeepaliveUnit { value: String = "Duration as it is written, e.g. `-1`." };
    Warning "not-exported"
    /// A variable that no program sees.
    NotExported { variable: String = "Name of the variable, e.g. `CUDA_VISIBLE_DEVICES`." };
    Warning "numeric-gpu-ids"
    /// Cards by number, in an order that CUDA chooses.
    NumericGpuIds { variable: String = "Name of the variable or field, e.g. `CUDA_VISIBLE_DEVICES`." };
    Warning "no-context-length"
    /// A server without a context of its own.
    NoContextLength;
    Fault "gpu-overhead"
    /// `OLLAMA_GPU_OVERHEAD`, which does not do what it is set for.
    GpuOverhead;
    Fault "unknown-variable"
    /// A variable that Ollama does not read.
    UnknownVariable {
        variable: String = "Name of the variable, e.g. `OLLAMA_NUM_CTX`.",
        instead: Option<String> = "What does what it was meant to do, e.g. `OLLAMA_CONTEXT_LENGTH`; null where nothing does.",
        hint: Option<Hint> = "Why that cannot simply be written in its place, as a code, e.g. `counts-layers`.",
        candidates: Vec<String> = "Variables of Ollama that may have been meant."
    };
    Fault "bad-value"
    /// A value that Ollama does not take.
    BadValue {
        variable: String = "Name of the variable, e.g. `OLLAMA_KV_CACHE_TYPE`.",
        value: String = "Value that it is given, e.g. `q4`."
    };
    Fault "read-as-on"
    /// A switch with a value that Ollama does not know, which it takes for on.
    ReadAsOn {
        variable: String = "Name of the variable that is a switch.",
        value: String = "Value that it is given, which was meant to switch it off."
    };
    Fault "unexpanded"
    /// A path that begins with a home which nothing puts in.
    Unexpanded {
        variable: String = "Name of the variable that holds the path.",
        value: String = "Path as it is written."
    };
    Fault "not-text"
    /// A number or a switch where Kubernetes takes text alone.
    NotText;
    Fault "bad-parameter"
    /// A value with which a model cannot be created.
    BadParameter {
        parameter: String = "Name of the parameter, e.g. `num_ctx`.",
        value: String = "Value that it is given."
    };
    Fault "target-path"
    /// An address with a path that the program adds by itself, or without the one that it does not add.
    TargetPath { address: String = "Address as it is written.", right: String = "The address that works." };
    Fault "cache-needs-flash-attention"
    /// A quantised cache with flash attention off.
    CacheNeedsFlashAttention { kv_cache_type: String = "Type of the KV cache, e.g. `q8_0`." };
    Fault "open-port"
    /// Anybody may use it.
    OpenPort { address: String = "Address or ports as they are written, e.g. `0.0.0.0:11435`." };
    Fault "public-tunnel"
    /// A way from the Internet to a server.
    PublicTunnel { program: String = "Name of the program that opens it." };
    Fault "unpublished-tag"
    /// A tag that Ollama's library does not have.
    UnpublishedTag {
        tag: String = "Tag that is asked for, e.g. `qwen2:14b`.",
        instead: Option<String> = "Tag that serves instead, e.g. `qwen2.5:14b`; null where none is known."
    };
    Warning "unknown-tag"
    /// A tag that nobody has heard of.
    UnknownTag {
        tag: String = "Tag that is asked for, e.g. `lama3:8b`.",
        candidates: Vec<String> = "Tags that may have been meant."
    };
    Warning "netstat"
    /// A program that is often not there.
    Netstat;
    Warning "process-name"
    /// A list of processes that leaves out those that hold the memory.
    ProcessName;
    Fault "no-metrics"
    /// `/metrics` of Ollama, which it does not have.
    NoMetrics;
    Fault "inline-comment"
    /// A comment that becomes part of a value.
    InlineComment { comment: String = "Comment with its sign, e.g. `# no flags`." };
    Fault "unknown-parameter"
    /// A parameter that Ollama does not have.
    UnknownParameter {
        parameter: String = "Name of the parameter, e.g. `num_gpus`.",
        instead: Option<String> = "What does what it was meant to do, e.g. `OLLAMA_KEEP_ALIVE=-1`; null where nothing does.",
        candidates: Vec<String> = "Parameters that may have been meant."
    };
    Fault "no-from"
    /// A Modelfile without its model.
    NoFrom;
    Warning "context-beyond-training"
    /// More context than the model was trained with.
    ContextBeyondTraining {
        tag: String = "Ollama tag of the model, e.g. `yi:34b`.",
        context: u32 = "Tokens of context that are asked for, e.g. 200000.",
        trained: u32 = "Tokens of context that it was trained for, e.g. 4096."
    };
    Fault "host-header"
    /// A gateway that sends its own name.
    HostHeader;
    Warning "proxy-buffering"
    /// A gateway that holds answers back.
    ProxyBuffering;
    Fault "short-timeout"
    /// A gateway that gives up on slow answers.
    ShortTimeout { seconds: u32 = "Seconds that it waits, e.g. 60." };
    Warning "body-size"
    /// A gateway that refuses large requests.
    BodySize;
    Fault "mixed-pool"
    /// Servers with different models behind one name.
    MixedPool {
        upstream: String = "Name that they share, e.g. `ollama_backends`.",
        models: Vec<String> = "Ollama tags of the models of all of them."
    };
    Fault "container-gpu-variable"
    /// A variable of cards in a container, whose cards have other numbers.
    ContainerGpuVariable { variable: String = "Name of the variable, e.g. `CUDA_VISIBLE_DEVICES`." };
    Fault "count-and-device-ids"
    /// Both of what exclude each other.
    CountAndDeviceIds;
    Fault "healthcheck-curl"
    /// A check by a program that the image does not have.
    HealthcheckCurl;
    Warning "image-not-pinned"
    /// An image that changes by itself.
    ImageNotPinned { image: String = "Image as it is written, e.g. `ollama/ollama`." };
    Fault "preload-in-unit"
    /// A download within a unit's start.
    PreloadInUnit;
    Fault "overcommitted"
    /// More models than their cards hold.
    Overcommitted {
        models: Vec<String> = "Ollama tags of the models.",
        need: Bytes = "Bytes that they take together.",
        usable: Bytes = "Bytes that the GPUs have for them."
    };
    Fault "evicts"
    /// A model that makes another one leave.
    Evicts {
        tag: String = "Ollama tag of the model.",
        need: Bytes = "Bytes that Ollama expects it to take.",
        usable: Bytes = "Bytes that Ollama would give it beside the others."
    };
    Fault "driver-too-old"
    /// A driver that Ollama's engine does not start with.
    DriverTooOld {
        driver: String = "Version of the driver that is there.",
        least: String = "Version of the first driver that serves."
    };
    Fault "gpu-too-old"
    /// A card that Ollama's engine does not use.
    GpuTooOld { gpu: String = "Name of the GPU.", compute_capability: String = "CUDA's compute capability of that GPU." };
    Fault "driver-unusable"
    /// A driver that is there and does not answer.
    DriverUnusable { note: String = "Why, as a code of the inventory's notes, e.g. `driver-mismatch`." };
    Warning "card-full"
    /// A card that has nothing left for a model.
    CardFull {
        gpu: u32 = "Index of the GPU on its machine, from 0.",
        free: Bytes = "Bytes of it that are free."
    };
    Warning "not-understood"
    /// Something that could not be judged.
    NotUnderstood { what: Unclear = "What could not be judged, as a code, e.g. `template`." };
    Fault "syntax"
    /// A file that its own program refuses.
    Syntax { reason: String = "Why it refuses it, in English, e.g. `a quote that nothing closes`." };
    Fault "open-quote"
    /// A quote that nothing closes, for which the rest of the file is read all the same.
    OpenQuote { effect: Unclosed = "What becomes of the line, as a code, e.g. `rest-ignored`." };
    Warning "not-read"
    /// Another file that says more, which was not read.
    NotRead { file: String = "Name of that file, as it is written." };
    Warning "too-many"
    /// More findings than are shown.
    TooMany;
    Fault "outside-section"
    /// A line of a unit that systemd ignores where it stands.
    OutsideSection {
        key: String = "Key of the line, left of `=`.",
        section: Option<String> = "Section that it stands in, without brackets; null where it stands in none."
    };
    Fault "bad-assignment"
    /// Words of `Environment=` that are no assignments.
    BadAssignment { words: Vec<String> = "The words that are none." };
    Fault "several-starts"
    /// A service with more than one command that starts it.
    SeveralStarts;
    Fault "unknown-key"
    /// A key that systemd does not have.
    UnknownKey {
        key: String = "Key of the line, left of `=`.",
        section: String = "Section that it stands in, without brackets.",
        candidates: Vec<String> = "Keys that may have been meant."
    };
    Fault "ignored-value"
    /// A value of a unit's key that systemd does not take.
    IgnoredValue {
        key: String = "Key of the line, left of `=`.",
        value: String = "Value as it is written.",
        takes: Vec<String> = "Values that it takes, or examples of them."
    };
    Warning "profile-variable"
    /// A server's variable in the profile of a shell.
    ProfileVariable { variable: String = "Name of the variable." };
    Warning "overridden"
    /// A variable that is set again.
    Overridden {
        variable: String = "Name of the variable.",
        value: String = "The value that is used.",
        line: u32 = "Number of the line with that value, from 1."
    };
    Warning "contradiction"
    /// Two settings that do not go together.
    Contradiction {
        variable: String = "Name of the setting that does nothing.",
        value: String = "Value of that setting.",
        other: String = "Name of the setting that makes it do nothing.",
        other_value: String = "Value of the other setting."
    };
    Warning "open-origins"
    /// Every web page may use it.
    OpenOrigins;
    Warning "no-volume"
    /// Models that are lost with their container.
    NoVolume { path: String = "Folder of the models in the container, e.g. `/root/.ollama`." };
    Warning "memory-limit"
    /// Less memory than the engine takes for itself.
    MemoryLimit {
        limit: Bytes = "Bytes of system memory that it is allowed.",
        need: Bytes = "Bytes of system memory that the engine may take."
    };
    Warning "client-context"
    /// A client whose context makes the server load the model again.
    ClientContext {
        tag: String = "Ollama tag of the model.",
        context: u32 = "Tokens of context that the client asks for.",
        other: u32 = "Tokens of context of the server, or of another client."
    };
    Warning "target-address"
    /// An address to listen at, taken for one to connect to.
    TargetAddress { address: String = "Address as it is written." };
    Warning "known-password"
    /// A password out of a manual.
    KnownPassword { key: String = "The password as it is written." };
    Fault "wrong-port"
    /// A port of a server that listens at another one.
    WrongPort {
        address: String = "Address as it is written.",
        ports: Vec<u16> = "TCP ports where the server listens."
    };
    Warning "unserved-port"
    /// A port of this machine that no server of the files listens at.
    UnservedPort {
        port: u16 = "TCP port that is asked.",
        ports: Vec<u16> = "TCP ports where servers of the files listen."
    };
    Fault "container-loopback"
    /// A container that listens for itself alone.
    ContainerLoopback { address: String = "Address where it listens, as it is written." };
    Fault "image-entrypoint"
    /// A program for an image that runs Ollama with it as an argument.
    ImageEntrypoint { program: String = "Name of the program." };
    Fault "ignored-option"
    /// What a request asks for where Ollama does not read it.
    IgnoredOption {
        option: String = "Name of the option, e.g. `num_ctx`.",
        endpoint: String = "Path that is asked, e.g. `/v1/chat/completions`."
    };
    Fault "hidden-gpus"
    /// A unit that sees no cards.
    HiddenGpus { setting: String = "Key and value that hide them." };
    Fault "kept-prefix"
    /// A gateway that asks Ollama for a path which only the gateway has.
    KeptPrefix {
        gateway: Gateway = "What hands requests on, as a code, e.g. `nginx`.",
        prefix: String = "Path that only the gateway has."
    };
    Fault "replaced-prefix"
    /// A gateway that asks Ollama for a path without the part that is Ollama's, or with one slash too many or too few.
    ReplacedPrefix {
        gateway: Gateway = "What hands requests on, as a code, e.g. `nginx`.",
        prefix: String = "Path that it replaces, e.g. `/api/`.",
        uri: String = "What takes its place, e.g. `/`; empty where nothing does.",
        asked: String = "A path that the gateway is asked for, e.g. `/api/chat`.",
        arrives: String = "The path that Ollama is asked for then, e.g. `/chat`."
    };
    Fault "no-scheme"
    /// An address without its protocol.
    NoScheme { address: String = "Address as it is written." };
    Fault "gpu-request"
    /// Cards that are requested and not limited to the same number.
    GpuRequest { resource: String = "Name of the GPUs as a resource, e.g. `nvidia.com/gpu`." };
    Warning "not-passed"
    /// A variable beside files of compose of which none uses it.
    NotPassed { variable: String = "Name of the variable." };
    Warning "exported-in-file"
    /// A file of variables with what only a shell reads.
    ExportedInFile { variable: String = "Name of the variable." };
}
