//! How a name is found: by itself, and for Chinese characters by their pinyin and the initials of it, in every reading.

use pinyin::ToPinyinMulti;

use super::words::compared;

/// Surnames that are read otherwise than the character mostly is, in the reading they have as a surname.
const SURNAMES: &str = "万wan 不fou 乐yue 乘sheng 乜nie 仇qiu 任ren 佴nai 么yao 令ling 六lu 冼xian 单shan 卜bu 区ou 华hua 占zhan \
    参can 句gou 召shao 叶ye 吕lü 员yun 呙guo 哈ha 尉wei 尹yin 宁ning 宓mi 宿su 干gan 应ying 幺yao 庹tuo 强qiang 恽yun 折she 撒sa \
    晁chao 晟cheng 曲qu 曾zeng 朝chao 朴piao 查zha 柏bai 校xiao 殷yin 沈shen 洗xian 济ji 焦jiao 燕yan 牟mu 瞿qu 石shi 祭zhai 秘bi \
    种chong 粘nian 纪ji 繁po 缪miao 翟zhai 能nai 莘shen 葛ge 薄bo 藏zang 行xing 褚chu 覃qin 观guan 解xie 訾zi 谌chen 谷gu 贲ben \
    贾jia 车che 过guo 逄pang 逯lu 那na 郇xun 郗xi 都du 重chong 长zhang 阙que 阚kan 隗wei 隽juan 黑he 盖ge 盛sheng 於yu 角jue 费fei 眭sui";

/// Surnames of two characters of which one has several readings, in the reading they have together.
const DOUBLE_SURNAMES: &[(&str, [&str; 2])] = &[
    ("万俟", ["mo", "qi"]),
    ("中行", ["zhong", "hang"]),
    ("乐正", ["yue", "zheng"]),
    ("令狐", ["ling", "hu"]),
    ("单于", ["chan", "yu"]),
    ("吐谷", ["tu", "yu"]),
    ("夏侯", ["xia", "hou"]),
    ("宰父", ["zai", "fu"]),
    ("宗正", ["zong", "zheng"]),
    ("尉迟", ["yu", "chi"]),
    ("澹台", ["tan", "tai"]),
    ("相里", ["xiang", "li"]),
    ("长孙", ["zhang", "sun"]),
    ("长孫", ["zhang", "sun"]),
    ("閭丘", ["lü", "qiu"]),
    ("闾丘", ["lü", "qiu"]),
    ("鲜于", ["xian", "yu"]),
];

/// Room for the spellings of one name, in letters: every reading of every character of a name of four, and of longer ones
/// the first reading with each other one in its place.
const ROOM: usize = 8192;

/// The lines that a search looks into: the name, its spellings in pinyin and the initials of these, each in the form of
/// [`compared`], which holds no line break: what is searched for never reaches over the end of a line.
pub fn search_text(name: &str) -> String {
    let name = compared(name);
    let readings = readings(&name);
    let mut lines = vec![name];
    for spelling in spellings(&readings) {
        let initials = spelling.iter().filter_map(|syllable| syllable.chars().next()).collect();
        for line in [spelling.concat(), initials] {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines.join("\n")
}

/// What each character may be read as, the likeliest first.
fn readings(name: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = name.chars().map(readings_of).collect();
    let double = DOUBLE_SURNAMES.iter().find(|(surname, _)| name.starts_with(surname));
    let surname: Vec<&str> = match (double, name.chars().next().and_then(surname)) {
        (Some((_, both)), _) => both.to_vec(),
        (None, Some(single)) => vec![single],
        (None, None) => Vec::new(),
    };
    for (readings, first) in all.iter_mut().zip(surname) {
        let mut ordered = typed(first);
        let others: Vec<String> = readings.iter().filter(|other| !ordered.contains(other)).cloned().collect();
        ordered.extend(others);
        *readings = ordered;
    }
    all
}

fn surname(c: char) -> Option<&'static str> {
    SURNAMES.split_whitespace().find_map(|entry| entry.strip_prefix(c))
}

fn readings_of(c: char) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for reading in c.to_pinyin_multi().into_iter().flatten().flat_map(|pinyin| typed(pinyin.plain())) {
        if !found.contains(&reading) {
            found.push(reading);
        }
    }
    if found.is_empty() { vec![c.to_string()] } else { found }
}

