//! What well-known metrics are computed from, by their parts.
//!
//! A metric is recognised by the glossary's terms in its name, so in three languages, and
//! asks for columns by the glossary's words for them; no name of any catalog stands here.
//! The decompositions are the usual ones of controlling and supply-chain reference models
//! (margin = revenue − cost; on time = actual against promised date; SCOR).

use super::metrics::ColumnKind::{self, Date, Flag, Key, Measure};

/// A column that a metric needs.
pub(super) struct Need {
    /// What it is to the metric.
    pub(super) role: &'static str,
    pub(super) kind: ColumnKind,
    /// Words of its name, any of these; none: the words of the metric itself.
    pub(super) words: &'static [&'static str],
}

/// One way to compute a metric: all of these columns of one table.
pub(super) struct Computation {
    /// In symbols a person can check.
    pub(super) said: &'static str,
    pub(super) needs: &'static [Need],
}

/// A metric that people ask for by name.
pub(super) struct Formula {
    /// Terms of the glossary: one of each group is in the metric's name.
    pub(super) when: &'static [&'static [&'static str]],
    /// The plainest first.
    pub(super) ways: &'static [Computation],
}

const fn need(role: &'static str, kind: ColumnKind, words: &'static [&'static str]) -> Need {
    Need { role, kind, words }
}

const PROMISED: &[&str] = &[
    "promised",
    "confirmed",
    "requested",
    "required",
    "due date",
    "expected",
    "planned",
    "deadline",
];
const ACTUAL: &[&str] = &[
    "actual",
    "delivered",
    "receipt",
    "arrival",
    "goods receipt",
    "delivery",
    "shipped",
    "completed",
    "end",
];
const STARTED: &[&str] = &[
    "order",
    "start",
    "creation",
    "request",
    "shipped",
    "departure",
    "posting",
    "invoice",
];
const EARNED: &[&str] = &[
    "revenue",
    "sale",
    "sales amount",
    "sales price",
    "extended price",
    "income",
    "net paid",
    "amount",
    "price",
];
const SPENT: &[&str] = &[
    "cost",
    "standard cost",
    "supply cost",
    "spend",
    "purchase price",
];
const ENDED: &[&str] = &["termination", "end", "validity", "cancelled", "inactive"];
/// Words of a flag that says whether a relation lasts, or whether it has ended.
const ACTIVE: &[&str] = &["active", "current", "attrition", "termination", "cancelled"];
pub(super) const VALUED: &[&str] = &[
    "revenue",
    "total amount",
    "total price",
    "net paid",
    "sales price",
    "extended price",
    "net amount",
    "amount",
    "total",
    "value",
    "spend",
    "sale",
    "price",
];

/// The first that fits a metric's name counts.
pub(super) const FORMULAS: &[Formula] = &[
    Formula {
        when: &[&["on time"]],
        ways: &[
            Computation {
                said: "rows on time / all rows",
                needs: &[need("whether it was on time", Flag, &["on time", "delay"])],
            },
            Computation {
                said: "rate of rows on time",
                needs: &[need("how many were on time", Measure, &["on time"])],
            },
            Computation {
                said: "rows with actual date ≤ promised date / all rows",
                needs: &[
                    need("promised date", Date, PROMISED),
                    need("actual date", Date, ACTUAL),
                ],
            },
            Computation {
                said: "rows without delay / all rows",
                needs: &[need("delay", Measure, &["delay"])],
            },
        ],
    },
    Formula {
        when: &[&["delay", "overdue"]],
        ways: &[
            Computation {
                said: "delay, averaged or added up",
                needs: &[need("delay", Measure, &["delay", "overdue"])],
            },
            Computation {
                said: "actual date − promised date",
                needs: &[
                    need("promised date", Date, PROMISED),
                    need("actual date", Date, ACTUAL),
                ],
            },
        ],
    },
    Formula {
        when: &[&["lead time", "duration", "cycle time", "processing"]],
        ways: &[
            Computation {
                said: "duration, averaged",
                needs: &[need(
                    "duration",
                    Measure,
                    &["lead time", "duration", "cycle time", "processing", "day"],
                )],
            },
            Computation {
                said: "end date − start date",
                needs: &[
                    need("start date", Date, STARTED),
                    need("end date", Date, ACTUAL),
                ],
            },
        ],
    },
    Formula {
        when: &[&["margin", "profit"]],
        ways: &[
            Computation {
                said: "margin, added up or over revenue",
                needs: &[need("margin", Measure, &["margin", "profit"])],
            },
            Computation {
                said: "(revenue − cost) / revenue",
                needs: &[
                    need("revenue", Measure, EARNED),
                    need("cost", Measure, SPENT),
                ],
            },
        ],
    },
    Formula {
        when: &[
            &["average"],
            &[
                "order",
                "basket",
                "receipt",
                "invoice",
                "transaction",
                "sale",
                "claim",
                "payment",
                "purchase",
            ],
            &[
                "value", "amount", "revenue", "order", "basket", "receipt", "price",
            ],
        ],
        ways: &[Computation {
            said: "amount / number of distinct documents",
            needs: &[
                need("amount", Measure, VALUED),
                need(
                    "document",
                    Key,
                    &[
                        "order",
                        "invoice",
                        "transaction",
                        "receipt",
                        "ticket",
                        "claim",
                        "payment",
                        "basket",
                        "number",
                    ],
                ),
            ],
        }],
    },
    Formula {
        when: &[&["utilization", "availability"]],
        ways: &[
            Computation {
                said: "utilization, averaged",
                needs: &[need(
                    "utilization",
                    Measure,
                    &["utilization", "availability"],
                )],
            },
            Computation {
                said: "used / capacity",
                needs: &[
                    need(
                        "used",
                        Measure,
                        &["used", "occupied", "quantity", "stock", "consumption"],
                    ),
                    need("capacity", Measure, &["capacity", "available", "limit"]),
                ],
            },
        ],
    },
    Formula {
        when: &[&["stock turnover"]],
        ways: &[Computation {
            said: "issued or sold / average stock",
            needs: &[
                need(
                    "issued or sold",
                    Measure,
                    &["sale", "cost", "issue", "consumption", "quantity"],
                ),
                need(
                    "stock",
                    Measure,
                    &["stock", "on hand", "balance", "quantity"],
                ),
            ],
        }],
    },
    Formula {
        when: &[&["deviation", "difference"], &["price", "cost"]],
        ways: &[
            Computation {
                said: "deviation, added up",
                needs: &[need("deviation", Measure, &["deviation", "difference"])],
            },
            Computation {
                said: "price − reference price",
                needs: &[
                    need("price", Measure, &["net price", "price", "cost"]),
                    need(
                        "reference price",
                        Measure,
                        &[
                            "contract price",
                            "standard price",
                            "list price",
                            "average price",
                            "standard cost",
                        ],
                    ),
                ],
            },
        ],
    },
    Formula {
        when: &[
            &["deviation", "difference", "target"],
            &["budget", "planned", "forecast", "target", "quota"],
        ],
        ways: &[Computation {
            said: "actual − planned",
            needs: &[
                need(
                    "planned",
                    Measure,
                    &["budget", "planned", "forecast", "target", "quota"],
                ),
                need("actual", Measure, &["actual", "amount", "value"]),
            ],
        }],
    },
    Formula {
        when: &[
            &["compliance", "performance", "rate"],
            &["delivery", "quantity", "order"],
            &["total", "quantity", "compliance"],
        ],
        ways: &[Computation {
            said: "delivered quantity / ordered quantity",
            needs: &[
                need(
                    "delivered quantity",
                    Measure,
                    &[
                        "delivered quantity",
                        "received quantity",
                        "shipped quantity",
                    ],
                ),
                need(
                    "ordered quantity",
                    Measure,
                    &["order quantity", "requested quantity", "quantity"],
                ),
            ],
        }],
    },
    Formula {
        when: &[&["conversion"]],
        ways: &[Computation {
            said: "orders / visits",
            needs: &[
                need(
                    "orders",
                    Measure,
                    &["order", "sale", "conversion", "purchase"],
                ),
                need(
                    "visits",
                    Measure,
                    &["visit", "session", "click", "impression", "lead"],
                ),
            ],
        }],
    },
    Formula {
        when: &[&["attrition"]],
        ways: &[
            Computation {
                said: "departures / all, by date",
                needs: &[need("end of the relation", Date, ENDED)],
            },
            Computation {
                said: "rows no longer active / all rows",
                needs: &[need("whether it is active", Flag, ACTIVE)],
            },
        ],
    },
    Formula {
        when: &[&["retention"]],
        ways: &[
            Computation {
                said: "rows without an end date / all rows",
                needs: &[need("end of the relation", Date, ENDED)],
            },
            Computation {
                said: "rows still active / all rows",
                needs: &[need("whether it is active", Flag, ACTIVE)],
            },
        ],
    },
];

/// All ways in which metrics are computed, as they are said.
#[cfg(test)]
pub(crate) fn computations() -> impl Iterator<Item = &'static str> {
    let ways = FORMULAS.iter().flat_map(|formula| formula.ways);
    ways.map(|way| way.said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glossary::Glossary;

    #[test]
    fn formulas_ask_for_terms_of_the_glossary_by_their_names() {
        for name in FORMULAS
            .iter()
            .flat_map(|formula| formula.when)
            .flat_map(|group| *group)
        {
            let terms = Glossary::embedded().read(name);
            let found: Vec<Option<&str>> = terms.iter().map(|term| term.term.as_deref()).collect();
            assert_eq!(found, [Some(*name)], "{name}");
        }
    }
}
