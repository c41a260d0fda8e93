//! What people read: laws for any page, and how one page looks.

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;
use vramfit::lang::Lang;
use vramfit::render::page::{Block, Column, Line, Page, Row, Table, Tone};
use vramfit::render::terminal::{self, Terminal};
use vramfit::render::{html, markdown, plot};
use vramfit::sanitize::is_unsafe;

mod injected;
mod pages;
mod sample;

fn shown(page: &Page, width: usize) -> String {
    let terminal = Terminal {
        width,
        ..Terminal::default()
    };
    terminal::render(page, &terminal)
}

fn paragraph(text: &str, width: usize) -> String {
    let blocks = vec![Block::Paragraph(text.into())];
    shown(&Page { blocks }, width)
}

/// The cells of a line of a markdown table: escaped pipes end none.
fn cells(line: &str) -> usize {
    line.replace("\\\\", "")
        .replace("\\|", "")
        .matches('|')
        .count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_line_is_wider_than_the_terminal(mut page in pages::page(), width in 0_usize..200, unicode: bool) {
        // A command is broken between its words only, however long one is.
        page.blocks.retain(|block| !matches!(block, Block::Code { .. }));
        let terminal = Terminal { width, color: false, unicode };
        for line in terminal::render(&page, &terminal).lines() {
            prop_assert!(line.width() <= width, "{} > {width}: {line:?}", line.width());
        }
    }

    #[test]
    fn without_colour_there_is_nothing_a_terminal_obeys(page in pages::page(), width in 0_usize..200) {
        let text = shown(&page, width);
        prop_assert!(!text.chars().any(|c| is_unsafe(c) && c != '\n'), "{text:?}");
    }

    #[test]
    fn colour_changes_no_word(page in pages::page(), width in 20_usize..200) {
        let plain = Terminal { width, ..Terminal::default() };
        let coloured = terminal::render(&page, &Terminal { color: true, ..plain });
        let mut bare = String::new();
        for (n, part) in coloured.split('\x1b').enumerate() {
            bare.push_str(if n == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        let trimmed: String = bare.lines().map(|line| line.trim_end_matches(' ').to_owned() + "\n").collect();
        prop_assert_eq!(trimmed, terminal::render(&page, &plain));
    }

    #[test]
    fn every_row_of_a_markdown_table_has_every_column(table in pages::table()) {
        let columns = table.columns.len();
        let page = Page { blocks: vec![table.into()] };
        for line in markdown::render(&page).lines() {
            prop_assert_eq!(cells(line), columns + 1, "{:?}", line);
        }
    }

    #[test]
    fn backslashes_and_pipes_in_a_cell_end_none(text in r"[\\|`a ]{0,8}", tone in 0_usize..3) {
        let tone = [Tone::Plain, Tone::Strong, Tone::Code][tone];
        let mut table = Table::new([Column::left("a"), Column::left("b")]);
        let cell = |text: &str| Line::from(tone.span(text.to_owned()));
        table.push([cell(&text), cell("next")].into_iter().collect::<Row>());
        for line in markdown::render(&Page { blocks: vec![table.into()] }).lines() {
            prop_assert_eq!(cells(line), 3, "{:?}", line);
        }
    }

    #[test]
    fn markdown_takes_any_page(page in pages::page()) {
        let text = markdown::render(&page);
        prop_assert!(text.is_empty() || text.ends_with('\n'));
    }

    #[test]
    fn an_html_page_is_closed_and_runs_nothing(page in pages::page()) {
        let text = html::render(&page, Lang::En, "</title><script>alert(1)</script>");
        let mut open = Vec::new();
        for tag in text.split('<').skip(1).filter_map(|part| part.split_once('>')).map(|part| part.0) {
            let name = tag.split_whitespace().next().unwrap_or_default();
            prop_assert!(!["script", "iframe", "object", "img", "link", "a"].contains(&name), "{}", tag);
            match name.strip_prefix('/') {
                Some(closed) => prop_assert_eq!(open.pop(), Some(closed.to_owned())),
                None if tag.ends_with('/') || ["!doctype", "meta", "br", "hr"].contains(&name) => {}
                None => open.push(name.to_owned()),
            }
        }
        prop_assert!(open.is_empty(), "{:?}", open);
    }

    #[test]
    fn an_svg_is_closed_and_escaped(figure in pages::plot(), bars in pages::bars(), of_bars: bool) {
        let text = if of_bars { plot::svg_bars(&bars) } else { plot::svg(&figure) };
        prop_assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"));
        // In words, a quote is never one.
        let numbers = ["\"NaN", "\"inf", "\"-inf"];
        prop_assert!(!numbers.iter().any(|number| text.contains(number)));
        for line in text.lines() {
            prop_assert_eq!(line.matches('<').count(), line.matches('>').count(), "{}", line);
        }
    }

    #[test]
    fn chinese_breaks_before_no_closing_mark(width in 10_usize..60) {
        let text = "显存够用，上下文（8192）也够；「缓存」用 q8_0：可以省下一半。不过、速度会慢一点！真的吗？是的……";
        for line in paragraph(text, width).lines() {
            let first = line.chars().next().unwrap();
            prop_assert!(!"，。、；：！？）」…".contains(first), "{width}: {line}");
            prop_assert!(!line.ends_with(['（', '「']), "{width}: {line}");
        }
    }
}

/// A command that goes on over two lines by itself.
fn shown_again(command: &str, width: usize) -> String {
    let mut page = Page::new();
    page.code("sh", command.replace(" --fit", " \\\n    --fit"));
    shown(&page, width)
}

#[test]
fn a_command_can_be_copied() {
    let long = "x(y|z)".repeat(30);
    let command = format!("llama-server -ngl 999 -ot '{long}=CPU' --fit off --port 8080");
    let mut page = Page::new();
    page.code("sh", command.as_str());
    for width in 20..120 {
        let shown = shown(&page, width).replace("\\\n", "");
        let words: Vec<&str> = shown.split_whitespace().collect();
        assert_eq!(words.join(" "), command, "{width}");
        let broken = shown_again(&command, width);
        assert!(broken.lines().all(|line| line.trim() != "\\"), "{broken}");
    }
}

#[test]
fn a_line_of_another_language_is_never_broken() {
    let line = "    proxy_set_header Authorization \"Bearer a-very-long-token\";";
    let mut page = Page::new();
    page.code("text", line);
    for width in 0..120 {
        assert_eq!(shown(&page, width), format!("  {line}\n"), "{width}");
    }
}

#[test]
fn english_breaks_at_spaces_only() {
    let text = "the largest model that stays on one card with its whole context";
    let lines = paragraph(text, 20);
    let words: Vec<&str> = lines.split_whitespace().collect();
    assert_eq!(words.join(" "), text);
    assert!(lines.lines().count() > 3);
}

#[test]
fn a_tag_is_whole_while_anything_else_can_give_way() {
    let tag = "qwen2.5-coder:32b-instruct-q4_K_M";
    let prose =
        "a long explanation that can be told on as many lines as it takes, or on none at all";
    for priority in [1, Column::KEEP] {
        let columns = [
            Column::left("model").whole(),
            Column::left("why").priority(priority),
            Column::right("needs"),
        ];
        let mut table = Table::new(columns);
        table.push(Row::new([tag, prose, "20.5 GiB"]));
        let mut page = Page::new();
        page.push(table);
        for width in 53..120 {
            assert!(shown(&page, width).contains(tag), "{width}");
        }
        assert!(shown(&page, 45).contains(tag) || priority == Column::KEEP);
    }
}

#[test]
fn columns_of_low_priority_go_first_and_are_named() {
    let columns = [
        Column::left("model").whole(),
        Column::left("second").whole().priority(2),
        Column::left("first").whole().priority(1),
    ];
    let mut table = Table::new(columns).omitted("not shown:");
    table.push(Row::new(["m".repeat(20), "s".repeat(20), "f".repeat(20)]));
    let mut page = Page::new();
    page.push(table);
    assert!(!shown(&page, 80).contains("not shown"));
    assert!(shown(&page, 50).contains("not shown: first\n"));
    assert!(shown(&page, 30).contains("not shown: second, first\n"));
}

#[test]
fn the_sample_looks_right() {
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        let page = sample::page(lang);
        for (width, color, unicode) in [
            (80, false, true),
            (160, false, true),
            (48, false, true),
            (80, false, false),
            (80, true, true),
        ] {
            let terminal = Terminal {
                width,
                color,
                unicode,
            };
            let kind = match (color, unicode) {
                (true, _) => "colour",
                (false, true) => "unicode",
                (false, false) => "ascii",
            };
            let text = terminal::render(&page, &terminal);
            insta::assert_snapshot!(format!("{name}_{width}_{kind}"), text);
        }
        insta::assert_snapshot!(format!("{name}_markdown"), markdown::render(&page));
        let web = html::render(&page, lang, "vramfit");
        let (_, body) = web.split_once("<body>").expect("a body");
        insta::assert_snapshot!(format!("{name}_html"), body);
        let figures = page.blocks.iter().filter_map(|block| match block {
            Block::Plot(figure) => Some(plot::svg(figure)),
            Block::Bars(bars) => Some(plot::svg_bars(bars)),
            _ => None,
        });
        insta::assert_snapshot!(format!("{name}_svg"), figures.collect::<String>());
    }
}
