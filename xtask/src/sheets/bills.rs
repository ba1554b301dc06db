//! People who do not exist, and what they owe. Drawn from a generator of our
//! own, so that a newer library never changes a sheet.

/// A linear congruential generator (Knuth's constants for MMIX). Its high bits
/// are good enough to pick names.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number from 0 up to but not including `below`.
    pub(super) fn roll(&mut self, below: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = self.0 >> 32;
        u32::try_from((high * u64::from(below)) >> 32).unwrap_or(0)
    }

    pub(super) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let sides = u32::try_from(from.len()).unwrap_or(u32::MAX);
        from.get(self.roll(sides) as usize)
            .copied()
            .unwrap_or_default()
    }

    /// First name and family name.
    pub(super) fn person(&mut self) -> String {
        format!("{} {}", self.pick(FIRST_NAMES), self.pick(FAMILY_NAMES))
    }
}

/// Year, month, day.
#[derive(Clone, Copy)]
pub(super) struct Day(pub(super) u16, pub(super) u8, pub(super) u8);

impl Day {
    pub(super) fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.0, self.1, self.2)
    }

    /// As people here write it: day, month, year.
    pub(super) fn slashes(self) -> String {
        format!("{:02}/{:02}/{:04}", self.2, self.1, self.0)
    }

    /// As a spreadsheet shows it in its shortest form: `5-Mar-35`.
    pub(super) fn short(self) -> String {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let month = months
            .get(usize::from(self.1).saturating_sub(1))
            .copied()
            .unwrap_or_default();
        format!("{}-{month}-{:02}", self.2, self.0 % 100)
    }
}

/// One line of a sheet. Amounts in rupees.
pub(super) struct Bill {
    pub(super) identifier: String,
    pub(super) title: String,
    pub(super) amount: u32,
    pub(super) late_amount: u32,
    pub(super) due: Day,
}

/// The pupils of a class: numbered from one, with a fee that some pay less of,
/// and a fine of 100 or 200 after the due date.
pub(super) fn pupils(dice: &mut Dice, prefix: &str, count: u32, fee: u32, due: Day) -> Vec<Bill> {
    (1..=count)
        .map(|number| {
            let amount = fee - 50 * dice.roll(6);
            Bill {
                identifier: format!("{prefix}{number:03}"),
                title: dice.person(),
                amount,
                late_amount: amount + 100 * (1 + dice.roll(2)),
                due,
            }
        })
        .collect()
}

pub(super) fn identifiers(bills: &[Bill]) -> Vec<String> {
    bills.iter().map(|bill| bill.identifier.clone()).collect()
}

/// `1500` as `1,500`.
pub(super) fn grouped(rupees: u32) -> String {
    let digits = rupees.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

const FIRST_NAMES: &[&str] = &[
    "Ahmed", "Ali", "Areeba", "Ayesha", "Bilal", "Bushra", "Danish", "Eman", "Fahad", "Faiza",
    "Farhan", "Fatima", "Hamza", "Hania", "Haris", "Hina", "Ibrahim", "Iqra", "Jamal", "Javeria",
    "Kashif", "Kinza", "Laiba", "Maham", "Mariam", "Mustafa", "Nadia", "Noman", "Omar", "Rabia",
    "Rehan", "Saad", "Sana", "Shahid", "Sidra", "Tahir", "Usman", "Waleed", "Yasir", "Zainab",
    "Zara", "Zeeshan",
];

const FAMILY_NAMES: &[&str] = &[
    "Abbasi",
    "Ahmad",
    "Akhtar",
    "Ansari",
    "Aslam",
    "Awan",
    "Baig",
    "Baloch",
    "Bhatti",
    "Butt",
    "Chaudhry",
    "Dar",
    "Farooqi",
    "Gill",
    "Gondal",
    "Hashmi",
    "Hussain",
    "Iqbal",
    "Jatoi",
    "Kakar",
    "Khan",
    "Khattak",
    "Lodhi",
    "Malik",
    "Mirza",
    "Mughal",
    "Niazi",
    "Qureshi",
    "Rajput",
    "Rana",
    "Saleem",
    "Shah",
    "Siddiqui",
    "Soomro",
    "Tareen",
    "Virk",
    "Warraich",
    "Yousafzai",
    "Zaidi",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dice_fall_the_same_way_every_time() {
        let mut dice = Dice::new(7);
        let rolls: Vec<u32> = (0..1000).map(|_| dice.roll(6)).collect();
        let mut again = Dice::new(7);
        assert!(rolls.iter().all(|roll| *roll == again.roll(6)));
        assert!((0..6).all(|side| rolls.contains(&side)) && !rolls.contains(&6));
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            [0, 950, 1500, 12_000, 1_234_567].map(grouped),
            ["0", "950", "1,500", "12,000", "1,234,567"]
        );
    }

    #[test]
    fn a_day_has_three_spellings() {
        let day = Day(2035, 3, 5);
        assert_eq!(
            [day.iso(), day.slashes(), day.short()],
            ["2035-03-05", "05/03/2035", "5-Mar-35"]
        );
    }
}
