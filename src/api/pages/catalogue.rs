//! The problem catalogue: the page that every problem's `type` points to, made from the table of codes.

use actix_web::{HttpResponse, get, http::header, web};

use crate::{
    api::{
        extract::ReaderLanguage,
        problem::{Code, document::Problem, fault_codes},
    },
    domain::values::text::{Language, Text},
};

/// All codes on one page.
#[get("/problems")]
pub async fn list_problems(ReaderLanguage(language): ReaderLanguage) -> HttpResponse {
    let rows: String = Code::ALL.iter().map(|code| row(*code, language)).collect();
    let single: String = fault_codes::all().map(|(code, what)| row_of_fault(code, &what, language)).collect();
    let title = Text::new(
        "One place of a request: <code>errors[].code</code>",
        "请求中的单个位置：<code>errors[].code</code>",
    );
    page(language, &format!("<dl>{rows}</dl><h2>{}</h2><dl>{single}</dl>", title.in_language(language)))
}

/// One code.
#[get("/problems/{code}")]
pub async fn show_problem(
    code: web::Path<String>,
    ReaderLanguage(language): ReaderLanguage,
) -> Result<HttpResponse, Problem> {
    let whole = Code::ALL.iter().find(|known| known.name() == code.as_str()).map(|code| row(*code, language));
    let single = || fault_codes::all().find(|(known, _)| *known == code.as_str());
    let row = whole.or_else(|| single().map(|(code, what)| row_of_fault(code, &what, language)));
    Ok(page(language, &format!("<dl>{}</dl>", row.ok_or_else(|| Problem::new(Code::NotFound))?)))
}

fn row_of_fault(code: &str, what: &Text, language: Language) -> String {
    format!("<dt id=\"errors-{code}\"><code>{code}</code></dt><dd>{}</dd>", what.in_language(language))
}

fn row(code: Code, language: Language) -> String {
    let (name, title, what) = (code.name(), code.title(), code.explanation());
    format!(
        "<dt id=\"{name}\"><code>{name}</code> · {} · {}</dt><dd>{}</dd>",
        code.number(),
        title.in_language(language),
        what.in_language(language)
    )
}

fn page(language: Language, body: &str) -> HttpResponse {
    let title = Text::new("Problems", "问题代码");
    let (title, tag) = (title.in_language(language), language.tag());
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(format!(
            "<!doctype html><html lang=\"{tag}\"><meta charset=\"utf-8\"><title>{title}</title>\
             <style>body{{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}}dt{{margin-top:1em}}</style>\
             <h1>{title}</h1>{body}</html>"
        ))
}
