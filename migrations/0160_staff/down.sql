DROP TABLE recoveries; DROP TABLE staff;
