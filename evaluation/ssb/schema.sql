-- title: Star Schema Benchmark
-- source: P. O'Neil, B. O'Neil, X. Chen: Star Schema Benchmark, revision 3, June 5, 2009, section 2
-- licence: none is stated; names, types and keys only are restated here
-- schema: Systems>ssb>ssb
--
-- The publication describes layouts in words: identifier and numeric are integer here, fixed text char, variable text
-- varchar, one bit bit(1). It is silent about nulls; none occur in the data, so that every column is NOT NULL, as in TPC-H.
-- d_dayofweek is of size 8 at the source, although Wednesday has nine letters.

CREATE TABLE lineorder (
    lo_orderkey       integer   NOT NULL,
    lo_linenumber     integer   NOT NULL,
    lo_custkey        integer   NOT NULL,
    lo_partkey        integer   NOT NULL,
    lo_suppkey        integer   NOT NULL,
    lo_orderdate      integer   NOT NULL,
    lo_orderpriority  char(15)  NOT NULL,
    lo_shippriority   char(1)   NOT NULL,
    lo_quantity       integer   NOT NULL,
    lo_extendedprice  integer   NOT NULL,
    lo_ordtotalprice  integer   NOT NULL,
    lo_discount       integer   NOT NULL,
    lo_revenue        integer   NOT NULL,
    lo_supplycost     integer   NOT NULL,
    lo_tax            integer   NOT NULL,
    lo_commitdate     integer   NOT NULL,
    lo_shipmode       char(10)  NOT NULL,
    PRIMARY KEY (lo_orderkey, lo_linenumber),
    FOREIGN KEY (lo_custkey) REFERENCES customer (c_custkey),
    FOREIGN KEY (lo_partkey) REFERENCES part (p_partkey),
    FOREIGN KEY (lo_suppkey) REFERENCES supplier (s_suppkey),
    FOREIGN KEY (lo_orderdate) REFERENCES date (d_datekey),
    FOREIGN KEY (lo_commitdate) REFERENCES date (d_datekey)
);

CREATE TABLE part (
    p_partkey    integer      NOT NULL,
    p_name       varchar(22)  NOT NULL,
    p_mfgr       char(6)      NOT NULL,
    p_category   char(7)      NOT NULL,
    p_brand1     char(9)      NOT NULL,
    p_color      varchar(11)  NOT NULL,
    p_type       varchar(25)  NOT NULL,
    p_size       integer      NOT NULL,
    p_container  char(10)     NOT NULL,
    PRIMARY KEY (p_partkey)
);

CREATE TABLE supplier (
    s_suppkey  integer      NOT NULL,
    s_name     char(25)     NOT NULL,
    s_address  varchar(25)  NOT NULL,
    s_city     char(10)     NOT NULL,
    s_nation   char(15)     NOT NULL,
    s_region   char(12)     NOT NULL,
    s_phone    char(15)     NOT NULL,
    PRIMARY KEY (s_suppkey)
);

CREATE TABLE customer (
    c_custkey     integer      NOT NULL,
    c_name        varchar(25)  NOT NULL,
    c_address     varchar(25)  NOT NULL,
    c_city        char(10)     NOT NULL,
    c_nation      char(15)     NOT NULL,
    c_region      char(12)     NOT NULL,
    c_phone       char(15)     NOT NULL,
    c_mktsegment  char(10)     NOT NULL,
    PRIMARY KEY (c_custkey)
);

CREATE TABLE date (
    d_datekey           integer      NOT NULL,
    d_date              char(18)     NOT NULL,
    d_dayofweek         char(8)      NOT NULL,
    d_month             char(9)      NOT NULL,
    d_year              integer      NOT NULL,
    d_yearmonthnum      integer      NOT NULL,
    d_yearmonth         char(7)      NOT NULL,
    d_daynuminweek      integer      NOT NULL,
    d_daynuminmonth     integer      NOT NULL,
    d_daynuminyear      integer      NOT NULL,
    d_monthnuminyear    integer      NOT NULL,
    d_weeknuminyear     integer      NOT NULL,
    d_sellingseason     varchar(12)  NOT NULL,
    d_lastdayinweekfl   bit(1)       NOT NULL,
    d_lastdayinmonthfl  bit(1)       NOT NULL,
    d_holidayfl         bit(1)       NOT NULL,
    d_weekdayfl         bit(1)       NOT NULL,
    PRIMARY KEY (d_datekey)
);
