use super::{flags::Flags, table::Scale, *};
use templates::pages::need::Wrong;

const GOOD: &str = "source;Insee, Filosofi
millésime;2021
Échelle;Département

critère;poids;sens;référence;repli;minimum;maximum;libellé
pauvrete;66,67;croissant;14,4;14,4;50;200;Taux de pauvreté (%)
revenu;33,33;décroissant;22 400;;;;
code;population;revenu;pauvrete
23;115000;20100,5;18,9
2A;160000;22000;
75;2 113 000;28900;15.2
";

fn faults(text: &str) -> Vec<Fault> {
    NeedTable::read(text.as_bytes()).unwrap_err()
}

/// Where, and what.
fn places(text: &str) -> Vec<(Option<u64>, Option<u64>, Wrong)> {
    faults(text).into_iter().map(|fault| (fault.line, fault.column, fault.wrong)).collect()
}

#[test]
fn a_number_is_read_as_people_write_it() {
    assert_eq!(decimal("14,4", 4), Some(144_000));
    assert_eq!(decimal("1\u{202f}234.5 %", 2), Some(123_450));
    assert_eq!(decimal("7,10", 1), Some(71));
    for wrong in ["", ",5", "-1", "1,2,3", "1e3", "1,23456", "٣", "99999999999999999999"] {
        assert_eq!(decimal(wrong, 4), None, "{wrong}");
    }
}

#[test]
fn a_table_is_read_with_its_head() {
    let table = NeedTable::read(GOOD.as_bytes()).unwrap();
    assert_eq!((table.source.as_str(), table.vintage.as_str()), ("Insee, Filosofi", "2021"));
    assert_eq!(table.scale, Scale::Departement);
    let [poverty, income] = &table.criteria[..] else { panic!("{:?}", table.criteria) };
    assert_eq!((poverty.weight_bps, poverty.reference), (6_667, 144_000));
    assert_eq!((income.label.as_str(), income.fallback), ("revenu", None));
    assert_eq!((income.ratio_min_bps, income.ratio_max_bps), (5_000, 20_000));
    let codes: Vec<&str> = table.places.iter().map(|place| place.code.as_str()).collect();
    assert_eq!(codes, ["23", "2A", "75"]);
    let corsica = &table.places[1];
    assert_eq!((&corsica.values[..], corsica.assumed), (&[144_000, 220_000_000][..], 1));
    let tabs = GOOD.replace(';', "\t");
    assert_eq!(NeedTable::read(tabs.as_bytes()).unwrap(), table, "parted by tabs");
    let marked = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    assert_eq!(NeedTable::read(marked.as_bytes()).unwrap(), table, "as a spreadsheet saves it");
}

#[test]
fn every_fault_says_its_line_and_column() {
    let with = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from}");
        GOOD.replacen(from, to, 1)
    };
    let at = |line, column, wrong| vec![(Some(line), Some(column), wrong)];
    let cases = [
        (with("18,9", "dix-huit"), at(9, 4, Wrong::Number { decimals: 4 })),
        (with("115000", "115000,5"), at(9, 2, Wrong::Number { decimals: 0 })),
        (with("115000", "0"), at(9, 2, Wrong::Range)),
        (with("20100,5", "0"), at(9, 3, Wrong::Range)),
        (with("22000;", ";"), at(10, 3, Wrong::Missing)),
        (with("\n23;", "\n20;"), at(9, 1, Wrong::Territory { commune: false })),
        (with("\n2A;", "\n23;"), at(10, 1, Wrong::Twice)),
        (with("15.2", "15.2;5"), at(11, 5, Wrong::Cells { expected: 4 })),
        (with("66,67", "60"), at(5, 2, Wrong::Weights { bps: 9_333 })),
        (with("croissant", "haut"), at(6, 3, Wrong::Direction)),
        (with("50;200", "200;50"), at(6, 7, Wrong::Bounds)),
        (with("Département", "canton"), at(3, 2, Wrong::Scale)),
        (with("code;population", "code;habitants"), {
            let mut two = at(8, 2, Wrong::Column);
            two.extend(at(8, 1, Wrong::NoColumn { name: "population".into() }));
            two
        }),
        (with("Insee, Filosofi", ""), at(1, 2, Wrong::NoText)),
    ];
    for (text, expected) in cases {
        assert_eq!(places(&text), expected, "{text}");
    }
    let no_source = places(&with("source;Insee, Filosofi\n", ""));
    assert_eq!(no_source, [(None, None, Wrong::NoLine { name: "source".into() })]);
    assert_eq!(places(""), [(None, None, Wrong::Empty)]);
    let latin = GOOD.as_bytes().iter().map(|byte| if *byte == 0xc3 { 0xe9 } else { *byte });
    let latin: Vec<u8> = latin.collect();
    assert_eq!(NeedTable::read(&latin).unwrap_err()[0].wrong, Wrong::NotText);
}

const PUBLISHED: &str = "Informations générales - Code INSEE de la commune,\
Informations générales - Nom de la commune,\
Dotation de solidarité urbaine - Population QPV,\
Dotation de solidarité rurale - Bourg-centre - Commune située en ZRR
1001,L'Abergement,0,NON
23096,Guéret,0,OUI
93048,Montreuil,\"21042\",NON
01999,Fusionnée,0,OUI
";

#[test]
fn the_published_table_of_communes_is_read_as_it_is() {
    let usual = FlagColumns::default();
    let read = Flags::read(PUBLISHED.as_bytes(), " 2019 ", &usual).ok().unwrap();
    assert_eq!((read.vintage.as_str(), read.communes), ("2019", 3), "a merged one is left out");
    assert_eq!((read.rural, read.priority), (vec!["23096".to_owned()], vec!["93048".to_owned()]));
    assert!(read.columns.rural.ends_with("Commune située en ZRR"));
    let other = PUBLISHED.replace("Commune située en ZRR", "Zonage");
    let wrong = Flags::read(other.as_bytes(), "2019", &usual).err().unwrap();
    let name = "Commune située en ZRR".to_owned();
    assert_eq!(wrong[0].wrong, Wrong::NoColumn { name });
    let rural = "Dotation de solidarité rurale - Bourg-centre - Zonage".to_owned();
    let named = FlagColumns { rural, ..usual };
    assert!(Flags::read(other.as_bytes(), "2019", &named).is_ok());
}

#[test]
fn a_wrong_flag_says_its_line_and_column() {
    let usual = FlagColumns::default();
    for (from, to, line, column, wrong) in [
        (",0,OUI\n93", ",0,PEUT-ÊTRE\n93", 3, 4, Wrong::YesOrNo),
        ("\n23096", "\nGuéret", 3, 1, Wrong::Territory { commune: true }),
        ("\n93048", "\n23096", 4, 1, Wrong::Twice),
    ] {
        let text = PUBLISHED.replacen(from, to, 1);
        let found = Flags::read(text.as_bytes(), "2019", &usual).err().unwrap();
        let found: Vec<_> = found.into_iter().map(|f| (f.line, f.column, f.wrong)).collect();
        assert_eq!(found, [(Some(line), Some(column), wrong)], "{text}");
    }
}
