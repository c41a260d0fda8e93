//! Which path of Traefik, of Caddy and of an ingress arrives at Ollama, as their manuals say what they make of it.

use vramfit::lint::Problem;

use super::judge;

/// What is said of paths in a file: what arrives of a request, or the path that is kept.
fn told(name: &str, text: &str) -> Vec<String> {
    let findings = judge(name, text).findings;
    let each = findings.into_iter().filter_map(|one| match one.problem {
        Problem::ReplacedPrefix { asked, arrives, .. } => Some(format!("{asked} {arrives}")),
        Problem::KeptPrefix { prefix, .. } => Some(prefix),
        _ => None,
    });
    each.collect()
}

/// A server of compose with labels, each in a line.
fn labelled(labels: &str) -> Vec<String> {
    let lines: String = labels
        .lines()
        .map(|label| format!("      - '{}'\n", label.trim()))
        .collect();
    let text = format!(
        "services:\n  ollama:\n    image: ollama/ollama:0.12.0\n    environment: [OLLAMA_CONTEXT_LENGTH=8192]\n    volumes: [\"ollama:/root/.ollama\"]\n    labels:\n{lines}volumes: {{ollama: }}\n"
    );
    told("compose.yaml", &text)
}

#[test]
fn a_path_that_traefik_changes_is_followed_through_its_middlewares() {
    let router =
        |rule: &str, more: &str| labelled(&format!("traefik.http.routers.llm.rule={rule}\n{more}"));
    let through =
        |names: &str, more: &str| format!("traefik.http.routers.llm.middlewares={names}\n{more}");
    let strip = |path: &str| {
        through(
            "auth@file,cut",
            &format!("traefik.http.middlewares.cut.stripprefix.prefixes={path}"),
        )
    };
    let add = "traefik.http.middlewares.more.addprefix.prefix=/api";
    for (rule, more, right) in [
        ("PathPrefix(`/api`)", strip("/api"), "/api/chat /chat"),
        (
            "Host(`a.b`) && PathPrefix(`/v1`)",
            strip("/api,/v1"),
            "/v1/chat/completions /chat/completions",
        ),
        (
            "PathPrefix(`/api/generate`)",
            strip("/api/generate"),
            "/api/generate /",
        ),
        (
            "PathPrefix(`/llm/api/`)",
            strip("/llm/api"),
            "/llm/api/chat /chat",
        ),
        (
            "Host(`a.b`) && PathPrefix(`/ollama`)",
            String::new(),
            "/ollama",
        ),
        (
            "PathPrefix(`/ollama`)",
            through("auth@file,compress@file", ""),
            "/ollama",
        ),
        ("PathPrefix(`/ollama`)", strip("/other"), "/ollama"),
        (
            "PathPrefix(`/api`)",
            through("more", add),
            "/api/chat /api/api/chat",
        ),
        // These arrive.
        ("Host(`a.b`)", String::new(), ""),
        ("PathPrefix(`/`)", String::new(), ""),
        ("PathPrefix(`/api`) || PathPrefix(`/v1`)", String::new(), ""),
        ("PathPrefix(`/ollama`)", strip("/ollama"), ""),
        ("PathPrefix(`/ollama/`)", strip("/ollama"), ""),
        ("PathPrefix(`/chat`)", through("more", add), ""),
        (
            "PathPrefix(`/llm`)",
            through(
                "cut,more",
                &format!("traefik.http.middlewares.cut.stripprefix.prefixes=/llm\n{add}"),
            ),
            "",
        ),
        // Nobody is led there, or what another place says is not known.
        ("Host(`a.b`) && !PathPrefix(`/ui`)", String::new(), ""),
        ("PathPrefix(`/ollama`)", through("ollama@file", ""), ""),
        ("PathPrefix(`/ollama`)", through("strip-auth@file", ""), ""),
        (
            "PathPrefix(`/ollama`)",
            through(
                "cut",
                "traefik.http.middlewares.cut.replacepathregex.regex=^/ollama/(.*)",
            ),
            "",
        ),
    ] {
        let right: Vec<&str> = Some(right)
            .filter(|right| !right.is_empty())
            .into_iter()
            .collect();
        assert_eq!(router(rule, &more), right, "{rule} {more}");
    }
}

