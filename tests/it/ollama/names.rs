//! Addresses and names, read as Ollama reads them.

use vramfit::ollama::{Address, Name};

#[test]
fn hosts_are_read_as_ollama_reads_them() {
    let cases = [
        ("", "http://127.0.0.1:11434"),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        ("1.2.3.4:1234", "http://1.2.3.4:1234"),
        (":1234", "http://127.0.0.1:1234"),
        ("http://1.2.3.4", "http://1.2.3.4:80"),
        ("https://1.2.3.4", "https://1.2.3.4:443"),
        ("https://1.2.3.4:1234", "https://1.2.3.4:1234"),
        ("example.com", "http://example.com:11434"),
        (
            "http://example.com:8080/llama3-70b/",
            "http://example.com:8080/llama3-70b",
        ),
        ("example.com/ollama", "http://example.com:11434/ollama"),
        ("1.2.3.4/", "http://1.2.3.4:11434"),
        ("[2001:db8::1]", "http://[2001:db8::1]:11434"),
        ("2001:db8::1", "http://[2001:db8::1]:11434"),
        ("[2001:db8::1]:1337", "http://[2001:db8::1]:1337"),
        ("[::]", "http://[::1]:11434"),
        ("[::1]:80", "http://[::1]:80"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("http://0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("1.2.3.4:66000", "http://1.2.3.4:11434"),
        ("1.2.3.4:-1", "http://1.2.3.4:11434"),
        ("http://1.2.3.4:x", "http://1.2.3.4:80"),
        ("1.2.3.4:", "http://1.2.3.4:11434"),
        (" \"1.2.3.4\" ", "http://1.2.3.4:11434"),
        ("'1.2.3.4:80'", "http://1.2.3.4:80"),
        ("\" 1.2.3.4 \"", "http://1.2.3.4:11434"),
        ("ollama.com", "https://ollama.com:443"),
    ];
    for (value, url) in cases {
        let address = Address::parse(value).unwrap_or_else(|error| panic!("{value}: {error:?}"));
        assert_eq!(address.to_string(), url, "{value:?}");
    }
    for value in ["ftp://x", "a b", "x\u{1b}[2J", "http://x/?y", "user@host"] {
        assert!(Address::parse(value).is_err(), "{value:?}");
    }
}

#[test]
fn names_have_their_defaults_and_their_limits() {
    let cases = [
        ("qwen3", "qwen3:latest"),
        ("qwen3:8b", "qwen3:8b"),
        ("library/qwen3:8b", "qwen3:8b"),
        ("registry.ollama.ai/library/qwen3:8b", "qwen3:8b"),
        ("me/mine", "me/mine:latest"),
        ("hf.co/a/b-GGUF:Q4_K_M", "hf.co/a/b-GGUF:Q4_K_M"),
        ("localhost:5000/a/b:c", "localhost:5000/a/b:c"),
        ("http://localhost:5000/a/b", "localhost:5000/a/b:latest"),
    ];
    for (text, full) in cases {
        let name = Name::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(name.to_string(), full);
    }
    for text in [
        "",
        ":",
        "a:",
        "/a",
        "../x",
        "a/../b",
        "a b",
        "-a",
        "a:b/c:d;e",
    ] {
        assert!(Name::parse(text).is_none(), "{text:?}");
    }
    let [a, b] = ["Qwen3:8B", "qwen3:8b"].map(|text| Name::parse(text).expect("a name"));
    assert!(a.is(&b));
}
