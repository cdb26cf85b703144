use domain::role::StaffRole;

use crate::pages::Desk;

pub fn desks() -> Vec<(&'static str, Desk)> {
    let quiet = |role| Desk {
        role,
        giving_open: true,
        parked: 0,
        bounced: 0,
        discrepancies: 0,
        recoveries: 0,
    };
    let busy = Desk {
        giving_open: false,
        parked: 2,
        bounced: 14,
        discrepancies: 1,
        recoveries: 1,
        ..quiet(StaffRole::Administrator)
    };
    vec![
        ("busy", busy),
        ("administrator", quiet(StaffRole::Administrator)),
        ("operator", quiet(StaffRole::Operator)),
        ("auditor", quiet(StaffRole::Auditor)),
    ]
}