#[test]
fn a_path_that_caddy_takes_away_is_told() {
    for (labels, right) in [
        (
            "caddy.handle_path=/api/*\ncaddy.handle_path.0_reverse_proxy={{upstreams 11434}}",
            "/api/chat /chat",
        ),
        (
            "caddy_1.0_handle_path=/v1/*",
            "/v1/chat/completions /chat/completions",
        ),
        (
            "caddy.uri=strip_prefix /api\ncaddy.reverse_proxy={{upstreams 11434}}",
            "/api/chat /chat",
        ),
        (
            "caddy.handle=/ollama/*\ncaddy.handle.reverse_proxy={{upstreams 11434}}",
            "/ollama",
        ),
        (
            "caddy.reverse_proxy=/ollama/* {{upstreams 11434}}",
            "/ollama",
        ),
        // These arrive.
        (
            "caddy.handle_path=/ollama/*\ncaddy.handle_path.reverse_proxy={{upstreams 11434}}",
            "",
        ),
        ("caddy.reverse_proxy={{upstreams 11434}}", ""),
        ("caddy.reverse_proxy=/api/* {{upstreams 11434}}", ""),
        (
            "caddy.handle=/ollama/*\ncaddy.handle.uri=strip_prefix /ollama",
            "",
        ),
        (
            "caddy.handle_path=/api/*\ncaddy.handle_path.0_rewrite=* /api{uri}",
            "",
        ),
    ] {
        let right: Vec<&str> = Some(right)
            .filter(|right| !right.is_empty())
            .into_iter()
            .collect();
        let labels = format!("caddy=a.b\ncaddy.basic_auth.bob=x\n{labels}");
        assert_eq!(labelled(&labels), right, "{labels}");
    }
}

#[test]
fn a_path_that_an_ingress_changes_is_told() {
    let ingress = |path: &str, annotation: &str| {
        let text = format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n  annotations:\n    nginx.ingress.kubernetes.io/auth-type: basic\n{annotation}spec:\n  rules:\n  - http:\n      paths:\n      - path: {path}\n        pathType: Prefix\n        backend: {{service: {{name: ollama, port: {{number: 11434}}}}}}\n"
        );
        told("ingress.yaml", &text)
    };
    let nginx =
        |target: &str| format!("    nginx.ingress.kubernetes.io/rewrite-target: {target}\n");
    for (path, annotation, right) in [
        ("/api", nginx("/"), "/api/chat /"),
        ("/ollama", nginx("/"), "/ollama/api/chat /"),
        ("/api(/|$)(.*)", nginx("/$2"), "/api/chat /chat"),
        (
            "/v1/(.*)",
            nginx("/$1"),
            "/v1/chat/completions /chat/completions",
        ),
        ("/ollama", nginx("/$2"), "/ollama/api/chat /"),
        ("/ollama", String::new(), "/ollama"),
        ("/ollama(/|$)(.*)", String::new(), "/ollama"),
        // These arrive.
        ("/", nginx("/"), ""),
        ("/", String::new(), ""),
        ("/(.*)", nginx("/$1"), ""),
        ("/api", String::new(), ""),
        ("/v1/", String::new(), ""),
        ("/ollama(/|$)(.*)", nginx("/$2"), ""),
        ("/ollama/?(.*)", nginx("/$1"), ""),
        ("/ollama(.*)", nginx("$1"), ""),
        ("/llm/(.*)", nginx("/api/$1"), ""),
        ("/api/(.*)", nginx("/api/$1"), ""),
        ("/api(.*)", nginx("/api$1"), ""),
        ("/chat", nginx("/api/chat"), ""),
        // Another controller may change it, by its own words.
        (
            "/ollama",
            "    traefik.ingress.kubernetes.io/router.middlewares: ai-cut@kubernetescrd\n"
                .to_owned(),
            "",
        ),
        (
            "/ollama",
            "    haproxy.org/path-rewrite: /ollama/(.*) /\\1\n".to_owned(),
            "",
        ),
        (
            "/ollama",
            "    konghq.com/strip-path: \"true\"\n".to_owned(),
            "",
        ),
    ] {
        let right: Vec<&str> = Some(right)
            .filter(|right| !right.is_empty())
            .into_iter()
            .collect();
        assert_eq!(ingress(path, &annotation), right, "{path} {annotation}");
    }
}
