-- The tables of the insurer. A row is in force from its day on, until the next of the same key begins.
CREATE TABLE products (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    payment_terms TEXT NOT NULL,
    valid_from DATE NOT NULL,
    version INTEGER NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ux_products__code__valid_from ON products (code, valid_from);
CREATE INDEX ix_products__valid_from ON products (valid_from, id);

-- An empty code stands for any product, an empty channel for any channel, so that the key is unique.
CREATE TABLE cooling_off_rules (
    id TEXT NOT NULL PRIMARY KEY,
    product_code TEXT NOT NULL,
    channel TEXT NOT NULL,
    days INTEGER NOT NULL CHECK (days BETWEEN 0 AND 60),
    valid_from DATE NOT NULL,
    version INTEGER NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ux_cooling_off_rules__product_code__channel__valid_from
    ON cooling_off_rules (product_code, channel, valid_from);
CREATE INDEX ix_cooling_off_rules__valid_from ON cooling_off_rules (valid_from, id);

CREATE TABLE premium_factors (
    id TEXT NOT NULL PRIMARY KEY,
    product_code TEXT NOT NULL,
    term_years INTEGER NOT NULL CHECK (term_years BETWEEN 1 AND 100),
    factor_millionths INTEGER NOT NULL CHECK (factor_millionths BETWEEN 0 AND 100000000),
    valid_from DATE NOT NULL,
    version INTEGER NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ux_premium_factors__product_code__term_years__valid_from
    ON premium_factors (product_code, term_years, valid_from);
CREATE INDEX ix_premium_factors__valid_from ON premium_factors (valid_from, id);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129001400', '0.1.0');
