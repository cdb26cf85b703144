DROP TABLE provider_sweeps; DROP TABLE discrepancies; DROP TABLE limits; DROP TABLE settings;
