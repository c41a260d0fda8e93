//! Which path of a gateway arrives at Ollama, as the manual of nginx says what `proxy_pass` makes of it.

use vramfit::lint::Problem;

use super::judge;

/// What is said of a location: what arrives of a request, and the correct form.
fn told(location: &str, inside: &str) -> Option<(String, Option<String>)> {
    let before = "upstream llama_pool { server 127.0.0.1:11434; server 127.0.0.1:11435; }\n";
    let head = "server { listen 127.0.0.1:8080; proxy_buffering off; proxy_read_timeout 900s; client_max_body_size 0;";
    let text = format!("{before}{head}\nlocation {location} {{\n{inside};\n}} }}\n");
    let findings = judge("nginx.conf", &text).findings;
    findings.into_iter().find_map(|one| match one.problem {
        Problem::ReplacedPrefix { asked, arrives, .. } => {
            Some((format!("{asked} {arrives}"), one.fix))
        }
        Problem::KeptPrefix { prefix, .. } => Some((prefix, one.fix)),
        _ => None,
    })
}

#[test]
fn a_path_of_ollamas_own_that_is_taken_away_is_told() {
    let server = "proxy_pass http://127.0.0.1:11434";
    for (location, inside, arrives, fix) in [
        (
            "/api/",
            "/",
            "/api/chat /chat",
            "proxy_pass http://127.0.0.1:11434;",
        ),
        (
            "/api",
            "/",
            "/api/chat //chat",
            "proxy_pass http://127.0.0.1:11434;",
        ),
        (
            "^~ /api/",
            "/",
            "/api/chat /chat",
            "proxy_pass http://127.0.0.1:11434;",
        ),
        (
            "/v1/",
            "/",
            "/v1/chat/completions /chat/completions",
            "proxy_pass http://127.0.0.1:11434;",
        ),
        (
            "/ai/v1/",
            "/",
            "/ai/v1/chat/completions /chat/completions",
            "proxy_pass http://127.0.0.1:11434/v1/;",
        ),
        (
            "/api/chat",
            "/",
            "/api/chat /",
            "proxy_pass http://127.0.0.1:11434;",
        ),
        (
            "= /api/generate",
            "/",
            "/api/generate /",
            "proxy_pass http://127.0.0.1:11434;",
        ),
        // A slash too few, or one too many.
        (
            "/api/",
            "/api",
            "/api/chat /apichat",
            "proxy_pass http://127.0.0.1:11434;",
        ),
        (
            "/api",
            "/api/",
            "/api/chat /api//chat",
            "proxy_pass http://127.0.0.1:11434;",
        ),
        (
            "/llm/",
            "/v1",
            "/llm/chat/completions /v1chat/completions",
            "location /llm/ { proxy_pass http://127.0.0.1:11434/v1/; }",
        ),
        (
            "/ollama",
            "/",
            "/ollama/api/chat //api/chat",
            "location /ollama/ { proxy_pass http://127.0.0.1:11434/; }",
        ),
    ] {
        let said = told(location, &format!("{server}{inside}"));
        let right = Some((arrives.to_owned(), Some(fix.to_owned())));
        assert_eq!(said, right, "{location} {inside}");
    }
    let pool = told("/api/", "proxy_pass \"http://llama_pool/\"");
    let form = pool.and_then(|(_, fix)| fix).unwrap_or_default();
    assert!(
        form.starts_with("proxy_pass \"http://llama_pool\";"),
        "{form}"
    );
}

#[test]
fn a_path_that_arrives_as_it_must_is_left_alone() {
    let server = "proxy_pass http://127.0.0.1:11434";
    for (location, inside) in [
        ("/", "/"),
        ("/", ""),
        ("/api/", ""),
        ("/api/", "/api/"),
        ("/api", "/api"),
        ("/v1/", ""),
        ("/api/chat", ""),
        ("/api/chat", "/api/chat"),
        ("= /api/tags", "/api/tags"),
        ("/ollama/", "/"),
        ("/ollama/api/", "/api/"),
        ("/ai/v1/", "/v1/"),
        // The gateway's own, below a path that looks like Ollama's.
        ("/api/ollama/", "/"),
        ("/app/api/", "/"),
        // The one in the place of the other is meant.
        ("/api/", "/v1/"),
        ("/chat", "/api/chat"),
        ("/llm/", "/api/"),
        // Whether it runs is what this asks.
        ("= /api", "/"),
        ("= /ollama", "/"),
        ("~ ^/api/", "$request_uri"),
        ("~ ^/(api|v1)/", ""),
        ("/api/", "/$is_args"),
    ] {
        let said = told(location, &format!("{server}{inside}"));
        assert_eq!(said, None, "{location} {inside}");
    }
    for (location, inside) in [
        (
            "/api/",
            "rewrite ^/api/(.*)$ /api/$1 break; proxy_pass http://127.0.0.1:11434/",
        ),
        (
            "/api/",
            "if ($arg_old) { rewrite ^ /api/tags break; } proxy_pass http://127.0.0.1:11434/",
        ),
        // What another place makes such a path of has it twice.
        (
            "/api/",
            "proxy_pass http://127.0.0.1:11434/; } location /llm/ { rewrite ^/llm/(.*)$ /api/$1 last",
        ),
        ("/api/", "proxy_pass http://$ollama:11434/"),
        ("/api/", "proxy_pass http://ollama-panel:8080/"),
    ] {
        assert_eq!(told(location, inside), None, "{location} {inside}");
    }
}

/// A `$` that ends an expression does not join the next word to it, and the braces of a name open and close nothing.
#[test]
fn words_end_where_nginx_ends_them() {
    let text = "server { listen 127.0.0.1:8080; proxy_buffering off; proxy_read_timeout 900s; client_max_body_size 0;\n\
                location ~ ^/llm/(.*)$ { rewrite ^/llm/(.*)$ /${name}/$1 break; proxy_pass http://127.0.0.1:11434; } }\n";
    let findings = judge("nginx.conf", text).findings;
    assert_eq!(findings, []);
}
