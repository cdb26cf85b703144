-- A decision counts the public money of a holder's whole undertaking: with ten thousand campaigns that
-- must not read all of them, while the pots are locked.
CREATE INDEX campaigns_by_holder ON campaigns (holder_id);
CREATE INDEX organisations_by_undertaking ON organisations ((coalesce(undertaking, id)));
