//! Where the need is: tables imported whole or not at all, the envelopes they give, and the flags
//! of campaigns that are published afterwards.

use actions::{FlagColumns, ImportRefused, NeedAsked, NeedPreview, NewCampaign, StaffMember, Stop};
use domain::{BasisPoints, Cents, role::StaffRole};
use essaim::web::cookies::Flow;
use store::need;
use testkit::probe;

use crate::{
    staff::enters,
    town::{BUS, Town},
    walk::Site,
};

const OPERATOR: &str = "fonds@exemple.fr";

/// The worked case M09 of the specification, as an operator would write it.
const TABLE: &str = "source;Chiffres d'illustration
millésime;2026
échelle;département
critère;poids;sens;référence;repli
revenu;50;décroissant;23000;
plus_de_60;30;croissant;27;
eloignement;20;croissant;50;
code;population;revenu;plus_de_60;eloignement
93;1668000;18500;18;63
23;115000;20500;39;82
48;76500;21100;34;76
75;2113000;29700;22;21
";

const FLAGS: &str = "code,rural,prioritaire
23096,NON,OUI
59512,OUI,0
";

async fn imports(town: &Town, by: &StaffMember, file: &str) -> Result<i64, ImportRefused> {
    told(town.actions.import_need(by, file.to_owned(), town.now).await)
}

fn told<T>(answer: Result<T, Stop<ImportRefused>>) -> Result<T, ImportRefused> {
    match answer {
        Ok(done) => Ok(done),
        Err(Stop::Refused(why)) => Err(why),
        Err(stop) => panic!("{stop:?}"),
    }
}

async fn shared(town: &Town, version: i64) -> NeedPreview {
    let table = town.actions.need_table(version).await.unwrap().unwrap();
    let asked = NeedAsked {
        total: Cents::new(100_000_000),
        floor: BasisPoints::new(9_000),
        ceiling: BasisPoints::new(13_000),
    };
    town.actions.need_preview(version, &table, asked).await.unwrap()
}

