//! The queue's own two tables.

diesel::table! {
    jobs (id) {
        id -> Int8,
        kind -> Text,
        key -> Nullable<Text>,
        payload -> Jsonb,
        state -> Text,
        run_at -> Timestamptz,
        attempts -> Int4,
        max_attempts -> Int4,
        again -> Bool,
        token -> Nullable<Uuid>,
        lease_until -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    job_schedules (name) {
        name -> Text,
        last_at -> Timestamptz,
    }
}
