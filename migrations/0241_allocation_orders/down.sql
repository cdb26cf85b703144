DROP TABLE allocation_orders;