fn cents(preview: &NeedPreview) -> Vec<(&str, i64)> {
    preview.envelopes.iter().map(|one| (one.code.as_str(), one.envelope.get())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_gives_the_envelopes_of_the_specification_and_is_compared_with_the_one_before() {
    let town = Town::new().await;
    let operator = enters(&town, OPERATOR, StaffRole::Operator).await;
    assert_eq!(imports(&town, &operator, TABLE).await, Ok(1));
    let first = shared(&town, 1).await;
    let expected = [("23", 3_763_373), ("48", 2_408_511), ("75", 47_871_617), ("93", 45_956_499)];
    assert_eq!(cents(&first), expected);
    let bounds: Vec<(bool, bool)> =
        first.envelopes.iter().map(|one| (one.at_floor, one.at_ceiling)).collect();
    assert_eq!(bounds, [(false, true), (false, false), (true, false), (false, false)]);
    assert_eq!((first.before, first.residue, first.absent.len()), (None, Cents::ZERO, 97));
    let poorer = TABLE.replace("93;1668000;18500", "93;1668000;18000");
    assert_eq!(imports(&town, &operator, &poorer).await, Ok(2));
    let second = shared(&town, 2).await;
    assert_eq!(second.before, Some(1));
    let was: Vec<i64> = second.envelopes.iter().map(|one| one.before.unwrap().get()).collect();
    assert_eq!(was, expected.map(|(_, cents)| cents));
    assert!(cents(&second)[3].1 > was[3] && cents(&second)[1].1 < was[1], "{second:?}");
    assert_eq!(cents(&shared(&town, 1).await), expected, "a version never changes");
    // Communes are put together by département: here one of each, so nothing differs.
    let communes = TABLE.replace("département", "commune").replace("93;16", "93048;16");
    let communes = communes.replace("\n23;", "\n23096;").replace("\n48;", "\n48095;");
    let communes = communes.replace("\n75;", "\n75056;");
    assert_eq!(imports(&town, &operator, &communes).await, Ok(3));
    assert_eq!(cents(&shared(&town, 3).await), expected);
    let noted =
        "SELECT string_agg(subject, ' ' ORDER BY id) FROM trail WHERE action = 'import_need'";
    assert_eq!(probe::answer(&town.writer, noted).await.unwrap(), "need:1 need:2 need:3");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_half_imported_and_only_operators_import() {
    let town = Town::new().await;
    let operator = enters(&town, OPERATOR, StaffRole::Operator).await;
    let auditor = enters(&town, "audit@exemple.fr", StaffRole::Auditor).await;
    let wrong = TABLE.replace("48;76500;21100", "48;76500;0").replace("75;2113000", "75;");
    let Err(ImportRefused::Faults(faults)) = imports(&town, &operator, &wrong).await else {
        panic!("two cells are wrong");
    };
    let places: Vec<_> = faults.iter().map(|fault| (fault.line, fault.column)).collect();
    assert_eq!(places[0], (Some(11), Some(3)), "{faults:?}");
    assert_eq!(places[1].0, Some(12), "{faults:?}");
    let refused = imports(&town, &auditor, TABLE).await;
    assert!(matches!(refused, Err(ImportRefused::Desk(_))), "{refused:?}");
    let flags = (FLAGS.to_owned(), "2026", FlagColumns::default());
    let refused = told(town.actions.import_flags(&auditor, flags, town.now).await);
    assert!(matches!(refused, Err(ImportRefused::Desk(_))), "{refused:?}");
    let mut db = town.reader.get().await.unwrap();
    assert!(need::tables(&mut db).await.unwrap().is_empty());
    assert!(need::flags(&mut db).await.unwrap().is_empty());
    let noted = "SELECT count(*) FROM trail WHERE action LIKE 'import_%'";
    assert_eq!(probe::answer(&town.writer, noted).await.unwrap(), "0");
    drop(db);
    imports(&town, &operator, TABLE).await.unwrap();
    for change in ["UPDATE need_tables SET vintage = '1'", "DELETE FROM need_tables"] {
        let refused = probe::execute(&town.writer, change).await.unwrap_err();
        assert!(refused.contains("only grows"), "{refused}");
    }
    town.end().await;
}

/// The campaign of the bus once more, as another would publish it.
fn twin(town: &Town) -> NewCampaign {
    let staged = essaim::demo::catalogue::campaigns(town.now).unwrap();
    let mut new = staged.into_iter().find(|one| one.new.campaign.slug == BUS).unwrap().new;
    new.campaign.id = "jumelle".to_owned();
    new.campaign.slug = "jumelle".to_owned();
    new.campaign.facts["id"] = "jumelle".into();
    new
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_are_those_of_the_newest_table_for_campaigns_published_later() {
    let town = Town::new().await;
    let operator = enters(&town, OPERATOR, StaffRole::Operator).await;
    let new = twin(&town);
    assert_eq!(
        (new.campaign.commune.as_str(), &new.campaign.facts["rural"]),
        ("23096", &true.into())
    );
    let flags = (FLAGS.to_owned(), "2026", FlagColumns::default());
    assert_eq!(told(town.actions.import_flags(&operator, flags, town.now).await), Ok(1));
    town.actions.publish_campaigns(&[new]).await.unwrap();
    let facts = "SELECT string_agg(concat_ws(' ', slug = 'jumelle', facts ->> 'rural',
            facts ->> 'priority_territory', flags_version), ', ' ORDER BY slug)
        FROM campaigns WHERE commune = '23096' AND slug IN ('jumelle', $$";
    let facts = format!("{facts}{BUS}$$)");
    let told = probe::answer(&town.writer, &facts).await.unwrap();
    assert_eq!(told, "t false true 1, f true false");
    let mut db = town.reader.get().await.unwrap();
    let rows = need::flags(&mut db).await.unwrap();
    assert_eq!((rows[0].campaigns, rows[0].rural, rows[0].priority), (1, 1, 1));
    assert!(need::campaigns_without_flags(&mut db).await.unwrap() > 30);
    drop(db);
    let (rural, town_gift) =
        (town.give(BUS, 20, "a@exemple.fr").await, town.give("jumelle", 20, "b@exemple.fr").await);
    let granted = async |gift| town.gift(gift).await.match_cents;
    assert!(granted(rural).await > granted(town_gift).await, "the rural rule reads the flag");
    town.end().await;
}

/// A form with a file, as browsers write it (RFC 7578).
fn body(fields: &[(&str, &str)], file: &str) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        text.push_str(&format!(
            "--fil\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    format!(
        "{text}--fil\r\nContent-Disposition: form-data; name=\"fichier\"; \
         filename=\"t.csv\"\r\nContent-Type: text/csv\r\n\r\n{file}\r\n--fil--\r\n"
    )
}

impl Site {
    async fn sends(&self, cookie: &str, body: String) -> (u16, String, String) {
        let request = self.client.post(format!("{}/fonds/besoins", self.base));
        let request = request.header("cookie", cookie);
        let kind = "multipart/form-data; boundary=fil";
        let answer = request.header("content-type", kind).body(body).send().await.unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default(), answer.text().await.unwrap())
    }

    async fn sees(&self, cookie: &str, path: &str) -> (u16, String) {
        let request = self.client.get(format!("{}{path}", self.base)).header("cookie", cookie);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sends_a_file_from_our_page_and_reads_what_it_gives() {
    let site = Site::open().await;
    let now = time::OffsetDateTime::now_utc();
    let named = (&OPERATOR.parse().unwrap(), StaffRole::Operator);
    site.town.actions.entrust_platform(named, now).await.unwrap();
    let session = site.cookie(OPERATOR).await;
    site.prove(&session).await;
    let flow = Flow::begin();
    let thread = flow.set_cookie(false);
    let thread = thread.to_str().unwrap().split(';').next().unwrap().to_owned();
    let cookie = format!("{session}; {thread}");
    let token = flow.token("/fonds/besoins");
    let table = |file: &str| body(&[("flow", &token), ("geste", "table")], file);
    let other = Flow::begin().token("/fonds/besoins");
    let elsewhere = flow.token("/fonds/regles");
    for token in ["", other.as_str(), elsewhere.as_str()] {
        let sent = body(&[("flow", token), ("geste", "table")], TABLE);
        let (status, _, text) = site.sends(&cookie, sent).await;
        assert!(status == 403 && text.contains("Rien n’a été importé"), "{status}");
    }
    for more in [[("geste", "table"), ("est_admin", "oui")], [("geste", "table"), ("geste", "x")]] {
        let fields: Vec<_> = more.into_iter().chain([("flow", token.as_str())]).collect();
        let (status, _, text) = site.sends(&cookie, body(&fields, TABLE)).await;
        assert!(status == 422 && text.contains("Demande non comprise"), "{status}");
    }
    let wrong = TABLE.replace("18500", "<b>peu</b>");
    let (status, _, text) = site.sends(&cookie, table(&wrong)).await;
    assert!(status == 422 && text.contains("Ligne 9, colonne 3."), "{status} {text}");
    assert!(!text.contains("<b>peu</b>"), "escaped");
    let (status, to, _) = site.sends(&cookie, table(TABLE)).await;
    assert_eq!((status, to.as_str()), (303, "/fonds/besoins/1?fait=importer"));
    let (status, text) = site.sees(&cookie, "/fonds/besoins/1").await;
    assert!(status == 200 && text.contains("37\u{202f}633,73\u{a0}€"), "{text}");
    let (status, text) = site.sees(&cookie, "/fonds/besoins/1?total=abc").await;
    assert!(status == 200 && text.contains("ne se partage pas ainsi"), "{text}");
    let asked = "/fonds/besoins/1/enveloppes.csv?total=1000000&plancher=90&plafond=130";
    let (_, text) = site.sees(&cookie, asked).await;
    assert!(text.contains("\r\n23,115000,13222,3763373,plafond,\r\n"), "{text}");
    let (_, text) = site.sees(&cookie, "/fonds/besoins/1/table.csv").await;
    assert_eq!(text, TABLE);
    let (_, model) = site.sees(&cookie, "/fonds/besoins/modele.csv").await;
    let (status, to, text) = site.sends(&cookie, table(&model)).await;
    assert_eq!((status, to.as_str()), (303, "/fonds/besoins/2?fait=importer"), "{text}");
    let (_, text) = site.sees(&cookie, "/fonds/besoins/2?fait=importer").await;
    assert!(text.contains("Valeurs de repli") && text.contains("version 1"), "{text}");
    let fields = [("flow", token.as_str()), ("geste", "zonages"), ("millesime", "2026")];
    let (status, to, _) = site.sends(&cookie, body(&fields, FLAGS)).await;
    assert_eq!((status, to.as_str()), (303, "/fonds/besoins?zonages=1"));
    let (_, text) = site.sees(&cookie, "/fonds/besoins?zonages=1").await;
    assert!(text.contains("Zonages importés, version 1"), "{text}");
    site.town.end().await;
}
