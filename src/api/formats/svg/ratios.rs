//! Measured ratios against their benchmarks as a picture, set by set: the sets stand beside each other and are never
//! chained. Beside every ratio stand its upper and lower figure and n, the cases behind it.

use super::{Anchor, BLUE, Fill, INK, MARGIN, MIDDLE, Picture, ROOM, SMALL, WIDTH, layout::LINE};
use crate::domain::{
    organisation::benchmark::{BenchmarkSet, Benchmarks},
    reports::{
        cohort::{Cohort, Cohorts},
        ratio::{Ratio, RatioCode},
        report::Report,
    },
    values::{
        fraction::Fraction,
        money::format_minor,
        text::{Language, Text},
    },
};

/// Where the benchmark stands on the bar's room: what is better has as much room again, nearly.
const BENCHMARK_AT: f64 = 0.55;
const BAR: f64 = 12.0;

/// Draws it. `caption` says whose ratios they are, and of which period.
pub fn ratios(
    (ratios, cohorts): (&[Ratio], &Cohorts),
    benchmarks: &Benchmarks,
    caption: &str,
    language: Language,
) -> String {
    let mut picture = Picture::new("ratios", &Report::Ratios.title(), caption, language);
    let line = Text::new(
        "The upright line is the benchmark; n is the number of cases; in brackets, what was divided by what in the period. A cohort follows those who entered in the period to this day.",
        "竖线为参考比例；n 为样本数；括号内为期内的分子／分母。同批：期内进入的人，至今走到哪里。",
    );
    let line = picture.tell(&line);
    picture.paragraph(&line, SMALL, false);
    picture.say(&line);
    for set in BenchmarkSet::ALL {
        let of_set = |ratio: &&Ratio| ratio.code.benchmark(benchmarks).is_some_and(|(of, _)| of == set);
        let rows: Vec<&Ratio> = ratios.iter().filter(of_set).collect();
        group(&mut picture, &set.label(), &rows, (cohorts, benchmarks));
    }
    let rows: Vec<&Ratio> = ratios.iter().filter(|r| r.code.benchmark(benchmarks).is_none()).collect();
    group(&mut picture, &Text::new("Without a benchmark", "没有参考比例"), &rows, (cohorts, benchmarks));
    picture.finish()
}

fn group(
    picture: &mut Picture,
    title: &Text,
    rows: &[&Ratio],
    (cohorts, benchmarks): (&Cohorts, &Benchmarks),
) {
    if rows.is_empty() {
        return;
    }
    picture.y += 8.0;
    let title = picture.tell(title);
    picture.paragraph(&title, MIDDLE, true);
    for ratio in rows {
        row(picture, ratio, ratio.code.benchmark(benchmarks).map(|(_, value)| value));
        if let Some(cohort) = cohorts.get(ratio.code).filter(|cohort| cohort.entered > 0) {
            follow(picture, cohort);
        }
    }
}

fn row(picture: &mut Picture, ratio: &Ratio, benchmark: Option<Fraction>) {
    let label = picture.tell(&ratio.code.label());
    let value = ratio.value();
    let shown = value.map_or_else(|| "–".to_owned(), |value| written(ratio.code, value));
    picture.text((MARGIN, picture.y), SMALL, Anchor::Start, false, &label);
    picture.text((WIDTH - MARGIN, picture.y), SMALL, Anchor::End, true, &shown);
    picture.y += SMALL * LINE;
    if let Some(benchmark) = benchmark {
        let (y, at) = (picture.y, MARGIN + ROOM * BENCHMARK_AT);
        picture.rule((MARGIN, y + BAR), (WIDTH - MARGIN, y + BAR), (INK, 1.0));
        if let Some(part) = value.and_then(|value| against(value, benchmark)) {
            picture.bar((MARGIN, y), (part * ROOM, BAR), Fill::Solid);
            if part >= 1.0 {
                // It goes on beyond the picture: an arrow head, not an end.
                let (x, middle) = (WIDTH - MARGIN, y + BAR / 2.0);
                picture.draw(format_args!(
                    "<path d=\"M{x:.1} {y:.1}l7 {:.1}l-7 {:.1}z\" fill=\"{BLUE}\"/>",
                    middle - y,
                    middle - y
                ));
            }
        }
        picture.rule((at, y - 3.0), (at, y + BAR + 3.0), (INK, 3.0));
        picture.y += BAR + 4.0;
    }
    let cases = cases(ratio, benchmark);
    let cases = picture.tell(&cases);
    picture.paragraph(&cases, SMALL, false);
    picture.y += 6.0;
    let stop = picture.tell(&Text::new(".", "。"));
    picture.say(&format!("{label} {shown}, {cases}{stop}"));
}

