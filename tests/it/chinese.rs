//! The Chinese of the binary: full-width punctuation, and one word for one thing.

use std::{fs, path::Path};

/// What is called otherwise here, and how.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("研讨", "每周有效潜在客户总结"),
    ("所有人", "归属代理人"),
    ("归属人", "归属代理人"),
    ("业务员", "代理人"),
    ("移动", "推进，变动"),
    ("重述", "更正后"),
    ("退保", "撤单"),
    ("检查日", "检视日"),
    ("检查点", "检视日"),
    ("基准", "参考比例"),
    ("第 1 列", "第 1 栏"),
    ("第1栏", "第 1 栏"),
    ("标准组", "参考比例组"),
];

/// The string literals of a source text, with their lines; comments are passed over.
fn literals(source: &str) -> Vec<(usize, String)> {
    let chars: Vec<char> = source.chars().collect();
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1;
                }
            }
            // A character, not the beginning of a text.
            ('\'', Some('"')) if chars.get(at + 2) == Some(&'\'') => at += 3,
            ('\'', Some('\\')) => at += 3,
            ('r', Some('"' | '#')) if at == 0 || !chars[at - 1].is_alphanumeric() => {
                let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
                if chars.get(at + 1 + hashes) != Some(&'"') {
                    at += 1;
                    continue;
                }
                let end: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                let rest: String = chars[at + 2 + hashes..].iter().collect();
                let text = rest.split(&end).next().unwrap().to_owned();
                found.push((line, text.clone()));
                line += text.matches('\n').count();
                at += 2 + hashes + text.chars().count() + end.chars().count();
            }
            ('"', _) => {
                let (mut text, begun) = (String::new(), line);
                at += 1;
                while chars[at] != '"' {
                    if chars[at] == '\\' {
                        text.push(chars[at]);
                        at += 1;
                    }
                    line += usize::from(chars[at] == '\n');
                    text.push(chars[at]);
                    at += 1;
                }
                at += 1;
                found.push((begun, text));
            }
            (c, _) => {
                line += usize::from(c == '\n');
                at += 1;
            }
        }
    }
    found
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// A half-width mark that stands between Chinese characters; what is put in for `{…}` counts as one.
fn half_width(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                plain.push('某');
            }
            _ if depth > 0 => {}
            ' ' | '`' | '\n' => {}
            _ => plain.push(c),
        }
    }
    let chars: Vec<char> = plain.chars().collect();
    let between = |at: &usize| {
        let (before, after) = (chars.get(at.wrapping_sub(1)), chars.get(at + 1));
        let chinese = |c: Option<&char>| c.is_some_and(|c| is_chinese(*c));
        // At an end there is Chinese on one side only.
        ",.;:!?()".contains(chars[*at])
            && (chinese(before) || before.is_none())
            && (chinese(after) || after.is_none())
    };
    let found = (0..chars.len()).find(between)?;
    let around = &chars[found.saturating_sub(6)..(found + 6).min(chars.len())];
    Some(around.iter().collect())
}

fn sources(folder: &Path, all: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            all.push(path);
        }
    }
}

#[test]
fn chinese_texts_have_full_width_punctuation_and_one_word_for_one_thing() {
    let (mut files, mut wrong, mut seen) = (Vec::new(), Vec::new(), 0);
    sources(Path::new("src"), &mut files);
    for path in files {
        let source = fs::read_to_string(&path).unwrap();
        for (line, text) in literals(&source) {
            if !text.chars().any(is_chinese) {
                continue;
            }
            seen += 1;
            let place = format!("{}:{line}", path.display());
            if let Some(around) = half_width(&text) {
                wrong.push(format!("{place}: half-width punctuation at {around}"));
            }
            for (word, ours) in OTHER_WORDS.iter().filter(|(word, _)| text.contains(word)) {
                wrong.push(format!("{place}: {word}, which is called {ours}"));
            }
        }
    }
    assert!(seen > 300, "only {seen} Chinese texts were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_wrong_in_a_chinese_text_is_noticed() {
    for wrong in
        ["请先撤销,再提交。", "共{n} 天(自然日)。", "结果:没有", "已过期.", "(已转交)", "为什么?因为"]
    {
        assert!(half_width(wrong).is_some(), "{wrong}");
    }
    for right in [
        "犹豫期（自然日）",
        "Prospect management (潜在客户管理) for agents",
        "15-7-1、8:1",
        "初次见面，10:00",
    ] {
        assert_eq!(half_width(right), None, "{right}");
    }
    let source = "// \"注释,不算\"\nlet a = '\"'; f(\"一\", r#\"二\"三\"#); // 四,五\ng(\"六\\\"七\")";
    let found: Vec<String> = literals(source).into_iter().map(|(_, text)| text).collect();
    assert_eq!(found, ["一", "二\"三", "六\\\"七"]);
}
