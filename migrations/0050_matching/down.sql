DROP TABLE decisions; DROP TABLE rule_usage; DROP TABLE campaign_draws; DROP TABLE match_entries; DROP TABLE match_lines;
