//! Share images: the size that networks expect, whatever the texts.

use documents::{Documents, ShareData};
use domain::{BasisPoints, Cents};
use resvg::tiny_skia::Pixmap;

use crate::sample;

fn draw(share: &ShareData) -> Pixmap {
    let png = Documents::new().share_image(share).expect("the template is sound");
    Pixmap::decode_png(&png).expect("a PNG")
}

/// How many pixels of a colour are in the right part of the image.
fn count(image: &Pixmap, colour: (u8, u8, u8)) -> usize {
    let is = |x: u32, y: u32| {
        let pixel = image.pixel(x, y).expect("inside");
        (pixel.red(), pixel.green(), pixel.blue()) == colour
    };
    (400..1200).flat_map(|x| (0..630).map(move |y| (x, y))).filter(|(x, y)| is(*x, *y)).count()
}

const INK: (u8, u8, u8) = (0x10, 0x26, 0x2a);
const HONEY: (u8, u8, u8) = (0xff, 0xc0, 0x2e);
const PETROL: (u8, u8, u8) = (0x0a, 0x4a, 0x55);

#[test]
fn the_image_has_the_size_of_networks_and_its_words() {
    let image = draw(&sample::campaign());
    assert_eq!((image.width(), image.height()), (1200, 630));
    assert!(count(&image, INK) > 5_000, "the title is drawn");
    let untitled = ShareData { title: String::new(), ..sample::campaign() };
    assert!(count(&draw(&untitled), INK) < count(&image, INK));
}

#[test]
fn gifts_and_match_are_two_layers() {
    let image = draw(&sample::campaign());
    let alone = draw(&ShareData { matched: Cents::ZERO, ..sample::campaign() });
    assert!(count(&image, HONEY) > 1_000 && count(&image, PETROL) > 1_000);
    assert!(count(&alone, HONEY) > count(&image, HONEY));
    assert_eq!(count(&alone, PETROL), 0);
    let nothing = ShareData {
        raised: Cents::ZERO,
        matched: Cents::ZERO,
        goal_share: BasisPoints::new(0),
        ..sample::campaign()
    };
    assert_eq!(count(&draw(&nothing), HONEY), 0);
}

#[test]
fn no_text_leaves_the_image_nor_breaks_it() {
    for title in [
        "Anticonstitutionnellement".repeat(8),
        "Apprendre ensemble, à tout âge, dans chaque village ".repeat(6),
        "<b>&amp; \"{{raised}}\" 😀 王伟 مريم</b>".to_owned(),
    ] {
        let share = ShareData {
            territory: title.clone(),
            holder: title.clone(),
            departement: "974".to_owned(),
            title,
            ..sample::campaign()
        };
        let image = draw(&share);
        let white = |x: u32, y: u32| image.pixel(x, y).expect("inside").red() == 255;
        assert!((0..630).all(|y| (1170..1200).all(|x| white(x, y))), "the right margin is empty");
        assert!((405..1200).all(|x| (0..40).all(|y| white(x, y))), "the top margin is empty");
    }
}
