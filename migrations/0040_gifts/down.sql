DROP TABLE disputes; DROP TABLE refunds; DROP TABLE provider_events; DROP TABLE gift_payments; DROP TABLE gift_donors; DROP TABLE gifts;
