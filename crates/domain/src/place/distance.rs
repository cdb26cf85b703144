//! Distance on the globe without floating point, for sorting by nearness.
//!
//! Angles are micro-degrees; sines and cosines are counted in billionths. They come from the sine
//! of the nearest whole degree (a table) and a short series for the rest, so each is right to two
//! billionths.

/// A place on the globe, in millionths of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Point {
    latitude_microdegrees: i32,
    longitude_microdegrees: i32,
}

impl Point {
    /// From a latitude (north is positive) and a longitude (east is positive) in millionths of a
    /// degree, unless they are outside ±90° or ±180°.
    #[must_use]
    pub const fn new(latitude_microdegrees: i32, longitude_microdegrees: i32) -> Option<Self> {
        if latitude_microdegrees.unsigned_abs() > 90_000_000
            || longitude_microdegrees.unsigned_abs() > 180_000_000
        {
            return None;
        }
        Some(Self { latitude_microdegrees, longitude_microdegrees })
    }

    /// Millionths of a degree north of the equator.
    #[must_use]
    pub const fn latitude_microdegrees(self) -> i32 {
        self.latitude_microdegrees
    }

    /// Millionths of a degree east of Greenwich.
    #[must_use]
    pub const fn longitude_microdegrees(self) -> i32 {
        self.longitude_microdegrees
    }
}

/// One, in billionths.
const ONE: i64 = 1_000_000_000;
/// Micro-degrees in a degree.
const DEGREE: i64 = 1_000_000;
/// Billionths of a radian in a billion micro-degrees.
const RADIAN_BILLIONTHS: i64 = 17_453_292_520;
/// Micro-degrees in a radian.
const RADIAN_MICRODEGREES: i64 = 57_295_780;
/// Metres along the ground in a billion micro-degrees.
const GROUND_METRES: i64 = 111_195_084;

/// Sines of the whole degrees from 0 to 90, in billionths.
const SINES: [i64; 91] = [
    0,
    17_452_406,
    34_899_497,
    52_335_956,
    69_756_474,
    87_155_743,
    104_528_463,
    121_869_343,
    139_173_101,
    156_434_465,
    173_648_178,
    190_808_995,
    207_911_691,
    224_951_054,
    241_921_896,
    258_819_045,
    275_637_356,
    292_371_705,
    309_016_994,
    325_568_154,
    342_020_143,
    358_367_950,
    374_606_593,
    390_731_128,
    406_736_643,
    422_618_262,
    438_371_147,
    453_990_500,
    469_471_563,
    484_809_620,
    500_000_000,
    515_038_075,
    529_919_264,
    544_639_035,
    559_192_903,
    573_576_436,
    587_785_252,
    601_815_023,
    615_661_475,
    629_320_391,
    642_787_610,
    656_059_029,
    669_130_606,
    681_998_360,
    694_658_370,
    707_106_781,
    719_339_800,
    731_353_702,
    743_144_825,
    754_709_580,
    766_044_443,
    777_145_961,
    788_010_754,
    798_635_510,
    809_016_994,
    819_152_044,
    829_037_573,
    838_670_568,
    848_048_096,
    857_167_301,
    866_025_404,
    874_619_707,
    882_947_593,
    891_006_524,
    898_794_046,
    906_307_787,
    913_545_458,
    920_504_853,
    927_183_855,
    933_580_426,
    939_692_621,
    945_518_576,
    951_056_516,
    956_304_756,
    961_261_696,
    965_925_826,
    970_295_726,
    974_370_065,
    978_147_601,
    981_627_183,
    984_807_753,
    987_688_341,
    990_268_069,
    992_546_152,
    994_521_895,
    996_194_698,
    997_564_050,
    998_629_535,
    999_390_827,
    999_847_695,
    1_000_000_000,
];

/// The distance between two points along the ground, in metres.
///
/// On a sphere of 6,371,009 m: against that sphere the error is below 2 m plus one metre in 100,000
/// up to 18,000 km; against the real, flattened Earth below 0.6 %. Good for sorting and for "à 12
/// km", not for surveying.
#[must_use]
pub fn distance_metres(a: Point, b: Point) -> u32 {
    let north = gap(a.latitude_microdegrees, b.latitude_microdegrees);
    let around = gap(a.longitude_microdegrees, b.longitude_microdegrees);
    let east = around.min(DEGREE.saturating_mul(360).saturating_sub(around));
    let cosines = times(cosine(a.latitude_microdegrees), cosine(b.latitude_microdegrees));
    let haversine = square(sine(north.div_euclid(2))).saturating_add(
        i128::from(cosines)
            .saturating_mul(square(sine(east.div_euclid(2))))
            .div_euclid(i128::from(ONE)),
    );
    let half_sine = i64::try_from(haversine.isqrt()).unwrap_or(ONE).min(ONE);
    let arc = arcsine(half_sine).saturating_mul(2);
    u32::try_from(arc.saturating_mul(GROUND_METRES).div_euclid(ONE)).unwrap_or(u32::MAX)
}

fn gap(a: i32, b: i32) -> i64 {
    i64::from(a).saturating_sub(i64::from(b)).saturating_abs()
}

