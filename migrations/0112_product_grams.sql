-- Reads product: a second for some hundred thousand products.
-- The search of products read the whole table.
create index product_grams on product using gin (text_grams(lower(code || ' ' || name)));