/// How far those have come who entered in the period.
fn follow(picture: &mut Picture, cohort: Cohort) {
    let share = cohort.value().map_or_else(|| "–".to_owned(), percent);
    let Cohort { entered, reached } = cohort;
    let told = Text::new(
        format!("cohort {share}: of {entered} who entered in the period, {reached} by now"),
        format!("同批 {share}：期内进入 {entered} 人，至今 {reached} 人到达"),
    );
    let told = picture.tell(&told);
    picture.paragraph(&told, SMALL, false);
    picture.y += 6.0;
    let stop = picture.tell(&Text::new(".", "。"));
    picture.say(&format!("{told}{stop}"));
}

fn percent(share: Fraction) -> String {
    let percent = Fraction::new(100, 1).and_then(|hundred| share.times(hundred)).and_then(|p| p.written(1));
    percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent}%"))
}

/// Which part of the room a value takes when the benchmark takes its own part of it, from 0 to 1.
fn against(value: Fraction, benchmark: Fraction) -> Option<f64> {
    let times = value.over(benchmark)?;
    Some((times.numerator() as f64 / times.denominator() as f64 * BENCHMARK_AT).min(1.0))
}

/// The benchmark, n, and what was divided by what; a weekly pace also says how many days it is for.
fn cases(ratio: &Ratio, benchmark: Option<Fraction>) -> Text {
    let n = ratio.n();
    let upper = match ratio.code.is_money() {
        true => format!("¥{}", format_minor(ratio.numerator)),
        false => ratio.numerator.to_string(),
    };
    let times = if ratio.per == 1 { String::new() } else { format!(" × {}", ratio.per) };
    let divided = format!("{upper}/{}{times}", ratio.denominator);
    let unit =
        if ratio.code.is_pace() { Text::new(" working days", " 个工作日") } else { Text::new("", "") };
    match benchmark.map(|value| written(ratio.code, value)) {
        Some(benchmark) => Text::new(
            format!("benchmark {benchmark}, n = {n}{} ({divided})", unit.en),
            format!("参考比例 {benchmark}，n = {n}{}（{divided}）", unit.zh),
        ),
        None => {
            Text::new(format!("n = {n}{} ({divided})", unit.en), format!("n = {n}{}（{divided}）", unit.zh))
        }
    }
}

/// A value as people read it: a share as a percentage, a pace with one place, money with its currency's unit.
fn written(code: RatioCode, value: Fraction) -> String {
    let none = || "–".to_owned();
    if code.is_money() {
        return value.rounded(0).map_or_else(none, |minor| format!("¥{}", format_minor(minor)));
    }
    if code.is_pace() {
        return value.written(1).unwrap_or_else(none);
    }
    percent(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_at_its_benchmark_ends_at_the_line_and_a_far_better_one_at_the_edge() {
        let part = |n, d| against(Fraction::new(n, d).unwrap(), Fraction::new(1, 7).unwrap()).unwrap();
        assert_eq!(part(1, 7), BENCHMARK_AT);
        assert_eq!((part(0, 1), part(1, 1)), (0.0, 1.0));
    }

    #[test]
    fn shares_are_percentages_paces_have_a_place_and_money_two() {
        let is =
            |code, n, d, expected: &str| assert_eq!(written(code, Fraction::new(n, d).unwrap()), expected);
        is(RatioCode::ConnectRate, 7, 15, "46.7%");
        is(RatioCode::DialsADay, 15, 1, "15.0");
        is(RatioCode::CaseSize, 500_000, 1, "¥5000.00");
    }
}
