DROP TABLE problem_reports; DROP TABLE followers; DROP TABLE campaign_updates; DROP TABLE total_changes; DROP TABLE campaign_totals; DROP TABLE campaigns;
