//! The patient of the story. A real product reads this from its chart.

use serde::Serialize;

#[derive(Serialize)]
pub struct Patient {
    pub name: &'static str,
    pub born: &'static str,
    pub age: u8,
    pub sex: &'static str,
    pub record: &'static str,
    pub address: &'static str,
    pub allergies: &'static str,
}

/// What the signing screen must show of each prescription (21 CFR 1311.120(b)(9)).
#[derive(Serialize)]
pub struct Prescription {
    pub drug: &'static str,
    pub strength: &'static str,
    pub form: &'static str,
    pub quantity: &'static str,
    pub directions: &'static str,
    pub refills: &'static str,
    pub schedule: &'static str,
}

/// Of the practice; the name comes from the provider.
#[derive(Serialize)]
pub struct Practice {
    pub dea_number: &'static str,
    pub address: &'static str,
}

pub const PRACTICE: Practice = Practice {
    dea_number: "BR1234563",
    address: "Cedar Clinic, 400 Orchard Avenue, Portland, OR 97205",
};

/// One signing is for one patient (21 CFR 1311.120(b)(13)).
pub const PATIENT: Patient = Patient {
    name: "Eleanor Whitfield",
    born: "14 Mar 2009",
    age: 17,
    sex: "Female",
    record: "CC-204418",
    address: "18 Maple Court, Portland, OR 97219",
    allergies: "Penicillin (rash)",
};

pub const PRESCRIPTIONS: [Prescription; 3] = [
    Prescription {
        drug: "Lacosamide",
        strength: "100 mg",
        form: "Tablet",
        quantity: "60 (sixty) tablets",
        directions: "Take 1 tablet by mouth twice daily for focal seizures.",
        refills: "5",
        schedule: "C-V",
    },
    Prescription {
        drug: "Clobazam",
        strength: "10 mg",
        form: "Tablet",
        quantity: "30 (thirty) tablets",
        directions: "Take 1 tablet by mouth at bedtime.",
        refills: "2",
        schedule: "C-IV",
    },
    Prescription {
        drug: "Methylphenidate ER",
        strength: "18 mg",
        form: "Extended-release tablet",
        quantity: "30 (thirty) tablets",
        directions: "Take 1 tablet by mouth every morning.",
        refills: "None",
        schedule: "C-II",
    },
];
