// Written by script/schema; do not edit.

diesel::table! {
    address_changes (id) {
        id -> Uuid,
        person_id -> Uuid,
        session_id -> Uuid,
        email -> Text,
        new_link -> Nullable<Bytea>,
        old_link -> Nullable<Bytea>,
        asked_at -> Timestamptz,
        new_said_at -> Nullable<Timestamptz>,
        old_said_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    agreements (number) {
        number -> Int8,
        pot_id -> Text,
        contributor -> Int8,
        earmark -> Jsonb,
        signed_on -> Date,
        ends_on -> Nullable<Date>,
        promised_cents -> Int8,
        document -> Nullable<Bytea>,
        document_by -> Nullable<Uuid>,
        document_at -> Nullable<Timestamptz>,
        begun_by -> Uuid,
        begun_at -> Timestamptz,
    }
}

diesel::table! {
    allocation_orders (number) {
        number -> Int8,
        pot_id -> Text,
        tranche_id -> Text,
        earmark -> Jsonb,
        ends_on -> Nullable<Date>,
        amount_cents -> Int8,
        reason -> Text,
        state -> Text,
        asked_by -> Uuid,
        asked_at -> Timestamptz,
        lapses_at -> Timestamptz,
        signed_by -> Nullable<Uuid>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    award_parts (award_id, rank) {
        award_id -> Int8,
        rank -> Int4,
        attributed_cents -> Int8,
        gift_ids -> Array<Uuid>,
    }
}

diesel::table! {
    awards (id) {
        id -> Int8,
        campaign_id -> Text,
        pot_id -> Text,
        rule_set_id -> Text,
        rule_set_version -> Int8,
        granted_cents -> Int8,
        binding -> Text,
        sources -> Jsonb,
        given_at -> Timestamptz,
    }
}

diesel::table! {
    campaign_draws (campaign_id) {
        campaign_id -> Text,
        eu_cents -> Int8,
        public_cents -> Int8,
    }
}

diesel::table! {
    campaign_totals (campaign_id) {
        campaign_id -> Text,
        raised_cents -> Int8,
        matched_cents -> Int8,
        gifts -> Int8,
        milestone -> Int4,
    }
}

diesel::table! {
    campaign_updates (id) {
        id -> Uuid,
        campaign_id -> Text,
        title -> Text,
        body -> Text,
        published_at -> Timestamptz,
    }
}

diesel::table! {
    campaigns (id) {
        id -> Text,
        slug -> Text,
        holder_id -> Text,
        title -> Text,
        summary -> Text,
        story -> Text,
        details -> Jsonb,
        facts -> Jsonb,
        category -> Text,
        stage -> Text,
        departement -> Text,
        commune -> Text,
        publics -> Array<Text>,
        services -> Array<Text>,
        axes_rse -> Array<Text>,
        goal_cents -> Int8,
        budget_cents -> Int8,
        all_or_nothing -> Bool,
        status -> Text,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        minimum_reached_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        flags_version -> Nullable<Int8>,
    }
}

diesel::table! {
    ceremonies (session_id) {
        session_id -> Uuid,
        kind -> Text,
        state -> Jsonb,
        begun_at -> Timestamptz,
    }
}

diesel::table! {
    closed_rounds (rule_set_id, rule_set_version) {
        rule_set_id -> Text,
        rule_set_version -> Int8,
        closed_at -> Timestamptz,
    }
}

diesel::table! {
    contributors (number) {
        number -> Int8,
        name -> Text,
        origin -> Text,
        siren -> Nullable<Text>,
    }
}

diesel::table! {
    decisions (id) {
        id -> Int8,
        gift_id -> Nullable<Uuid>,
        event -> Text,
        at -> Timestamptz,
        recorded_at -> Timestamptz,
        explanation -> Jsonb,
        digest -> Bytea,
        campaign_id -> Nullable<Text>,
        pot_id -> Nullable<Text>,
        donor_group -> Nullable<Text>,
    }
}

diesel::table! {
    discrepancies (number) {
        number -> Int8,
        kind -> Text,
        subject -> Text,
        details -> Jsonb,
        raised_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        closed_for -> Nullable<Text>,
    }
}

diesel::table! {
    disputes (id) {
        id -> Text,
        gift_id -> Uuid,
        amount_cents -> Int8,
        fee_cents -> Int8,
        state -> Text,
        opened_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    documents (sha256) {
        sha256 -> Bytea,
        content_type -> Text,
        bytes -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    followers (campaign_id, person_id) {
        campaign_id -> Text,
        person_id -> Uuid,
        token -> Text,
        asked_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    gift_challenges (token) {
        token -> Text,
        gift_id -> Uuid,
        form -> Jsonb,
        asked_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    gift_donors (gift_id) {
        gift_id -> Uuid,
        first_name -> Text,
        last_name -> Text,
        address_line -> Text,
        postcode -> Text,
        city -> Text,
        country -> Text,
    }
}

diesel::table! {
    gift_payments (gift_id) {
        gift_id -> Uuid,
        destination -> Text,
        session_id -> Nullable<Text>,
        checkout_url -> Nullable<Text>,
        payment_intent -> Nullable<Text>,
        charge -> Nullable<Text>,
        fee_cents -> Nullable<Int8>,
        card_fingerprint -> Nullable<Text>,
        decline_code -> Nullable<Text>,
        asked_at -> Timestamptz,
        asked_from -> Text,
    }
}

diesel::table! {
    gifts (id) {
        id -> Uuid,
        token -> Text,
        campaign_id -> Text,
        person_id -> Uuid,
        amount_cents -> Int8,
        method -> Text,
        public_name -> Bool,
        wants_news -> Bool,
        wants_receipt -> Bool,
        created_at -> Timestamptz,
        state -> Text,
        captured_cents -> Int8,
        refunded_cents -> Int8,
        lost_cents -> Int8,
        paid_at -> Nullable<Timestamptz>,
        cleared_at -> Nullable<Timestamptz>,
        match_state -> Text,
        match_cents -> Int8,
        reservation_ends_at -> Nullable<Timestamptz>,
        no_receipt_reason -> Nullable<Text>,
        reduction_bp -> Nullable<Int8>,
    }
}

diesel::table! {
    identities (id) {
        id -> Uuid,
        person_id -> Uuid,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        siret -> Nullable<Text>,
        first_seen_at -> Timestamptz,
        last_seen_at -> Timestamptz,
    }
}

diesel::table! {
    instalments (agreement, rank) {
        agreement -> Int8,
        rank -> Int4,
        amount_cents -> Int8,
        due_on -> Date,
        state -> Text,
        pot_id -> Nullable<Text>,
        tranche_id -> Nullable<Text>,
        withdrawn_cents -> Int8,
        changed_by -> Uuid,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    invitations (id) {
        id -> Uuid,
        organisation_id -> Text,
        email -> Text,
        email_key -> Text,
        role -> Text,
        invited_by -> Uuid,
        invited_at -> Timestamptz,
        ends_at -> Timestamptz,
        answer -> Nullable<Text>,
        answered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    journal_entries (posting_id, rank) {
        posting_id -> Int8,
        rank -> Int4,
        account -> Text,
        amount_cents -> Int8,
        currency -> Text,
    }
}

diesel::table! {
    journal_postings (id) {
        id -> Int8,
        cause_kind -> Text,
        cause_id -> Text,
        kind -> Text,
        at -> Timestamptz,
        booked_at -> Timestamptz,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    ledger_keys (pot_id) {
        pot_id -> Text,
        key -> Bytea,
    }
}

diesel::table! {
    letters (id) {
        id -> Uuid,
        dedupe_key -> Text,
        person_id -> Uuid,
        kind -> Text,
        letter -> Jsonb,
        receipt_id -> Nullable<Uuid>,
        unsubscribe_url -> Nullable<Text>,
        state -> Text,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        problem -> Nullable<Text>,
    }
}

diesel::table! {
    limits (key) {
        key -> Text,
        level_micro -> Int8,
        at -> Timestamptz,
    }
}

diesel::table! {
    match_entries (id) {
        id -> Int8,
        gift_id -> Nullable<Uuid>,
        pot_id -> Text,
        tranche_id -> Text,
        campaign_id -> Text,
        kind -> Text,
        amount_cents -> Int8,
        at -> Timestamptz,
        award_id -> Nullable<Int8>,
    }
}

diesel::table! {
    match_lines (gift_id, rank) {
        gift_id -> Uuid,
        rank -> Int4,
        campaign_id -> Text,
        donor_group -> Text,
        pot_id -> Text,
        rule_set_id -> Text,
        rule_set_version -> Int8,
        granted_cents -> Int8,
        base_used_cents -> Int8,
        line -> Jsonb,
    }
}

diesel::table! {
    members (organisation_id, person_id) {
        organisation_id -> Text,
        person_id -> Uuid,
        role -> Text,
        since -> Timestamptz,
    }
}

diesel::table! {
    need_tables (version) {
        version -> Int8,
        source -> Text,
        vintage -> Text,
        document -> Jsonb,
        file -> Bytea,
        sha256 -> Bytea,
        imported_by -> Uuid,
        imported_at -> Timestamptz,
    }
}

diesel::table! {
    organisations (id) {
        id -> Text,
        name -> Text,
        kind -> Text,
        siren -> Text,
        object -> Text,
        address_line -> Text,
        address_postcode -> Text,
        address_city -> Text,
        address_country -> Text,
        representative_name -> Text,
        representative_role -> Text,
        undertaking -> Nullable<Text>,
        economic_activity -> Bool,
        tax_category -> Text,
        eligibility -> Text,
        eligible_from -> Nullable<Date>,
        eligibility_reference -> Nullable<Text>,
        mandate_signed_on -> Nullable<Date>,
        provider_account -> Nullable<Text>,
        charges_enabled -> Bool,
        created_at -> Timestamptz,
        signature -> Nullable<Bytea>,
        suspended_at -> Nullable<Timestamptz>,
        suspended_for -> Nullable<Text>,
        merged_into -> Nullable<Text>,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Uuid,
        person_id -> Uuid,
        credential -> Bytea,
        name -> Text,
        key -> Jsonb,
        added_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    people (id) {
        id -> Uuid,
        email -> Text,
        email_key -> Text,
        created_at -> Timestamptz,
        bounced_at -> Nullable<Timestamptz>,
        erase_asked_at -> Nullable<Timestamptz>,
        forgotten_at -> Nullable<Timestamptz>,
        signed_in_at -> Nullable<Timestamptz>,
        suspended_at -> Nullable<Timestamptz>,
        suspended_for -> Nullable<Text>,
        merged_into -> Nullable<Uuid>,
    }
}

diesel::table! {
    pots (id) {
        id -> Text,
        ordinal -> Int8,
        title -> Text,
    }
}

diesel::table! {
    problem_reports (id) {
        id -> Uuid,
        campaign_id -> Text,
        reason -> Text,
        message -> Text,
        reported_at -> Timestamptz,
    }
}

diesel::table! {
    provider_events (provider, id) {
        provider -> Text,
        id -> Text,
        kind -> Text,
        body -> Bytea,
        livemode -> Bool,
        gift_id -> Nullable<Uuid>,
        state -> Text,
        note -> Nullable<Text>,
        received_at -> Timestamptz,
        settled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    provider_sessions (session_id) {
        session_id -> Uuid,
        provider -> Text,
        id_token -> Text,
    }
}

diesel::table! {
    provider_sweeps (provider) {
        provider -> Text,
        swept_to -> Timestamptz,
        at -> Timestamptz,
    }
}

diesel::table! {
    receipt_counters (issuer_id, year) {
        issuer_id -> Text,
        year -> Int4,
        last_rank -> Int8,
    }
}

diesel::table! {
    receipts (id) {
        id -> Uuid,
        gift_id -> Uuid,
        issuer_id -> Text,
        year -> Int4,
        rank -> Int8,
        number -> Text,
        token -> Text,
        code -> Text,
        amount_cents -> Int8,
        content -> Jsonb,
        document -> Nullable<Bytea>,
        issued_at -> Timestamptz,
        cancelled_at -> Nullable<Timestamptz>,
        cancel_reason -> Nullable<Text>,
    }
}

diesel::table! {
    recoveries (id) {
        id -> Uuid,
        person_id -> Uuid,
        reason -> Text,
        asked_by -> Uuid,
        asked_at -> Timestamptz,
        ends_at -> Timestamptz,
        confirmed_by -> Nullable<Uuid>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    refunds (id) {
        id -> Uuid,
        gift_id -> Uuid,
        provider_id -> Nullable<Text>,
        amount_cents -> Int8,
        origin -> Text,
        state -> Text,
        asked_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    rehearsals (id) {
        id -> Uuid,
        draft -> Int8,
        document -> Jsonb,
        asked_by -> Uuid,
        asked_at -> Timestamptz,
        progress -> Int4,
        gifts -> Nullable<Int8>,
        took_ms -> Nullable<Int8>,
        report -> Nullable<Jsonb>,
        problem -> Nullable<Text>,
        ended_at -> Nullable<Timestamptz>,
        pot_id -> Text,
        beside -> Jsonb,
        year_gifts -> Nullable<Int8>,
        year_seed -> Nullable<Int8>,
    }
}

diesel::table! {
    round_trips (id) {
        id -> Uuid,
        provider -> Text,
        state -> Bytea,
        nonce -> Text,
        verifier -> Text,
        browser -> Text,
        session_id -> Nullable<Uuid>,
        next -> Text,
        asked_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    rule_drafts (number) {
        number -> Int8,
        rule_set_id -> Text,
        pot_id -> Text,
        document -> Jsonb,
        state -> Text,
        begun_by -> Uuid,
        begun_at -> Timestamptz,
        changed_by -> Uuid,
        changed_at -> Timestamptz,
        submitted_by -> Nullable<Uuid>,
        submitted_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        reason -> Nullable<Text>,
        version -> Nullable<Int8>,
    }
}

diesel::table! {
    rule_sets (id, version) {
        id -> Text,
        version -> Int8,
        pot_id -> Text,
        document -> Jsonb,
        sentences -> Jsonb,
        published_at -> Timestamptz,
        effective_from -> Timestamptz,
        effective_to -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    rule_usage (rule_set_id, campaign_id) {
        rule_set_id -> Text,
        campaign_id -> Text,
        match_cents -> Int8,
    }
}

diesel::table! {
    sealed_days (day) {
        day -> Date,
        records -> Int8,
        root -> Bytea,
        previous -> Bytea,
        seal -> Bytea,
        sealed_at -> Timestamptz,
    }
}

diesel::table! {
    sealed_ledgers (pot_id, day) {
        pot_id -> Text,
        day -> Date,
        sha256 -> Bytea,
        size_bytes -> Int8,
        body -> Nullable<Bytea>,
        written_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        token -> Bytea,
        person_id -> Uuid,
        device -> Text,
        began_at -> Timestamptz,
        seen_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        strong_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    settings (key) {
        key -> Text,
        value -> Jsonb,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    sign_ins (id) {
        id -> Uuid,
        browser -> Text,
        email -> Text,
        next -> Text,
        link -> Nullable<Bytea>,
        code -> Nullable<Bytea>,
        tries -> Int4,
        asked_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    staff (person_id) {
        person_id -> Uuid,
        role -> Text,
        since -> Timestamptz,
    }
}

diesel::table! {
    territory_flags (version) {
        version -> Int8,
        vintage -> Text,
        rural_column -> Text,
        priority_column -> Text,
        communes -> Int8,
        rural -> Array<Text>,
        priority -> Array<Text>,
        sha256 -> Bytea,
        imported_by -> Uuid,
        imported_at -> Timestamptz,
    }
}

diesel::table! {
    total_changes (id) {
        id -> Int8,
        campaign_id -> Text,
        raised_cents -> Int8,
        matched_cents -> Int8,
        gifts -> Int8,
    }
}

diesel::table! {
    trail (id) {
        id -> Int8,
        at -> Timestamptz,
        actor_id -> Nullable<Uuid>,
        action -> Text,
        subject -> Text,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
    }
}

diesel::table! {
    tranche_fits (pot_id, tranche_id, campaign_id) {
        pot_id -> Text,
        tranche_id -> Text,
        campaign_id -> Text,
    }
}

diesel::table! {
    tranches (pot_id, id) {
        pot_id -> Text,
        id -> Text,
        contributor_name -> Text,
        origin -> Text,
        terms -> Jsonb,
        amount_cents -> Int8,
        used_cents -> Int8,
        withdrawn_cents -> Int8,
        opened_cents -> Nullable<Int8>,
    }
}

diesel::table! {
    waiting_identities (sign_in_id) {
        sign_in_id -> Uuid,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        siret -> Nullable<Text>,
        id_token -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    address_changes,
    agreements,
    allocation_orders,
    award_parts,
    awards,
    campaign_draws,
    campaign_totals,
    campaign_updates,
    campaigns,
    ceremonies,
    closed_rounds,
    contributors,
    decisions,
    discrepancies,
    disputes,
    documents,
    followers,
    gift_challenges,
    gift_donors,
    gift_payments,
    gifts,
    identities,
    instalments,
    invitations,
    journal_entries,
    journal_postings,
    ledger_keys,
    letters,
    limits,
    match_entries,
    match_lines,
    members,
    organisations,
    passkeys,
    people,
    pots,
    problem_reports,
    provider_events,
    provider_sessions,
    provider_sweeps,
    receipt_counters,
    receipts,
    recoveries,
    refunds,
    round_trips,
    rule_sets,
    rule_usage,
    sealed_days,
    sealed_ledgers,
    sessions,
    settings,
    sign_ins,
    staff,
    total_changes,
    trail,
    tranche_fits,
    tranches,
    waiting_identities,
);
