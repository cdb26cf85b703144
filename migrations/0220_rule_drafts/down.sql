ALTER TABLE rehearsals DROP CONSTRAINT rehearsals_draft;
DROP TABLE rule_drafts;
DROP TABLE rehearsals;
