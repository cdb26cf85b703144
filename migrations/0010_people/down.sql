DROP TABLE organisations; DROP TABLE people;
