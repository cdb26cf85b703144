DROP TABLE trail; DROP TABLE invitations; DROP TABLE members;
