DROP INDEX receipts_with_names;
DROP INDEX gifts_unpaid_with_names;
DROP INDEX letters_of_inviters;
DROP INDEX followers_by_person;
DROP INDEX provider_events_of_gift;
DROP INDEX gift_payments_with_marks;
DROP INDEX provider_events_with_words;
DROP INDEX letters_with_words;
DROP INDEX trail_by_age;
DROP TRIGGER trail_only_grows ON trail;
CREATE TRIGGER trail_only_grows BEFORE UPDATE OR DELETE ON trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DROP FUNCTION refuse_change_unless_forgetting();
DROP TABLE address_changes;
DROP INDEX people_by_age;
ALTER TABLE people DROP CONSTRAINT people_forgotten_have_no_address;
ALTER TABLE people DROP COLUMN forgotten_at;
ALTER TABLE people DROP COLUMN erase_asked_at;
