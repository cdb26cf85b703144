//! What kind of organisation receives: it decides which rate applies, if any.

use std::fmt;

use domain::coded;

coded!(
    /// Category of the organisation that issues the receipt, as of CGI art. 200, 238 bis, 978.
    OrganisationCategory {
        /// Association of general interest.
        GeneralInterest = "general_interest",
        /// State, local authority, public establishment.
        PublicBody = "public_body",
        /// Free meals, housing or free care for people in difficulty (CGI art. 200-1 ter).
        AidToPeopleInDifficulty = "aid_to_people_in_difficulty",
        /// Help to victims of domestic violence (law 2025-127 art. 5).
        DomesticViolence = "domestic_violence",
        /// Foundation recognised as of public utility, and the funds it shelters.
        RupFoundation = "rup_foundation",
        /// Association recognised as of public utility.
        RupAssociation = "rup_association",
        /// Fonds de dotation.
        EndowmentFund = "endowment_fund",
        /// Body of another European State, approved (CGI art. 200-4 bis).
        EuApproved = "eu_approved",
        /// Structure for insertion through work.
        InsertionStructure = "insertion_structure",
        /// Higher education or research establishment.
        HigherEducationResearch = "higher_education_research",
        /// Company under commercial law, cooperatives included: no reduction.
        CommercialCompany = "commercial_company",
        /// Not of general interest: no reduction.
        NotGeneralInterest = "not_general_interest",
    }
);

impl fmt::Display for OrganisationCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
