-- Promises: what must still happen, written in the transaction that made it necessary.
CREATE TABLE jobs (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    key text,
    payload jsonb NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    run_at timestamptz NOT NULL DEFAULT '-infinity',
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL,
    again boolean NOT NULL DEFAULT false,
    token uuid,
    lease_until timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT jobs_state_is_known CHECK (state IN ('waiting', 'running', 'parked', 'done')),
    CONSTRAINT jobs_running_has_a_lease
        CHECK ((state = 'running') = (token IS NOT NULL)
            AND (state = 'running') = (lease_until IS NOT NULL)),
    CONSTRAINT jobs_parked_has_a_reason CHECK (state <> 'parked' OR last_error IS NOT NULL),
    CONSTRAINT jobs_done_has_a_date CHECK ((state = 'done') = (finished_at IS NOT NULL)),
    CONSTRAINT jobs_attempts_are_bounded
        CHECK (max_attempts > 0 AND attempts BETWEEN 0 AND max_attempts),
    CONSTRAINT jobs_only_running_runs_again CHECK (state = 'running' OR NOT again)
);
CREATE UNIQUE INDEX jobs_one_unfinished_per_key ON jobs (key)
    WHERE key IS NOT NULL AND state <> 'done';
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_parked ON jobs (id) WHERE state = 'parked';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE state = 'done';
COMMENT ON TABLE jobs IS 'The queue: one row per promise, waiting, running under a lease, parked for a person, or done.';
COMMENT ON COLUMN jobs.id IS 'Order of arrival.';
COMMENT ON COLUMN jobs.kind IS 'Which task it is; the queue does not know what it means.';
COMMENT ON COLUMN jobs.key IS 'Among unfinished jobs one per key: enqueued twice, it is one job.';
COMMENT ON COLUMN jobs.payload IS 'What the task needs: ids, never names nor addresses.';
COMMENT ON COLUMN jobs.state IS 'waiting, running, parked (a person must look) or done.';
COMMENT ON COLUMN jobs.run_at IS 'Not before; -infinity: at once, whatever the clock says.';
COMMENT ON COLUMN jobs.attempts IS 'Counted when it is claimed, so that a job that kills its process is counted too.';
COMMENT ON COLUMN jobs.max_attempts IS 'After so many it is parked.';
COMMENT ON COLUMN jobs.again IS 'Its key was enqueued while it ran: it waits again instead of being done.';
COMMENT ON COLUMN jobs.token IS 'Fence: new at each claim; whoever holds an older one can finish nothing.';
COMMENT ON COLUMN jobs.lease_until IS 'By the database''s clock; after this anybody may take the job over.';
COMMENT ON COLUMN jobs.last_error IS 'Why it failed last, or why it is parked.';
COMMENT ON COLUMN jobs.created_at IS 'When it was promised, by the database''s clock.';
COMMENT ON COLUMN jobs.finished_at IS 'When it was done; rows done long ago are swept.';

CREATE TABLE job_schedules (
    name text PRIMARY KEY,
    last_at timestamptz NOT NULL
);
COMMENT ON TABLE job_schedules IS 'How far each recurring entry was enqueued, so that many processes enqueue each occurrence once.';
COMMENT ON COLUMN job_schedules.name IS 'The entry''s name in the calendar.';
COMMENT ON COLUMN job_schedules.last_at IS 'The latest occurrence that was enqueued.';
