//! People found again: names in every reading and spelling, tags, telephone numbers; the same on both databases.

use serde_json::{Value, json};

use crate::harness::{Person, World, both};

fn created(world: &World, by: &Person, body: Value) -> Value {
    world.post("/v1/prospects", body).by(by).status(201).json()
}

/// The names on the first page that a search finds.
fn found(world: &World, by: &Person, search: Value) -> Vec<String> {
    let page = world.post("/v1/prospects/search", search).by(by).status(200).json();
    page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_name_is_found_in_every_reading_and_every_spelling() {
    both(|world| {
        let cast = world.cast();
        let one = &cast.agent_a;
        for name in [
            "曾小明",
            "单志强",
            "仇英",
            "查良镛",
            "区小芳",
            "盖文",
            "尉迟恭",
            "吕布",
            "Mu\u{308}ller",
            "阿不都·热合曼",
        ] {
            created(&world, one, json!({"name": name, "source": "x", "phones": ["13800004321"]}));
        }
        let search = |wanted: &str| found(&world, one, json!({"q": wanted}));
        for (wanted, name) in [
            ("zengxiaoming", "曾小明"),
            ("Ceng Xiaoming", "曾小明"),
            ("zxm", "曾小明"),
            ("shanzhiqiang", "单志强"),
            ("qiuying", "仇英"),
            ("zhaliang", "查良镛"),
            ("ouxiao", "区小芳"),
            ("gewen", "盖文"),
            ("yuchi", "尉迟恭"),
            ("ycg", "尉迟恭"),
            ("lvbu", "吕布"),
            ("lyubu", "吕布"),
            ("lubu", "吕布"),
            ("lübu", "吕布"),
            ("LU\u{308}BU", "吕布"),
            ("ｌｖｂｕ", "吕布"),
            ("吕\u{200B}布", "吕布"),
            ("MÜLLER", "Müller"),
            ("阿不都热合曼", "阿不都·热合曼"),
            ("阿不都・热", "阿不都·热合曼"),
        ] {
            assert_eq!(search(wanted), [name], "{wanted}");
        }
        for nobody in ["|", "%", "_", "!", "·", "明z", "zengxiaomingz"] {
            assert_eq!(search(nobody), Vec::<String>::new(), "{nobody}");
        }
        let page = world.get("/v1/prospects?q=%7C").by(one).status(200).json();
        assert_eq!(page["data"], json!([]));
        assert_eq!(search("４３２１").len(), 10);
    });
}

#[test]
fn a_tag_is_one_tag_in_every_spelling() {
    both(|world| {
        let cast = world.cast();
        let one = &cast.agent_a;
        let made =
            created(&world, one, json!({"name": "A", "source": "x", "tags": ["VIP", "vip", "展会 2009"]}));
        assert_eq!(made["tags"], json!(["VIP", "展会 2009"]));
        let tagged = |tag: &str| found(&world, one, json!({"tag": [tag]})).len();
        for same in ["vip", "VIP", "ＶＩＰ", "v\u{200B}ip", "展会2009", "展会　２００９"] {
            assert_eq!(tagged(same), 1, "{same}");
        }
        for other in ["vi", "ip", "vip展会", "2009", "%", "_ip"] {
            assert_eq!(tagged(other), 0, "{other}");
        }
    });
}

#[test]
fn a_number_is_kept_as_typed_beside_the_one_that_is_dialled() {
    both(|world| {
        let cast = world.cast();
        let one = &cast.agent_a;
        let typed =
            ["+86 (0)21 5555 0000", "０２１－５５５５００００转８０１", "13800001234", "+86 138-0000-1234"];
        let made = created(&world, one, json!({"name": "A", "phones": typed}));
        let kept = |as_typed: &str, e164: &str, extension: Option<&str>| json!({"as_typed": as_typed, "e164": e164, "extension": extension});
        let all = [
            kept(typed[0], "+862155550000", None),
            kept(typed[1], "+862155550000", Some("801")),
            kept(typed[2], "+8613800001234", None),
        ];
        assert_eq!(made["phones"], json!(all));
        let refused = |number: &str| {
            let body = json!({"name": "A", "phones": ["13800001234", number]});
            let said = world.post("/v1/prospects", body).by(one).problem(422, "validation_failed").json();
            (said["errors"][0]["pointer"].clone(), said["errors"][0]["code"].clone())
        };
        for number in ["0912-345-678", "138000012345", "021-5555000", "12a45"] {
            assert_eq!(refused(number), (json!("/phones/1"), json!("invalid_phone")), "{number}");
        }
        // The line of an office is nobody's own: another extension of it is no double.
        let other = created(&world, one, json!({"name": "B", "phones": ["021-55550000-802"]}));
        assert_eq!(other["warnings"], json!([]));
        let same = created(&world, one, json!({"name": "C", "phones": ["(021) 5555-0000 ext. 801"]}));
        assert_eq!(same["warnings"][0]["prospect_id"], made["id"]);
    });
}