/// The product of two fractions in billionths.
fn times(a: i64, b: i64) -> i64 {
    a.saturating_mul(b).div_euclid(ONE)
}

/// The square of a fraction in billionths, in billionths of billionths.
fn square(a: i64) -> i128 {
    i128::from(a).saturating_mul(i128::from(a))
}

fn sine_of_degrees(degrees: i64) -> i64 {
    usize::try_from(degrees).ok().and_then(|at| SINES.get(at)).copied().unwrap_or(ONE)
}

/// The sine of an angle from 0 to 90°.
fn sine(microdegrees: i64) -> i64 {
    let degrees = microdegrees.saturating_add(DEGREE.div_euclid(2)).div_euclid(DEGREE);
    let rest = microdegrees.saturating_sub(degrees.saturating_mul(DEGREE));
    let rest = rest.saturating_mul(RADIAN_BILLIONTHS).div_euclid(ONE);
    let squared = times(rest, rest);
    let cosine_of_rest = ONE.saturating_sub(squared.div_euclid(2));
    let sine_of_rest = rest.saturating_sub(times(squared, rest).div_euclid(6));
    let cosine_of_degrees = sine_of_degrees(90_i64.saturating_sub(degrees));
    times(sine_of_degrees(degrees), cosine_of_rest)
        .saturating_add(times(cosine_of_degrees, sine_of_rest))
        .clamp(0, ONE)
}

/// The cosine of an angle from −90° to 90°.
fn cosine(microdegrees: i32) -> i64 {
    sine(DEGREE.saturating_mul(90).saturating_sub(i64::from(microdegrees).saturating_abs()))
}

/// The angle from 0 to 90° of a sine: between two whole degrees, then one step of Newton's.
fn arcsine(wanted: i64) -> i64 {
    let above = SINES.partition_point(|sine| *sine <= wanted);
    let degrees = i64::try_from(above).unwrap_or(90).saturating_sub(1);
    let below = sine_of_degrees(degrees);
    let step = sine_of_degrees(degrees.saturating_add(1)).saturating_sub(below);
    let within = wanted.saturating_sub(below).saturating_mul(DEGREE).checked_div(step);
    let angle = degrees.saturating_mul(DEGREE).saturating_add(within.unwrap_or(0));
    let missing = wanted.saturating_sub(sine(angle)).saturating_mul(RADIAN_MICRODEGREES);
    let slope = sine(DEGREE.saturating_mul(90).saturating_sub(angle));
    angle.saturating_add(missing.checked_div(slope).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::commune;

    fn between(a: &str, b: &str) -> u32 {
        let centre = |insee| commune(insee).unwrap().centre.unwrap();
        distance_metres(centre(a), centre(b))
    }

    /// The same formula in floating point, on the same sphere.
    #[allow(clippy::float_arithmetic, clippy::as_conversions, reason = "an oracle for the test")]
    fn with_floats(a: Point, b: Point) -> f64 {
        let radians = |microdegrees: i32| (f64::from(microdegrees) / 1e6).to_radians();
        let (from, to) = (radians(a.latitude_microdegrees), radians(b.latitude_microdegrees));
        let around = radians(a.longitude_microdegrees) - radians(b.longitude_microdegrees);
        let square = |sine: f64| sine * sine;
        let haversine = square(((from - to) / 2.0).sin())
            + from.cos() * to.cos() * square((around / 2.0).sin());
        2.0 * 6_371_009.0 * haversine.sqrt().asin()
    }

    #[test]
    #[allow(clippy::float_arithmetic, clippy::as_conversions, reason = "compares with the oracle")]
    fn it_keeps_the_error_it_promises() {
        let samples: Vec<Point> = crate::place::communes()
            .iter()
            .step_by(97)
            .filter_map(|commune| commune.centre)
            .chain(
                [Point::new(-22_270_000, 166_440_000), Point::new(0, -180_000_000)]
                    .into_iter()
                    .flatten(),
            )
            .collect();
        for a in samples.iter().step_by(5) {
            for b in &samples {
                let exact = with_floats(*a, *b);
                let error = (f64::from(distance_metres(*a, *b)) - exact).abs();
                assert!(exact > 18_000_000.0 || error <= 2.0 + exact / 100_000.0, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn distances_are_those_of_the_map() {
        assert_eq!(between("23096", "23096"), 0);
        assert_eq!(between("75056", "69123"), between("69123", "75056"));
        assert!((385_000..400_000).contains(&between("75056", "69123")));
        assert!((9_200_000..9_500_000).contains(&between("75056", "97411")));
    }

    #[test]
    fn the_date_line_is_not_a_wall() {
        let west = Point::new(0, 179_500_000).unwrap();
        let east = Point::new(0, -179_500_000).unwrap();
        assert!((111_190..111_200).contains(&distance_metres(west, east)));
    }

    #[test]
    fn a_point_is_on_the_globe() {
        assert!(Point::new(90_000_001, 0).is_none());
        assert!(Point::new(0, i32::MIN).is_none());
        assert!(Point::new(-90_000_000, 180_000_000).is_some());
    }
}
