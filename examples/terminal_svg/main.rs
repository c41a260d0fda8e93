//! What a command prints on a colour terminal, as an SVG picture: `cargo run --example terminal_svg -- recommend --gpu 'RTX 3060 12GB'`.
//! The pictures of the READMEs are made this way, and a test holds them to it, so that they cannot differ from what the program prints.

mod svg;

use std::io::Write;

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    std::io::stdout().write_all(svg::picture(&words).as_bytes())
}
