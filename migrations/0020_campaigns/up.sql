-- Campaigns, their news, and the totals that pages show.
CREATE TABLE campaigns (
    id text PRIMARY KEY,
    slug text NOT NULL CONSTRAINT campaigns_slug_is_unique UNIQUE,
    holder_id text NOT NULL REFERENCES organisations (id),
    title text NOT NULL,
    summary text NOT NULL,
    story text NOT NULL,
    details jsonb NOT NULL,
    facts jsonb NOT NULL,
    category text NOT NULL,
    stage text NOT NULL,
    departement text NOT NULL,
    commune text NOT NULL,
    publics text[] NOT NULL,
    services text[] NOT NULL,
    axes_rse text[] NOT NULL,
    goal_cents bigint NOT NULL,
    budget_cents bigint NOT NULL,
    all_or_nothing boolean NOT NULL,
    status text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    minimum_reached_at timestamptz,
    closed_at timestamptz,
    words tsvector NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    CONSTRAINT campaigns_goal_is_positive CHECK (goal_cents > 0),
    CONSTRAINT campaigns_optimum_is_not_below_minimum CHECK (budget_cents >= goal_cents),
    CONSTRAINT campaigns_end_after_they_start CHECK (ends_at > starts_at),
    CONSTRAINT campaigns_status_is_known CHECK (status IN ('draft', 'submitted', 'changes_requested',
        'accepted', 'published', 'suspended', 'succeeded', 'failed', 'delivering', 'completed',
        'abandoned'))
);
CREATE INDEX campaigns_words ON campaigns USING gin (words);
CREATE INDEX campaigns_by_end ON campaigns (ends_at) WHERE status = 'published';
COMMENT ON TABLE campaigns IS 'A project that asks for money: what it says, where it acts, how far it is.';
COMMENT ON COLUMN campaigns.story IS 'Markdown, cleaned when shown.';
COMMENT ON COLUMN campaigns.details IS 'For people only: budget lines, needs, milestones, indicators, team.';
COMMENT ON COLUMN campaigns.facts IS 'The campaign as the matching rules see it, frozen at publication.';
COMMENT ON COLUMN campaigns.goal_cents IS 'The minimum, in cents.';
COMMENT ON COLUMN campaigns.budget_cents IS 'The optimum, which is the eligible cost, in cents.';
COMMENT ON COLUMN campaigns.words IS 'What the search finds: French stems of the text without accents.';

CREATE TABLE campaign_totals (
    campaign_id text PRIMARY KEY REFERENCES campaigns (id),
    raised_cents bigint NOT NULL DEFAULT 0,
    matched_cents bigint NOT NULL DEFAULT 0,
    gifts bigint NOT NULL DEFAULT 0,
    milestone integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE campaign_totals IS 'Shown figures, folded from total_changes by a worker: never updated inside a gift''s transaction.';
COMMENT ON COLUMN campaign_totals.milestone IS 'The last milestone announced: 25, 50, 75, 100 (minimum) or 200 (optimum).';

CREATE TABLE total_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id text NOT NULL REFERENCES campaigns (id),
    raised_cents bigint NOT NULL,
    matched_cents bigint NOT NULL,
    gifts bigint NOT NULL
);
CREATE INDEX total_changes_by_campaign ON total_changes (campaign_id);
COMMENT ON TABLE total_changes IS 'Appended by each gift, eaten by the fold; a page adds what is still here.';

CREATE TABLE campaign_updates (
    id uuid PRIMARY KEY,
    campaign_id text NOT NULL REFERENCES campaigns (id),
    title text NOT NULL,
    body text NOT NULL,
    published_at timestamptz NOT NULL
);
CREATE INDEX campaign_updates_by_campaign ON campaign_updates (campaign_id, published_at DESC);
COMMENT ON TABLE campaign_updates IS 'News of a project by its holder, in Markdown.';

CREATE TABLE followers (
    campaign_id text NOT NULL REFERENCES campaigns (id),
    person_id uuid NOT NULL REFERENCES people (id),
    token text NOT NULL CONSTRAINT followers_token_is_unique UNIQUE,
    asked_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (campaign_id, person_id)
);
COMMENT ON TABLE followers IS 'Who asked for the news of a project; confirmed by e-mail, ended in one click.';

CREATE TABLE problem_reports (
    id uuid PRIMARY KEY,
    campaign_id text NOT NULL REFERENCES campaigns (id),
    reason text NOT NULL,
    message text NOT NULL,
    reported_at timestamptz NOT NULL,
    CONSTRAINT problem_reports_are_short CHECK (length(message) <= 4000)
);
COMMENT ON TABLE problem_reports IS 'What a visitor finds wrong with a campaign; read by the operator.';
