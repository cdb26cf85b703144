DROP TABLE provider_sessions; DROP TABLE waiting_identities; DROP TABLE round_trips; DROP TABLE identities;