/// A syllable as people type it: `ü` is v, yu, u or ü.
fn typed(syllable: &str) -> Vec<String> {
    if !syllable.contains('ü') {
        return vec![syllable.to_owned()];
    }
    ["v", "yu", "u", "ü"].iter().map(|letter| syllable.replace('ü', letter)).collect()
}

/// The name spelled with every reading of every character, as far as there is room; then with the first reading of every
/// character and each other one in its place.
fn spellings(readings: &[Vec<String>]) -> Vec<Vec<&str>> {
    let most = (ROOM / (6 * readings.len().max(1))).max(2);
    let mut found: Vec<Vec<&str>> = vec![Vec::new()];
    let mut is_cut = false;
    for options in readings {
        let fits = found.len() * options.len() <= most;
        is_cut |= !fits;
        let options = if fits { options.as_slice() } else { &options[..1] };
        found = found
            .iter()
            .flat_map(|begun| options.iter().map(|next| [begun.as_slice(), &[next.as_str()]].concat()))
            .collect();
    }
    if is_cut {
        let first: Vec<&str> = readings.iter().map(|options| options[0].as_str()).collect();
        let others = readings
            .iter()
            .enumerate()
            .flat_map(|(at, options)| options[1..].iter().map(move |other| (at, other.as_str())));
        found.extend(others.take(most).map(|(at, other)| {
            let mut spelling = first.clone();
            spelling[at] = other;
            spelling
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(name: &str, wanted: &str) -> bool {
        search_text(name).contains(&compared(wanted))
    }

    #[test]
    fn every_reading_of_a_name_finds_it() {
        for (name, wanted) in [
            ("刘 岩", "Liu Yan"),
            ("曾小明", "zengxiaoming"),
            ("曾小明", "cengxiaoming"),
            ("曾小明", "zxm"),
            ("单雄信", "shanxiongxin"),
            ("仇英", "qiuying"),
            ("查良镛", "zhaliangyong"),
            ("区志强", "ouzhiqiang"),
            ("盖叫天", "gejiaotian"),
            ("解缙", "xiejin"),
            ("朴智星", "piaozhixing"),
            ("尉迟恭", "yuchigong"),
            ("尉迟恭", "ycg"),
            ("长孙无忌", "zhangsunwuji"),
            ("万俟卨", "moqi"),
            ("澹台灭明", "tantaimieming"),
            ("令狐冲", "linghuchong"),
            ("单于明", "chanyuming"),
            ("王乐", "wangyue"),
            ("王乐", "wangle"),
            ("Li_Lei", "li_"),
            ("张wei", "zhangwei"),
        ] {
            assert!(finds(name, wanted), "{name} {wanted}: {}", search_text(name));
        }
        assert!(!finds("曾小明", "|") && !finds("曾小明", "明z"));
    }

    #[test]
    fn u_with_two_dots_is_typed_in_four_ways() {
        for wanted in ["lvbu", "lyubu", "lubu", "lübu", "lu\u{308}bu", "LÜBU", "lb"] {
            assert!(finds("吕布", wanted), "{wanted}");
        }
        assert!(finds("王略", "wanglve") && finds("王略", "wanglue") && finds("马女士", "manvshi"));
    }

    #[test]
    fn a_surname_is_read_as_a_surname_first() {
        let first = |name: &str| search_text(name).split('\n').nth(1).map(str::to_owned);
        assert_eq!(first("曾小明").as_deref(), Some("zengxiaoming"));
        assert_eq!(first("尉迟恭").as_deref(), Some("yuchigong"));
        assert_eq!(first("尉健行").as_deref().map(|text| text.starts_with("wei")), Some(true));
    }

    #[test]
    fn a_long_name_stays_within_its_room() {
        let long = "行".repeat(100);
        assert!(search_text(&long).len() < 4 * ROOM, "{}", search_text(&long).len());
        assert!(finds(&format!("{}曾行", "王".repeat(9)), "zengxing"));
    }
}
