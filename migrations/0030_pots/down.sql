DROP TABLE tranche_fits; DROP TABLE rule_sets; DROP TABLE tranches; DROP TABLE pots; DROP FUNCTION refuse_change();
