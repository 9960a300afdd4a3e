DELETE FROM schema_compat WHERE migration = '20261129001700';
DROP TABLE policy_event_texts;
DROP TABLE policy_event_decisions;
DROP TABLE policy_event_people;
DROP TABLE policy_events;
DROP TABLE applications;
