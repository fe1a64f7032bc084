"""The sample catalog: a fictitious procurement warehouse as a Collibra asset export.

    python3 scripts/sample_catalog.py > data/catalog.json

Three data marts (purchasing, purchasing analytics, logistics) are declared below table by table. The
quirks of real exports are declared next to what they concern or, where they concern the export rather
than the warehouse, in one section after the marts. The company, its people and its data do not exist;
names such as LFA1 or EKKO are standard SAP tables.

The output depends on this file alone: ids are derived from asset paths, nothing from time or chance.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field, replace
from uuid import NAMESPACE_URL, uuid5

NAMESPACE = uuid5(NAMESPACE_URL, "https://catalog.example/kestrel")
DATABASE = "Systems>kestrel_dwh_prod"

IMPLEMENTED = "Implemented"
MISSING = "Missing from source"


# --- The vocabulary of the declarations ---------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    note: str | None = None  # technical description, from the source system
    meaning: str | None = None  # business description
    czech: str | None = None
    source: str | tuple[str, str] | None = None  # "TABLE-FIELD", or table and column as somebody typed them
    key: bool = False
    nullable: bool = True
    security: str | None = None
    status: str | None = None  # the table's where None


@dataclass(frozen=True)
class Table:
    name: str
    note: str | None
    columns: list[Column] = field(default_factory=list)
    meaning: str | None = None
    czech: str | None = None
    business_name: str | None = None
    sap: str | None = None
    security: str | None = None
    kind: str = "Database View"
    status: str = IMPLEMENTED
    keys: str = "absent"  # how primary keys are told: "flagged", "null" or "absent"
    nullability: bool = True
    owned: bool = True
    validated: bool = False
    scored: bool = True


@dataclass(frozen=True)
class Schema:
    name: str
    note: str
    meaning: str
    czech: str
    owner: str
    governance: dict[str, object]
    tables: list[Table]
    security: str | None = None


def typed(data_type: str):
    """A constructor of columns of one type."""

    def make(name: str, note: str | None = None, meaning: str | None = None, **fields) -> Column:
        return Column(name, data_type, note, meaning, **fields)

    return make


text, whole, decimal = typed("STRING"), typed("LONG"), typed("DECIMAL")
small, day, flag, moment = typed("INT"), typed("DATE"), typed("BOOLEAN"), typed("TIMESTAMP")


def surrogate(name: str, **fields) -> Column:
    """The key a dimension is joined by."""
    note = f"Surrogate key of the {words(name)}."
    return Column(f"dim_{name}_key", "LONG", note, key=True, nullable=False, **fields)


def fk(role: str, note: str | None = None, *, to: str | None = None, **fields) -> Column:
    """A reference to a dimension in some role; `to` says in the description which one it is."""
    note = f"Foreign key to {to}." if to else note or f"Key of the {words(role)}."
    return Column(f"dim_{role}_key", "LONG", note, nullable=False, **fields)


def key(make, name: str, note: str, meaning: str | None = None, **fields) -> Column:
    """A business key: part of what identifies a row."""
    return make(name, note, meaning, key=True, nullable=False, **fields)


def loaded() -> list[Column]:
    """The technical columns that close most tables."""
    return [
        moment("load_timestamp", "Time of the last load of the record.", nullable=False),
        text("source_system", "Identifier of the source system of the record."),
    ]


def words(name: str) -> str:
    return name.replace("_", " ")


def pick(columns: list[Column], *names: str) -> list[Column]:
    """The columns of a base table that a view over it shows."""
    by_name = {column.name: column for column in columns}
    return undocumented([by_name[name] for name in names])


def undocumented(columns: list[Column]) -> list[Column]:
    """Columns as a view repeats them: the business documentation stays with the base table."""
    return [replace(column, meaning=None, czech=None, source=None, key=False) for column in columns]


def lookup(name: str, *more: Column, **code) -> list[Column]:
    """A code list: key, code, name, and whatever it adds."""
    return [
        surrogate(name),
        text(f"{name}_code", f"Code of the {words(name)}.", nullable=False, **code),
        text(f"{name}_name", f"Name of the {words(name)} in English."),
        text(f"{name}_name_cs", f"Name of the {words(name)} in Czech."),
        *more,
        moment("load_timestamp", "Time of the last load of the record.", nullable=False),
    ]


# --- Columns that several views share -----------------------------------------------------------------

CALENDAR = [
    surrogate("date", meaning="Day as a number YYYYMMDD; -1 stands for an unknown day."),
    day("calendar_date", "Calendar day.", nullable=False, czech="Kalendářní den."),
    small("calendar_year", "Year of the day."),
    small("calendar_quarter", "Quarter of the year, 1 to 4."),
    small("calendar_month", "Month of the year, 1 to 12."),
    text("month_name", "English name of the month."),
    small("calendar_week", "ISO week of the year."),
    small("day_of_week", "ISO day of the week, 1 is Monday."),
    text("day_name", "English name of the day."),
    flag("is_working_day", "False on weekends and on public holidays of the country of the company code."),
    flag("is_month_end", "True on the last day of a month."),
    small("fiscal_year", "Fiscal year, which starts on 1 October."),
    small("fiscal_period", "Fiscal period, 1 to 12."),
    text("fiscal_year_period", "Fiscal year and period as YYYYPPP."),
]


def calendar_role(role: str) -> list[Column]:
    return [
        surrogate(role),
        *pick(CALENDAR, "calendar_date", "calendar_year", "calendar_quarter", "calendar_month", "calendar_week"),
        *pick(CALENDAR, "is_working_day", "fiscal_year", "fiscal_period"),
    ]


SUPPLIER = [
    surrogate("supplier", source=("surrogate key made by system", "N/A ")),
    text("supplier_number", "Account number of the supplier.", "Number under which the supplier is kept in ERP.",
         nullable=False, source="LFA1-LIFNR", czech="Číslo dodavatele v ERP."),
    text("supplier_name", "Name of the supplier.", "Registered name of the supplier.",
         source=("lfa1", "Name1")),
    text("supplier_account_group", "Account group of the supplier master record.", source="LFA1-KTOKK"),
    text("supplier_category", "N/A",
         "Strategic, preferred, standard or phase-out, set once a year by category managers.",
         czech="Kategorie dodavatele: strategický, preferovaný, standardní, na ukončení."),
    text("country_code", "Country key, ISO 3166.", source=("LFA1 ", "LAND1 ")),
    text("country_name", "Name of the country in English."),
    text("region_code", "Region of the supplier's seat."),
    text("city", "City of the supplier's seat.", source="LFA1-ORT01"),
    text("postal_code", "Postal code of the supplier's seat."),
    text("street", "Street and house number of the supplier's seat."),
    text("tax_number", "Tax number 1.", source=("'LFA1'", "'STCD1'")),
    text("vat_registration_number", "VAT registration number."),
    text("contact_person_name", "Name of the contact person at the supplier."),
    text("contact_person_email", "E-mail of the contact person at the supplier.", security="Confidential"),
    text("contact_person_phone", "Telephone of the contact person at the supplier."),
    flag("is_blocked", "Central purchasing block.", "True when no new order may be placed with the supplier.",
         source="LFA1-SPERM", czech="Dodavatel je blokován pro nákup."),
    flag("is_one_time_supplier", "One-time account indicator."),
    text("legacy_supplier_number", "Number in the system before the migration.", status=MISSING),
    day("supplier_created_date", "Date on which the master record was created."),
]

MATERIAL = [
    surrogate("material", source=("surrogate key made by system", "N/A ")),
    text("material_number", "Material number.", "Number of the material or service in ERP.", nullable=False,
         source=('"MARA"', '"MATNR"'), czech="Číslo materiálu."),
    text("material_name", "Short text of the material.", source="MAKT-MAKTX"),
    text("material_type", "Material type.", source="MARA-MTART"),
    text("material_group_code", "Material group.", "Group of materials and services that are bought alike.",
         source="mara-matkl", czech="Skupina materiálu."),
    text("material_group_name", "Name of the material group."),
    text("base_unit_code", "Base unit of measure."),
    decimal("gross_weight", "Gross weight of one base unit."),
    decimal("net_weight", "Net weight of one base unit."),
    text("weight_unit_code", "Unit of the weights."),
    text("manufacturer_part_number", "Part number given by the manufacturer."),
    text("ean_code", "International article number."),
    text("abc_indicator", "ABC indicator by yearly consumption."),
    decimal("standard_price", "Standard price per base unit in the currency of the company code."),
    flag("is_batch_managed", "True when the material is managed in batches."),
    flag("is_marked_for_deletion", "Deletion flag at client level."),
    text("old_material_number", "Old material number.", status=MISSING),
    day("material_created_date", "Date on which the master record was created."),
]

PLANT = [
    surrogate("plant"),
    text("plant_code", "Plant.", "Code of the production or distribution site.", nullable=False,
         source=("'T001W'", "WERKS"), czech="Kód závodu."),
    text("plant_name", "Name of the plant.", source="T001W-NAME1"),
    fk("company_code", "Key of the company code the plant belongs to."),
    text("country_code", "Country key, ISO 3166."),
    text("region_name", "Region of the plant."),
    text("city", "City of the plant."),
    text("plant_category", "Category of the plant.", "Production site, distribution centre or office."),
    text("factory_calendar_code", "N/A "),
    flag("is_active", "False once the plant is closed."),
]

PERSON = [
    surrogate("person"),
    text("personnel_number", "Personnel number of the employee.", nullable=False,
         czech="Osobní číslo zaměstnance."),
    text("user_name", "Login of the employee in ERP."),
    text("first_name", "First name."),
    text("last_name", "Last name."),
    text("email", "Company e-mail address."),
    text("phone_number", "Company telephone number."),
    text("department_name", "Department of the employee."),
    text("job_title", "N/A"),
    fk("cost_center", "Key of the cost center the employee is assigned to."),
    flag("is_active", "False once the employee has left."),
]


# --- dm_bs_purchase: operational purchasing -----------------------------------------------------------

PURCHASE_FACTS = [
    Table(
        "factv_purchase_order",
        "One row per purchase order. View over silver.fact_purchase_order.",
        meaning="Headers of purchase orders placed with suppliers, with total and still open amounts.",
        czech="Hlavičky nákupních objednávek u dodavatelů včetně celkové a dosud otevřené hodnoty.",
        business_name="Purchase order", sap="EKKO", keys="flagged", validated=True,
        columns=[
            key(text, "purchase_order_number", "Number of the purchasing document.",
                "Number that identifies the purchase order for the buyer and for the supplier.",
                source="EKKO-EBELN", czech="Číslo nákupní objednávky."),
            fk("supplier", to="dimv_supplier", source=("EKKO/LFA1", "LIFNR")),
            fk("invoicing_supplier", "Key of the supplier that issues the invoice."),
            fk("purchasing_organization"),
            fk("purchasing_group"),
            fk("company_code"),
            fk("document_type"),
            fk("order_date", "Key of the date of the order."),
            fk("approver_1_person", "Key of the person who approved the order at the first level."),
            fk("currency"),
            fk("payment_term"),
            fk("incoterm"),
            day("purchase_order_date", "Date of the purchasing document.",
                "Day on which the order was issued to the supplier.", source=("Ekko", "bedat")),
            text("purchase_order_status", "Processing status of the document.",
                 "Created, released, partly delivered, delivered or closed.",
                 czech="Stav zpracování objednávky."),
            text("supplier_reference_number", "Reference of the supplier, as on its confirmation."),
            decimal("total_net_amount", "Sum of net values of the items in document currency.",
                    "Value of the order without tax.", czech="Celková hodnota objednávky bez daně."),
            decimal("total_net_amount_eur", "Sum of net values of the items in EUR.",
                    "Value of the order without tax at the rate of the order date."),
            decimal("open_order_amount", "Net value of quantities not delivered yet, in document currency.",
                    "What is ordered and not delivered: the commitment towards the supplier.",
                    czech="Hodnota dosud nedodaného zboží na objednávce."),
            decimal("exchange_rate", "Rate of the document currency to EUR.", source="EKKO-WKURS"),
            whole("item_count", "Number of items of the order."),
            whole("open_item_count", "Number of items that are not fully delivered."),
            whole("approval_days", "Days from creation of the document to its release."),
            flag("is_released", "Release indicator.", "True when the order has passed all approvals.",
                 source="EKKO-FRGKE"),
            flag("is_closed", "N/A"),
            text("legacy_order_reference", "Reference to the order system used before.", status=MISSING),
            *loaded(),
        ],
    ),
    Table(
        "factv_purchase_order_item",
        "One row per purchase order item.",
        meaning="Items of purchase orders: what was ordered, for how much, and how much of it has been delivered "
                "and invoiced.",
        czech="Položky nákupních objednávek: co bylo objednáno, za kolik, kolik již bylo dodáno a vyfakturováno.",
        business_name="Purchase order item", sap="EKPO", keys="flagged", validated=True,
        columns=[
            key(text, "purchase_order_number", "Number of the purchasing document.", source="EKPO-EBELN"),
            key(text, "purchase_order_item_number", "Item of the purchasing document.", source="EKPO-EBELP"),
            fk("supplier"),
            fk("manufacturer_supplier", "Key of the supplier that makes the material."),
            fk("material", to="dimv_material"),
            fk("plant", "Key of the plant that ordered."),
            fk("cost_center", source=("ZMM_FC_PUR_D_CC, EKKN", "KOSTL")),
            fk("contract", "Key of the contract the item calls off."),
            fk("unit_of_measure"),
            fk("currency"),
            fk("order_date"),
            fk("delivery_date", "Key of the date of the last delivery."),
            fk("requested_delivery_date", to="dimv_date"),
            text("purchase_requisition_number", "Number of the requisition the item was made from.",
                 source="EKPO-BANFN"),
            text("purchase_requisition_item_number", "Item of the requisition the item was made from.",
                 source="EKPO-BNFPO"),
            text("contract_number", "Number of the outline agreement."),
            text("contract_item_number", "Item of the outline agreement."),
            text("item_text", "Short text of the item."),
            decimal("ordered_quantity", "Quantity ordered, in order unit.", "Quantity ordered from the supplier.",
                    source="EKPO-MENGE"),
            decimal("delivered_quantity", "Quantity received, in order unit.",
                    "Quantity received so far, less returns.",
                    czech="Dodané množství."),
            decimal("open_quantity", "Ordered less delivered quantity.", "Quantity the supplier still owes.",
                    czech="Zbývající nedodané množství."),
            decimal("invoiced_quantity", "Quantity invoiced, in order unit."),
            decimal("net_price", "Net price in document currency per price unit.", "Agreed price without tax.",
                    source="EKPO-NETPR", czech="Dohodnutá cena bez daně."),
            whole("price_unit", "Number of units the price is for.", source="ekpo-peinh"),
            decimal("net_amount", "Net value of the item in document currency.", "Value of the item without tax.",
                    source="EKPO-NETWR"),
            decimal("gross_amount", "Gross value of the item in document currency."),
            decimal("open_amount", "Value of the open quantity in document currency."),
            decimal("contract_price", "Price in the outline agreement valid on the order date."),
            decimal("price_deviation_amount", "Net price less contract price, times ordered quantity.",
                    "How much more (or less) was agreed than the contract says.",
                    czech="Cenová odchylka objednávky od smluvní ceny."),
            decimal("price_deviation_percent", "Deviation of the net price from the contract price in percent."),
            flag("is_contract_purchase", "True when the item calls off an outline agreement."),
            flag("is_delivery_completed", "Delivery completed indicator.",
                 "True when no further delivery is expected, whatever the quantity.", source=("EKPO ", "ELIKZ")),
            flag("is_deleted", "Deletion indicator of the item."),
            *loaded(),
        ],
    ),
    Table(
        "factv_purchase_requisition",
        "One row per item of a purchase requisition.",
        meaning="Internal requests to buy, from their creation until they become purchase orders.",
        czech="Interní požadavky na nákup od založení po převod na nákupní objednávku.",
        sap="EBAN", keys="null",
        columns=[
            key(text, "purchase_requisition_number", "Number of the requisition.", source="EBAN-BANFN",
                czech="Číslo požadavku na nákup."),
            key(text, "purchase_requisition_item_number", "Item of the requisition.", source="EBAN-BNFPO"),
            fk("requester_person", to="dimv_person"),
            fk("material"),
            fk("plant"),
            fk("purchasing_group"),
            fk("cost_center"),
            fk("unit_of_measure"),
            fk("currency"),
            day("requisition_date", "Date on which the requisition was created.", source="EBAN-BADAT"),
            day("release_date", "Date of the last release."),
            day("required_date", "Date on which the goods are needed."),
            text("requisition_status", "Processing status of the requisition."),
            decimal("requested_quantity", "Quantity requested."),
            decimal("ordered_quantity", "Quantity already turned into orders."),
            decimal("estimated_unit_price", "Valuation price of the requisition."),
            decimal("estimated_amount", "Requested quantity times valuation price."),
            whole("processing_days", "Days from creation of the requisition to creation of the order.",
                  "How long purchasing needed to turn the request into an order.",
                  czech="Doba zpracování požadavku ve dnech."),
            flag("is_converted_to_order", "True when the whole quantity has been ordered."),
            flag("is_rejected", "N/A"),
            *loaded(),
        ],
    ),
    Table(
        "factv_goods_receipt",
        "One row per item of a goods receipt document. Filtered only for records with movement types 101 to 162.",
        meaning="Receipts of goods and services against purchase orders.",
        czech="Příjmy zboží a služeb k nákupním objednávkám.",
        sap="MSEG", keys="flagged", validated=True,
        columns=[
            key(text, "material_document_number", "Number of the material document.", source="MSEG-MBLNR"),
            key(text, "material_document_year", "Year of the material document.", source="MSEG-MJAHR"),
            key(text, "material_document_item_number", "Item of the material document.", source="MSEG-ZEILE"),
            text("purchase_order_number", "Number of the order the goods were received for.",
                 source="MSEG-EBELN"),
            text("purchase_order_item_number",
                 "With purchase_order_number refers to factv_purchase_order_item.", source="MSEG-EBELP"),
            fk("supplier"),
            fk("material"),
            fk("receiving_plant"),
            fk("storage_location", to="dm_bs_logistics.dimv_storage_location"),
            fk("movement_type"),
            fk("posting_date"),
            fk("unit_of_measure"),
            fk("currency"),
            day("goods_receipt_date", "Posting date of the receipt.", "Day on which the goods were received.",
                czech="Datum příjmu zboží."),
            text("delivery_note_number", "Number of the supplier's delivery note."),
            decimal("received_quantity", "Quantity received, in order unit."),
            decimal("rejected_quantity", "Quantity of movement type 122.", "Quantity sent back to the supplier."),
            decimal("received_amount", "Value of the receipt in document currency."),
            flag("is_final_delivery", "True when the receipt closes the order item."),
            *loaded(),
        ],
    ),
    Table(
        "factv_purchase_invoice",
        "One row per supplier invoice.",
        meaning="Invoices of suppliers as verified by accounts payable, with due dates and payment.",
        czech="Přijaté faktury od dodavatelů po kontrole, včetně splatnosti a úhrady.",
        business_name="Supplier invoice", sap="RBKP", keys="flagged",
        columns=[
            key(text, "invoice_number", "Number of the invoice document.", source="RBKP-BELNR",
                czech="Číslo faktury."),
            key(small, "fiscal_year", "Fiscal year of the invoice document.", source="RBKP-GJAHR"),
            fk("invoicing_supplier"),
            fk("company_code"),
            fk("document_type"),
            fk("invoice_date"),
            fk("posting_date"),
            fk("currency"),
            fk("payment_term"),
            fk("tax_code"),
            text("supplier_invoice_number", "Number given to the invoice by the supplier."),
            decimal("net_amount", "Amount without tax in document currency."),
            decimal("tax_amount", "Tax in document currency."),
            decimal("gross_amount", "Amount with tax in document currency.",
                    "Amount to be paid to the supplier."),
            decimal("discount_amount", "Cash discount taken."),
            day("due_date", "Net due date."),
            day("payment_date", "Date of the clearing document."),
            whole("days_to_payment", "Days from the invoice date to the payment.",
                  "How long the supplier waited for the money."),
            flag("is_blocked_for_payment", "True when a payment block is set."),
            flag("is_credit_memo", "True when the document is a credit memo."),
            *loaded(),
        ],
    ),
    Table(
        "factv_purchase_invoice_item",
        "One row per item of a supplier invoice.",
        meaning="Items of supplier invoices matched to the purchase order items they charge.",
        sap="RSEG", keys="flagged",
        columns=[
            key(text, "invoice_number", "Number of the invoice document."),
            key(small, "fiscal_year", "Fiscal year of the invoice document."),
            key(text, "invoice_item_number", "Item of the invoice document.", source="RSEG-BUZEI"),
            text("purchase_order_number", "Number of the order that is invoiced."),
            text("purchase_order_item_number", "Item of the order that is invoiced."),
            fk("material"),
            fk("plant"),
            fk("cost_center"),
            fk("unit_of_measure"),
            fk("currency"),
            fk("invoice_date"),
            decimal("invoiced_quantity", "Quantity invoiced."),
            decimal("invoiced_amount", "Amount of the item in document currency.",
                    "What the supplier charges for the item without tax."),
            decimal("price_difference_amount", "Invoiced amount less invoiced quantity at order price.",
                    "Difference between the price invoiced and the price ordered."),
            decimal("quantity_difference", "Invoiced less received quantity."),
            flag("is_price_blocked", "Blocking reason price."),
            flag("is_quantity_blocked", "Blocking reason quantity."),
            *loaded(),
        ],
    ),
    Table(
        "factv_contract",
        "One row per item of a contract.",
        meaning="Outline agreements with suppliers: agreed target values and how much of them has been called off.",
        czech="Rámcové smlouvy s dodavateli: sjednané cílové hodnoty a jejich čerpání.",
        business_name="Outline agreement", owned=False,
        columns=[
            key(text, "contract_number", "Number of the outline agreement.", czech="Číslo rámcové smlouvy."),
            key(text, "contract_item_number", "Item of the outline agreement."),
            fk("contract"),
            fk("supplier"),
            fk("material"),
            fk("purchasing_organization"),
            fk("purchasing_group"),
            fk("currency"),
            day("valid_from", "Start of validity."),
            day("valid_to", "End of validity."),
            decimal("target_quantity", "Target quantity of the item."),
            decimal("target_amount", "Target value of the item.",
                    "Value both sides agreed to trade in the period."),
            decimal("called_off_quantity", "Quantity ordered against the item."),
            decimal("called_off_amount", "Value ordered against the item.", czech="Vyčerpaná hodnota smlouvy."),
            decimal("remaining_amount", "Target value less value called off."),
            decimal("contract_price", "Agreed net price per price unit."),
            decimal("utilisation_percent", "Called off by target value in percent.",
                    "Share of the target value that has been called off."),
            flag("is_active", "N/A "),
            *loaded(),
        ],
    ),
    Table(
        "factv_delivery_performance",
        "One row per schedule line of a purchase order item. View over silver.fact_delivery_performance.",
        meaning="How suppliers keep delivery dates and quantities: requested, confirmed and actual delivery of "
                "every schedule line.",
        czech="Plnění dodávek: požadovaný, potvrzený a skutečný termín a množství dodání u každého řádku "
              "plánu dodávek.",
        business_name="Delivery performance", keys="flagged", validated=True,
        columns=[
            key(text, "purchase_order_number", "Number of the purchasing document.", source="EKET-EBELN"),
            key(text, "purchase_order_item_number", "Item of the purchasing document.", source="EKET-EBELP"),
            key(text, "schedule_line_number", "Delivery schedule line counter.", source="EKET-ETENR"),
            fk("supplier"),
            fk("material"),
            fk("receiving_plant"),
            fk("purchasing_group"),
            fk("delivery_date", "Key of the date of the actual delivery."),
            fk("requested_delivery_date", "Key of the date the buyer asked for."),
            fk("delivery_status"),
            fk("unit_of_measure"),
            day("requested_date", "Delivery date asked for in the order.", source="EKET-EINDT"),
            day("confirmed_date", "Delivery date in the last confirmation.",
                "Date to which the supplier committed itself; on-time delivery is measured against it.",
                source="EKES-EINDT", czech="Termín dodání potvrzený dodavatelem."),
            day("delivered_date", "Posting date of the last receipt.",
                "Day on which the last part of the line arrived.",
                czech="Skutečné datum dodání."),
            decimal("ordered_quantity", "Quantity of the schedule line."),
            decimal("delivered_quantity", "Quantity received for the schedule line."),
            whole("delay_days", "Delivered less confirmed date in working days; negative when early.",
                  "Delay of the delivery in working days.", czech="Zpoždění dodávky v pracovních dnech."),
            whole("tolerance_days", "Days of delay tolerated for the supplier."),
            whole("confirmation_count", "How many times the date was confirmed anew."),
            flag("is_on_time", "True when delay_days does not exceed tolerance_days.",
                 "The delivery came in time; the basis of the on-time delivery rate.", czech="Dodáno včas."),
            flag("is_in_full", "True when the delivered quantity is within tolerance.",
                 "The delivery came in the full quantity.", czech="Dodáno v plném množství."),
            flag("is_on_time_in_full", "True when is_on_time and is_in_full."),
            *loaded(),
        ],
    ),
    Table(
        "factv_supplier_evaluation",
        "One row per supplier, purchasing organization and evaluation period.",
        meaning="Periodic scores of suppliers for quality, price, delivery and service.",
        czech="Pravidelné hodnocení dodavatelů podle kvality, ceny, dodávek a služeb.",
        owned=False, keys="null",
        columns=[
            fk("supplier"),
            fk("purchasing_organization"),
            key(text, "evaluation_period", "Quarter of the evaluation as YYYYQ."),
            day("evaluation_date", "Date on which the evaluation was closed."),
            decimal("quality_score", "Score for quality, 0 to 100."),
            decimal("price_score", "Score for price, 0 to 100."),
            decimal("delivery_score", "Score for delivery, 0 to 100."),
            decimal("service_score", "Score for service, 0 to 100."),
            decimal("overall_score", "Weighted mean of the scores, 0 to 100.",
                    "The figure suppliers are ranked by.", czech="Celkové hodnocení dodavatele."),
            decimal("on_time_delivery_rate", "Share of schedule lines delivered on time.",
                    "Reliability of the supplier's dates in the period."),
            whole("complaint_count", "Number of complaints in the period."),
            whole("supplier_rank", "Rank of the supplier within the purchasing organization."),
            text("evaluation_comment", "N/A"),
            flag("is_approved_supplier", "True when the score exceeds the threshold of approval."),
            *loaded(),
        ],
    ),
]

PURCHASE_DIMENSIONS = [
    Table(
        "dimv_supplier",
        "One to one view over silver.dim_supplier.",
        meaning="Suppliers of materials and services with their seat, category and purchasing block.",
        czech="Dodavatelé materiálu a služeb: sídlo, kategorie a blokace pro nákup.",
        business_name="Supplier", sap="LFA1", keys="flagged", validated=True,
        columns=[*SUPPLIER, *loaded()],
    ),
    Table(
        "dimv_invoicing_supplier",
        "View over dimv_supplier",
        czech="Dodavatel, který vystavuje fakturu.",
        columns=[
            surrogate("invoicing_supplier"),
            *pick(SUPPLIER, "supplier_number", "supplier_name", "country_code", "city",
                  "vat_registration_number"),
            *pick(SUPPLIER, "is_blocked"),
        ],
    ),
    Table(
        "dimv_manufacturer_supplier",
        "View over dimv_supplier, filtered only for records with supplier_account_group = 'MNFR'.",
        owned=False, nullability=False,
        columns=pick(SUPPLIER, "dim_supplier_key", "supplier_number", "supplier_name", "country_code", "city",
                     "is_blocked"),
    ),
    Table(
        "dimv_supplier_bank_account",
        "View over silver.dim_supplier_bank_account.",
        meaning="Bank accounts of suppliers that payments are sent to.",
        sap="LFBK", security="Confidential", validated=True,
        columns=[
            surrogate("supplier_bank_account"),
            fk("supplier", to="dimv_supplier"),
            text("bank_country_code", "Country of the bank."),
            text("bank_name", "Name of the bank."),
            text("account_holder_name", "Name of the account holder, where it differs from the supplier."),
            text("iban", "International bank account number."),
            text("swift_code", "Identifier of the bank."),
            flag("is_default_account", "True when payments go to the account unless said otherwise."),
            day("valid_from", "Start of validity."),
            day("valid_to", "End of validity."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_material",
        "One to one view over silver.dim_material.",
        meaning="Materials and services that are bought, kept in stock or produced.",
        czech="Materiály a služby, které se nakupují, skladují nebo vyrábějí.",
        business_name="Material", sap="MARA", keys="flagged", validated=True,
        columns=[*MATERIAL, *loaded()],
    ),
    Table(
        "dimv_plant",
        "One to one view over silver.dim_plant.",
        meaning="Plants: production sites and distribution centres that order and receive goods.",
        czech="Závody: výrobní závody a distribuční centra, která objednávají a přijímají zboží.",
        sap="T001W", keys="flagged", validated=True,
        columns=[*PLANT, *loaded()],
    ),
    Table(
        "dimv_receiving_plant",
        "N/A ",
        owned=False, scored=False,
        columns=[
            surrogate("receiving_plant"),
            *pick(PLANT, "plant_code", "plant_name", "country_code", "city", "is_active"),
        ],
    ),
    Table(
        "dimv_purchasing_organization",
        "One to one view over silver.dim_purchasing_organization.",
        meaning="Organizational units that negotiate conditions of purchase for one or more plants.",
        czech="Nákupní organizace: jednotky, které vyjednávají nákupní podmínky pro jeden či více závodů.",
        sap="T024E ", keys="flagged",
        columns=[
            surrogate("purchasing_organization"),
            text("purchasing_organization_code", "Purchasing organization.", nullable=False,
                 source="T024E-EKORG"),
            text("purchasing_organization_name", "Name of the purchasing organization.", source="T024E-EKOTX"),
            text("country_code", "Country key, ISO 3166."),
            text("purchasing_area", "Area the organization buys for: production, indirect, investment."),
            flag("is_central", "Central organization indicator.", "True when it buys for the whole group."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_purchasing_group",
        "One to one view over silver.dim_purchasing_group.",
        meaning="Buyers or groups of buyers responsible for certain purchasing activities.",
        czech="Skupiny nákupčích odpovědné za určitou oblast nákupu.",
        sap="T024", validated=True,
        columns=[
            surrogate("purchasing_group"),
            text("purchasing_group_code", "Purchasing group.", nullable=False, source="T024-EKGRP"),
            text("purchasing_group_name", "Description of the purchasing group."),
            text("purchasing_group_email", "Shared mailbox of the group."),
            text("category_team", "Category team the group belongs to."),
            flag("is_active", "False once the group is dissolved."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_company_code",
        "One to one view over silver.dim_company_code.",
        meaning="Legal entities of the group that keep their own books.",
        sap="T001", keys="flagged",
        columns=[
            surrogate("company_code"),
            text("company_code", "Company code.", nullable=False, source="T001-BUKRS"),
            text("company_name", "Name of the company."),
            text("country_code", "Country key, ISO 3166."),
            text("local_currency_code", "Currency of the company's books."),
            text("chart_of_accounts_code", "N/A"),
            flag("is_consolidated", "True when the company enters the group's closing."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_cost_center",
        "View over RP table dim_cost_center",
        czech="Nákladová střediska, na která se účtují nákupy.",
        sap="CSKS", keys="flagged",
        columns=[
            surrogate("cost_center"),
            text("cost_center_code", "Cost center.", nullable=False, source="csks-kostl"),
            text("cost_center_name", "Name of the cost center."),
            fk("company_code"),
            text("cost_center_category", "Category of the cost center."),
            text("profit_center_code", "Profit center."),
            text("responsible_department", "N/A", "Department that answers for the costs."),
            day("valid_from", "Start of validity."),
            day("valid_to", "End of validity."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_contract",
        "View over silver.dim_contract.",
        meaning="Headers of contracts with suppliers: type, validity and conditions.",
        owned=False,
        columns=[
            surrogate("contract"),
            text("contract_number", "Number of the outline agreement.", nullable=False),
            text("contract_name", "Short text of the contract."),
            text("contract_type", "Type of the agreement.",
                 "Quantity contract, value contract or scheduling agreement."),
            fk("supplier"),
            fk("purchasing_organization"),
            day("signed_date", "Date of signature."),
            day("valid_from", "Start of validity."),
            day("valid_to", "End of validity."),
            flag("is_auto_renewed", "True when the contract is prolonged unless terminated."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_person",
        "One to one view over silver.dim_person.",
        meaning="Employees who take part in purchasing as requesters, buyers or approvers.",
        czech="Zaměstnanci zapojení do nákupu jako žadatelé, nákupčí nebo schvalovatelé.",
        columns=[*PERSON, *loaded()],
    ),
    Table(
        "dimv_approver_1_person",
        "View over dimv_person.",
        columns=[
            surrogate("approver_1_person"),
            *pick(PERSON, "personnel_number", "first_name", "last_name", "email", "department_name"),
        ],
    ),
    Table(
        "dimv_date",
        "Calendar generated for the years 2010 to 2040.",
        meaning="Calendar of days with calendar and fiscal periods and working days.",
        czech="Kalendář dní s kalendářními a fiskálními obdobími a pracovními dny.",
        business_name="Calendar", keys="flagged", validated=True,
        columns=CALENDAR,
    ),
    Table("dimv_order_date", "View over dimv_date", keys="flagged", columns=calendar_role("order_date")),
    Table(
        "dimv_delivery_date",
        "view over RP table dimv_date",
        czech="Kalendář v roli data dodání.",
        keys="flagged",
        columns=calendar_role("delivery_date"),
    ),
    Table("dimv_invoice_date", "Role-playing view over dimv_date.", scored=False,
          columns=calendar_role("invoice_date")),
    Table("dimv_posting_date", "N/A ", owned=False, columns=calendar_role("posting_date")),
    Table(
        "dimv_currency",
        "Code list of currencies.",
        sap="TCURC", keys="flagged", validated=True,
        columns=lookup(
            "currency",
            small("decimal_places", "Number of decimal places of amounts in the currency."),
        ),
    ),
    Table(
        "dimv_unit_of_measure",
        "Code list of units of measure.",
        sap="T006", keys="flagged",
        columns=lookup(
            "unit_of_measure",
            text("dimension_name", "Physical dimension: mass, length, volume, piece."),
            decimal("base_unit_factor", "Factor of conversion to the base unit of the dimension."),
        ),
    ),
    Table(
        "dimv_document_type",
        "Code list of types of purchasing and invoice documents.",
        sap="T161", keys="flagged",
        columns=lookup(
            "document_type",
            text("document_category", "Order, contract, requisition or invoice."),
            source="T161-BSART",
        ),
    ),
    Table(
        "dimv_delivery_status",
        "Code list maintained in the warehouse.",
        meaning="Status of a delivery: open, confirmed, partly delivered, delivered, late, cancelled.",
        czech="Stav dodávky: otevřená, potvrzená, částečně dodaná, dodaná, zpožděná, zrušená.",
        columns=lookup(
            "delivery_status",
            small("sort_order", "N/A"),
            flag("is_final", "True when the status is final."),
        ),
    ),
    Table(
        "dimv_incoterm",
        "Code list of delivery terms.",
        keys="null",
        columns=lookup(
            "incoterm",
            small("incoterm_version", "Year of the edition of the terms."),
            source="TINC-INCO1",
        ),
    ),
    Table(
        "dimv_payment_term",
        "Code list of terms of payment.",
        keys="null",
        columns=lookup(
            "payment_term",
            small("net_due_days", "Net days.", "Days from the invoice date until the full amount is due."),
            decimal("cash_discount_percent", "Discount for early payment."),
            source=("N/A ", "N/A "),
        ),
    ),
    Table("dimv_tax_code", "View over silver.dim_tax_code.", czech="Kódy daně z přidané hodnoty.", sap="T007A"),
]

PURCHASE_OTHERS = [
    Table(
        "relv_user_purchasing_organization",
        "Row-level security: which purchasing organizations a user may see.",
        keys="null",
        columns=[
            key(text, "user_name", "Login of the user."),
            fk("purchasing_organization", key=True),
            text("access_level", "Own, region or all."),
            day("valid_from", "Start of validity."),
            day("valid_to", "End of validity."),
        ],
    ),
    Table(
        "relv_material_supplier",
        "One row per material and supplier in the purchasing info records.",
        meaning="Which suppliers can deliver which materials, and who is preferred.",
        czech="Vazba, kteří dodavatelé mohou dodat který materiál a kdo je preferovaný.",
        sap="EINA", keys="flagged",
        columns=[
            fk("material", key=True),
            fk("supplier", key=True),
            text("supplier_material_number", "Number the supplier uses for the material."),
            flag("is_preferred_supplier", "Regular supplier indicator.",
                 "The supplier the material is bought from first."),
            small("planned_delivery_days", "Planned delivery time in days."),
            day("valid_from", "Start of validity."),
            day("valid_to", "End of validity."),
        ],
    ),
    Table(
        "zmm_load_log",
        "N/A",
        kind="Table", owned=False, nullability=False,
        columns=[
            text("run_id", "N/A"),
            text("job_name"),
            text("step_name"),
            text("step_state"),
            moment("started_at"),
            moment("finished_at"),
            whole("rows_read"),
            whole("rows_written"),
            text("message", "N/A "),
        ],
    ),
]


# --- dm_ba_purchase: purchasing analytics -------------------------------------------------------------

ANALYTICS = [
    Table(
        "factv_purchase_order",
        "One row per purchase order item. View over silver.fact_purchase_order joined with "
        "silver.fact_purchase_order_item, filtered only for records with is_released = true.",
        meaning="Released purchase orders prepared for analysis, all amounts in EUR.",
        keys="null",
        columns=[
            key(text, "purchase_order_number", "Number of the purchasing document."),
            key(text, "purchase_order_item_number", "Item of the purchasing document."),
            fk("supplier"),
            fk("material"),
            fk("plant"),
            fk("spend_category"),
            fk("order_date"),
            text("company_code", "Company code."),
            text("purchasing_organization_code", "Purchasing organization."),
            decimal("ordered_quantity", "Quantity ordered, in base unit."),
            decimal("net_amount_eur", "Net value of the item in EUR."),
            decimal("open_amount_eur", "Net value of what is not delivered yet, in EUR."),
            decimal("unit_price_eur", "Net price per base unit in EUR."),
            flag("is_contract_purchase", "True when the item calls off an outline agreement."),
            *loaded(),
        ],
    ),
    Table(
        "factv_spend_analysis",
        "One row per supplier, material, plant, spend category and posting day.",
        meaning="Spend: what the group paid or owes to suppliers, by category, plant and period, with savings and "
                "price variance.",
        czech="Analýza výdajů za nákup podle dodavatelů, kategorií, závodů a období včetně úspor.",
        business_name="Spend", validated=True,
        columns=[
            fk("supplier"),
            fk("material"),
            fk("plant"),
            fk("spend_category", to="dimv_spend_category"),
            fk("posting_date"),
            text("company_code", "Company code."),
            text("cost_center_code", "Cost center."),
            decimal("invoiced_quantity", "Quantity invoiced, in base unit."),
            decimal("spend_amount_eur", "Invoiced amount without tax in EUR.", "Spend as reported to management.",
                    czech="Výdaje bez daně v EUR."),
            decimal("contract_spend_amount_eur", "Part of the spend covered by outline agreements.",
                    "Spend under contract."),
            decimal("maverick_spend_amount_eur", "Part of the spend without a purchase order.",
                    "Spend that went around purchasing.", czech="Výdaje mimo nákupní proces."),
            decimal("baseline_price_eur", "Mean price per base unit in the previous fiscal year."),
            decimal("average_price_eur", "Spend divided by quantity."),
            decimal("price_variance_amount_eur", "Average less baseline price, times quantity.",
                    "How much the change of price has cost."),
            decimal("negotiated_savings_eur", "Savings reported by category managers.",
                    czech="Úspory vyjednané kategoriovými manažery."),
            whole("invoice_count", "Number of invoices."),
            whole("purchase_order_count", "Number of purchase orders."),
            flag("is_intercompany", "True when the supplier belongs to the group."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_supplier",
        "View over silver.dim_supplier, filtered only for records with at least one order since 2018.",
        meaning="Suppliers as seen by spend analysis.",
        validated=True,
        columns=[
            surrogate("supplier"),
            *pick(SUPPLIER, "supplier_number", "supplier_name", "supplier_category", "country_code",
                  "country_name"),
            *pick(SUPPLIER, "city", "is_blocked"),
            text("parent_supplier_name", "Name of the group the supplier belongs to."),
            flag("is_diverse_supplier", "N/A"),
            *loaded(),
        ],
    ),
    Table(
        "dimv_material",
        "One to one view over silver.dim_material.",
        owned=False, keys="null",
        columns=[
            surrogate("material"),
            *pick(MATERIAL, "material_number", "material_name", "material_type", "material_group_code"),
            *pick(MATERIAL, "material_group_name", "base_unit_code", "abc_indicator", "standard_price"),
            *loaded(),
        ],
    ),
    Table(
        "dimv_plant",
        "One to one view over silver.dim_plant.",
        columns=[
            surrogate("plant"),
            *pick(PLANT, "plant_code", "plant_name", "country_code", "region_name", "plant_category",
                  "is_active"),
            *loaded(),
        ],
    ),
    Table(
        "dimv_spend_category",
        "View over silver.dim_spend_category, maintained by category managers.",
        meaning="Tree of spend categories, three levels deep, that all spend is sorted into.",
        czech="Strom nákupních kategorií o třech úrovních.",
        keys="flagged",
        columns=[
            surrogate("spend_category"),
            text("spend_category_code", "Code of the category.", nullable=False),
            text("spend_category_name", "Name of the category."),
            text("category_level_1_name", "Name of the category at the first level."),
            text("category_level_2_name", "Name of the category at the second level."),
            text("category_level_3_name", "Name of the category at the third level."),
            text("category_team", "Team that manages the category."),
            flag("is_direct", "Direct spend indicator.", "True for material that enters the product."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_date",
        "Calendar generated for the years 2010 to 2040.",
        keys="flagged",
        columns=[surrogate("date"), *undocumented(CALENDAR[1:])],
    ),
    Table("dimv_order_date", "View over dimv_date", columns=calendar_role("order_date")),
    Table("dimv_posting_date", "View over dimv_date", owned=False, columns=calendar_role("posting_date")),
]


# --- dm_bs_logistics: warehouses and transport --------------------------------------------------------

LOGISTICS = [
    Table(
        "factv_stock_level",
        "One row per material, plant, storage location and day. Daily snapshot.",
        meaning="Stock of materials at the end of each day, in quantity and value.",
        czech="Stav zásob materiálu na konci každého dne v množství a hodnotě.",
        business_name="Stock level", sap="MARD", keys="flagged", validated=True,
        columns=[
            fk("material", to="dm_bs_purchase.dimv_material", key=True),
            fk("plant", key=True),
            fk("storage_location", key=True),
            fk("date", "Key of the day of the snapshot.", key=True),
            fk("unit_of_measure"),
            decimal("unrestricted_quantity", "Stock that can be used.", source="MARD-LABST"),
            decimal("quality_inspection_quantity", "Stock in quality inspection."),
            decimal("blocked_quantity", "Blocked stock."),
            decimal("in_transit_quantity", "Stock in transit between plants."),
            decimal("stock_amount", "Value of the stock at standard price.", "Money bound in stock.",
                    czech="Hodnota zásob."),
            decimal("safety_stock_quantity", "Safety stock of the material."),
            decimal("days_of_supply", "Stock divided by mean daily consumption.",
                    "For how many days the stock lasts.", czech="Dosah zásob ve dnech."),
            decimal("blocked_stock_amount", "Value of blocked stock.", status=MISSING),
            flag("is_below_safety_stock", "True when the usable stock is below the safety stock."),
            flag("is_slow_moving", "N/A"),
            *loaded(),
        ],
    ),
    Table(
        "factv_stock_movement",
        "One row per item of a material document.",
        meaning="Movements of stock: receipts, issues and transfers.",
        czech="Skladové pohyby: příjmy, výdeje a převody zásob.",
        sap="MSEG", keys="flagged",
        columns=[
            key(text, "material_document_number", "Number of the material document."),
            key(text, "material_document_year", "Year of the material document."),
            key(text, "material_document_item_number", "Item of the material document."),
            fk("material"),
            fk("plant"),
            fk("storage_location"),
            fk("movement_type"),
            fk("posting_date"),
            fk("unit_of_measure"),
            fk("cost_center"),
            text("batch_number", "Number of the batch."),
            text("purchase_order_number", "Number of the order, for receipts from suppliers."),
            text("purchase_order_item_number", "Item of the order, for receipts from suppliers."),
            text("debit_credit_indicator", "S for receipt, H for issue."),
            decimal("movement_quantity", "Quantity moved, negative for issues."),
            decimal("movement_amount", "Value moved in the currency of the company code."),
            flag("is_reversal", "True when the document reverses another."),
            *loaded(),
        ],
    ),
    Table(
        "factv_shipment",
        "One row per inbound shipment. View over silver.fact_shipment.",
        meaning="Inbound shipments from suppliers to plants: carrier, route, departure, arrival and freight cost.",
        czech="Příchozí zásilky od dodavatelů do závodů: dopravce, trasa, odjezd, příjezd a náklady na dopravu.",
        business_name="Shipment", keys="flagged", validated=True,
        columns=[
            key(text, "shipment_number", "Number of the shipment.", source="VTTK-TKNUM", czech="Číslo zásilky."),
            text("purchase_order_number", "Number of the order that is shipped."),
            fk("carrier", to="dimv_carrier"),
            fk("route"),
            fk("supplier", "Key of the supplier the shipment comes from."),
            fk("receiving_plant", "Key of the plant the shipment goes to."),
            fk("warehouse"),
            fk("delivery_date"),
            fk("delivery_status"),
            fk("incoterm"),
            fk("currency"),
            moment("planned_departure_time", "Departure as planned."),
            moment("actual_departure_time", "Departure as reported by the carrier."),
            moment("planned_arrival_time", "Arrival as planned.", "Arrival announced to the warehouse."),
            moment("actual_arrival_time", "Arrival at the gate.", czech="Skutečný čas příjezdu na vrátnici."),
            decimal("transit_days", "Days from actual departure to actual arrival."),
            decimal("delay_hours", "Actual less planned arrival in hours.", "Delay of the transport in hours."),
            decimal("gross_weight", "Gross weight in kilograms."),
            whole("pallet_count", "Number of pallets."),
            decimal("freight_cost_amount", "Cost of the transport in document currency.",
                    "What the carrier charges for the shipment.", czech="Náklady na dopravu."),
            flag("is_damaged", "True when damage was found at arrival."),
            *loaded(),
        ],
    ),
    Table(
        "factv_warehouse_capacity",
        "One row per warehouse and day.",
        czech="Kapacita a vytížení skladů po dnech.",
        owned=False,
        columns=[
            fk("warehouse"),
            fk("date"),
            whole("pallet_positions", "Number of pallet positions."),
            whole("occupied_pallet_positions", "Number of pallet positions in use."),
            decimal("utilisation_percent", "Occupied by all positions in percent.",
                    "Share of pallet positions in use."),
            decimal("storage_area_m2", "Area of storage in square metres."),
            whole("planned_inbound_pallets", "Pallets announced for the day."),
            whole("planned_outbound_pallets", "Pallets to be dispatched on the day."),
            whole("available_docks", "N/A"),
            flag("is_over_capacity", "True when more than 95 percent of positions are in use."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_storage_location",
        "One to one view over silver.dim_storage_location.",
        meaning="Places within a plant where stock is kept and counted apart.",
        czech="Skladová místa v rámci závodu.",
        sap="T001L", keys="flagged",
        columns=[
            surrogate("storage_location"),
            fk("plant"),
            text("storage_location_code", "Storage location.", nullable=False, source="T001L-LGORT"),
            text("storage_location_name", "Name of the storage location.", source="T001L-LGOBE"),
            text("storage_type", "Type of storage.", "Raw material, finished goods, spare parts or quarantine."),
            flag("is_active", "False once the location is closed."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_warehouse",
        "View over silver.dim_warehouse.",
        meaning="Warehouses, own and rented, with address and equipment.",
        czech="Sklady vlastní i pronajaté, s adresou a vybavením.",
        keys="flagged",
        columns=[
            surrogate("warehouse"),
            text("warehouse_code", "Warehouse number.", nullable=False, source=("T300", "lgnum")),
            text("warehouse_name", "Name of the warehouse."),
            fk("plant", "Key of the plant the warehouse serves."),
            text("warehouse_type", "Type of the warehouse.", "Own, rented or run by a service provider."),
            text("country_code", "Country key, ISO 3166."),
            text("city", "City of the warehouse."),
            text("street", "Street and house number of the warehouse."),
            small("dock_count", "Number of docks."),
            flag("is_temperature_controlled", "True when temperature is kept and logged."),
            flag("is_bonded", "True for a customs warehouse."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_carrier",
        "View over silver.dim_carrier.",
        meaning="Carriers that bring goods from suppliers.",
        czech="Dopravci, kteří přivážejí zboží od dodavatelů.",
        keys="flagged",
        columns=[
            surrogate("carrier"),
            text("carrier_number", "Number of the carrier.", nullable=False),
            text("carrier_name", "Name of the carrier."),
            text("transport_mode", "Shipping type.", "Road, rail, sea or air."),
            text("country_code", "Country key, ISO 3166."),
            text("dispatcher_email", "E-mail of the dispatcher on duty."),
            text("dispatcher_phone", "Telephone of the dispatcher on duty."),
            decimal("contracted_capacity", "Pallets per week under contract."),
            flag("is_approved", "True when the carrier passed the audit."),
            *loaded(),
        ],
    ),
    Table(
        "dimv_route",
        "View over silver.dim_route.",
        czech="Přepravní trasy mezi dodavatelem a závodem.",
        status=MISSING, owned=False,
        columns=[
            surrogate("route"),
            text("route_code", "Route.", nullable=False, source="TVRO-ROUTE"),
            text("route_name", "Description of the route."),
            text("origin_country_code", "Country of departure."),
            text("destination_country_code", "Country of arrival."),
            decimal("distance_km", "Length of the route in kilometres."),
            decimal("planned_transit_days", "Planned days of transit."),
            text("transport_mode", "N/A"),
            *loaded(),
        ],
    ),
    Table(
        "dimv_movement_type",
        "Code list of movement types.",
        sap="T156",
        columns=lookup(
            "movement_type",
            text("movement_direction", "Receipt, issue or transfer."),
            source="T156-BWART",
        ),
    ),
    Table(
        "relv_plant_storage_location",
        "Which storage locations serve which plants.",
        owned=False, nullability=False,
        columns=[
            fk("plant", key=True),
            fk("storage_location", key=True),
            flag("is_default_location", "True when receipts go to the location unless said otherwise."),
            day("valid_from", "Start of validity."),
        ],
    ),
    Table(
        "dimv_date",
        "Calendar generated for the years 2010 to 2040.",
        scored=False,
        columns=[surrogate("date"), *undocumented(CALENDAR[1:])],
    ),
]

SCHEMAS = [
    Schema(
        "dm_bs_purchase",
        "Business mart of purchasing, scope bs.",
        meaning="Operational purchasing: requisitions, orders, contracts, receipts, invoices and supplier "
                "performance.",
        czech="Datový mart operativního nákupu: požadavky, objednávky, smlouvy, příjmy, faktury a výkonnost "
              "dodavatelů.",
        owner="purchasing",
        governance={
            "domainName": "Purchasing",
            "communityName": "Supply Chain",
            "sourceTags": "gold, purchase",
            "dataSourceType": "SAP",
            "retentionPeriod": "10 years",
            "dqCheckType": "Completeness, uniqueness",
            "dqMonitoringFrequency": "Daily",
            "hasDqMonitoring": True,
            "deletionApproach": ["Soft delete", "Archive"],
        },
        tables=[*PURCHASE_FACTS, *PURCHASE_DIMENSIONS, *PURCHASE_OTHERS],
    ),
    Schema(
        "dm_ba_purchase",
        "Analytical mart of purchasing, scope ba.",
        meaning="Spend analytics for management and category managers.",
        czech="Datový mart pro analýzu výdajů za nákup.",
        owner="analytics",
        security="Internal",
        governance={
            "domainName": "Purchasing",
            "communityName": "Business Analytics",
            "sourceTags": "gold, purchase, analytics",
            "dataSourceType": "SAP",
            "retentionPeriod": "5 years",
            "dqCheckType": "N/A",
            "dqMonitoringFrequency": "",
            "hasDqMonitoring": False,
            "deletionApproach": ["Full reload"],
        },
        tables=ANALYTICS,
    ),
    Schema(
        "dm_bs_logistics",
        "Business mart of logistics, scope bs.",
        meaning="Stock, warehouses and inbound transport.",
        czech="Datový mart logistiky: zásoby, sklady a příchozí doprava.",
        owner="logistics",
        governance={
            "domainName": "Logistics",
            "communityName": "Supply Chain",
            "sourceTags": "gold, logistics",
            "dataSourceType": "SAP, TMS",
            "retentionPeriod": "N/A ",
            "hasDqMonitoring": None,
            "deletionApproach": [],
        },
        tables=LOGISTICS,
    ),
]


# --- Quirks of the export, by path below the database -------------------------------------------------

# The parent's id is one that no asset of the export has: only the path leads to the table.
LOST_PARENT = {
    "dm_bs_purchase.factv_purchase_order_item.price_unit",
    "dm_bs_purchase.factv_purchase_order_item.contract_price",
    "dm_bs_purchase.dimv_supplier.region_code",
    "dm_bs_purchase.factv_purchase_invoice.discount_amount",
    "dm_ba_purchase.factv_spend_analysis.average_price_eur",
    "dm_bs_logistics.factv_shipment.pallet_count",
}

# No parent is given at all.
NO_PARENT = {"dm_bs_logistics.dimv_carrier.contracted_capacity"}

# The parent's field is spelt right, which it is not elsewhere.
SPELT_RIGHT = {
    "dm_bs_purchase.dimv_plant",
    "dm_bs_logistics.dimv_warehouse",
    "dm_bs_purchase.dimv_plant.plant_code",
    "dm_bs_purchase.dimv_cost_center.cost_center_name",
    "dm_ba_purchase.dimv_spend_category.is_direct",
}

# The display name ends in a space.
TRAILING_SPACE = {
    "dm_bs_purchase.dimv_incoterm",
    "dm_bs_purchase.dimv_supplier.tax_number",
    "dm_bs_logistics.dimv_storage_location.storage_type",
}

# Exported twice with different fields: the technical ones first, the business ones on the last page.
EXPORTED_IN_HALVES = {
    "dm_bs_purchase.factv_purchase_order",
    "dm_bs_purchase.dimv_supplier",
    "dm_bs_purchase.dimv_supplier.supplier_name",
    "dm_bs_purchase.dimv_supplier.contact_person_email",
    "dm_bs_purchase.factv_purchase_order_item.net_price",
    "dm_bs_purchase.factv_delivery_performance.is_on_time",
    "dm_ba_purchase.factv_spend_analysis",
    "dm_bs_logistics.factv_shipment.freight_cost_amount",
}

# Exported twice, the second time on the last page, byte for byte the same.
EXPORTED_TWICE = {
    "dm_bs_purchase",
    "dm_bs_purchase.dimv_material",
    "dm_bs_purchase.dimv_material.material_number",
    "dm_bs_purchase.dimv_date.calendar_date",
    "dm_bs_logistics.dimv_route",
}

# Assets of types that are no part of a warehouse: type, path and description.
OTHER_ASSETS = [
    ("Report", "Reporting>Purchasing>Open orders", "Weekly list of open purchase orders by buyer."),
    ("Report", "Reporting>Purchasing>Supplier scorecard", "Scores and delivery reliability of suppliers."),
    ("Report", "Reporting>Logistics>Inbound transport", None),
    ("Business Term", "Glossary>Purchasing>On-time delivery", "A delivery not later than the confirmed date."),
    ("Business Term", "Glossary>Purchasing>Maverick buying", "Purchase made without a purchase order."),
]


# --- The export ---------------------------------------------------------------------------------------

BUSINESS_FIELDS = (
    "description",
    "czechDescription",
    "businessName",
    "ownerInSource",
    "securityClassification",
    "validationResult",
    "articulationScore",
)
IDENTITY_FIELDS = ("id", "displayName", "fullName", "typeName", "status")

# What documentation of an asset is worth in its articulation score.
TABLE_WEIGHTS = {
    "descriptionFromSourceSystem": 20,
    "description": 35,
    "czechDescription": 10,
    "ownerInSource": 15,
    "sapSourceName": 10,
    "validationResult": 10,
}
COLUMN_WEIGHTS = {
    "descriptionFromSourceSystem": 40,
    "description": 30,
    "czechDescription": 10,
    "mappingTable": 10,
    "validationResult": 10,
}
TERSE = 28  # a technical description shorter than this is worth half


def asset_id(full_name: str) -> str:
    return str(uuid5(NAMESPACE, full_name))


def base_asset(path: str, full_name: str, kind: str, status: str) -> dict:
    name = path.rpartition(".")[2]
    return {
        "id": asset_id(full_name),
        "displayName": name + " " if path in TRAILING_SPACE else name,
        "fullName": full_name,
        "typeName": kind,
        "status": status,
        **parent_field(path, full_name.rpartition(">")[0]),
    }


def parent_field(path: str, parent: str) -> dict:
    if path in NO_PARENT:
        return {}
    spelling = "Hierarchy Relation" if path in SPELT_RIGHT else "Hierarcy Relation"
    return {spelling: asset_id(f"{parent}#retired" if path in LOST_PARENT else parent)}


def given(**fields) -> dict:
    """The fields that hold something, be it an `N/A`; an export leaves out most of the others."""
    return {name: value for name, value in fields.items() if value is not None}


def scored(asset: dict, weights: dict[str, int]) -> dict:
    documented = {name for name in weights if is_documented(asset.get(name))}
    score = sum(weights[name] for name in documented)
    note = "descriptionFromSourceSystem"
    if note in documented and len(asset[note]) < TERSE:
        score -= weights[note] // 2
    return asset | {"articulationScore": score}


def is_documented(value: str | bool | None) -> bool:
    return value is True or (isinstance(value, str) and value.strip() not in ("", "N/A"))


def owner_id(owner: str) -> str:
    return asset_id(f"Owners>{owner}")


def schema_asset(schema: Schema) -> dict:
    asset = base_asset(schema.name, f"{DATABASE}>{schema.name}", "Schema", IMPLEMENTED)
    asset |= given(
        descriptionFromSourceSystem=schema.note,
        description=schema.meaning,
        czechDescription=schema.czech,
        ownerInSource=owner_id(schema.owner),
        securityClassification=schema.security,
        validationResult=True,
    )
    return scored(asset, TABLE_WEIGHTS) | schema.governance


def table_asset(schema: Schema, table: Table) -> dict:
    path = f"{schema.name}.{table.name}"
    asset = base_asset(path, f"{DATABASE}>{schema.name}>{table.name}", table.kind, table.status)
    asset |= given(
        descriptionFromSourceSystem=table.note,
        description=table.meaning,
        czechDescription=table.czech,
        businessName=table.business_name,
        sapSourceName=table.sap,
        ownerInSource=owner_id(schema.owner) if table.owned else None,
        securityClassification=table.security,
        validationResult=table.validated,
    )
    return scored(asset, TABLE_WEIGHTS) if table.scored else asset


def column_asset(schema: Schema, table: Table, column: Column, position: int) -> dict:
    path = f"{schema.name}.{table.name}.{column.name}"
    full_name = f"{DATABASE}>{schema.name}>{table.name}>{column.name}(column)"
    asset = base_asset(path, full_name, "Column", column.status or table.status)
    asset |= {
        "technicalDataType": column.type,
        "columnPosition": float(position),
        "originalName": column.name,
    }
    if table.nullability:
        asset["isNullable"] = column.nullable
    if table.keys != "absent":
        asset["isPrimaryKey"] = column.key if table.keys == "flagged" else None
    mapping_table, mapping_column = mapping(column.source)
    asset |= given(
        descriptionFromSourceSystem=column.note,
        description=column.meaning,
        czechDescription=column.czech,
        mappingTable=mapping_table,
        mappingColumn=mapping_column,
        securityClassification=column.security,
        validationResult=table.validated and column.status is None,
    )
    return scored(asset, COLUMN_WEIGHTS) if table.scored else asset


def mapping(source: str | tuple[str, str] | None) -> tuple[str | None, str | None]:
    if source is None:
        return None, None
    return tuple(source.split("-")) if isinstance(source, str) else source


def other_asset(kind: str, full_name: str, description: str | None) -> dict:
    return {
        "id": asset_id(full_name),
        "displayName": full_name.rpartition(">")[2],
        "fullName": full_name,
        "typeName": kind,
        "status": "Accepted",
        "description": description,
    }


def export() -> list[list[dict]]:
    """Pages of assets: schemas, then tables and columns of each mart, then what is exported again."""
    pages = [[schema_asset(schema) for schema in SCHEMAS] + [other_asset(*asset) for asset in OTHER_ASSETS]]
    for schema in SCHEMAS:
        pages.append([table_asset(schema, table) for table in schema.tables])
        pages.append([
            column_asset(schema, table, column, position)
            for table in schema.tables
            for position, column in enumerate(table.columns, start=1)
        ])
    return with_repetitions(pages)


def with_repetitions(pages: list[list[dict]]) -> list[list[dict]]:
    again = []
    for page in pages:
        for position, asset in enumerate(page):
            path = path_of(asset)
            if path in EXPORTED_TWICE:
                again.append(asset)
            elif path in EXPORTED_IN_HALVES:
                business = {name: asset[name] for name in BUSINESS_FIELDS if name in asset}
                technical = {name: value for name, value in asset.items() if name not in business}
                again.append({name: asset[name] for name in IDENTITY_FIELDS} | business)
                page[position] = technical | {"description": None}
    return [*pages, again]


def path_of(asset: dict) -> str:
    return asset["fullName"].removeprefix(f"{DATABASE}>").removesuffix("(column)").replace(">", ".")


def check(pages: list[list[dict]]) -> None:
    """A slip in the declarations stops the script."""
    assets = [asset for page in pages[:-1] for asset in page]
    paths = {path_of(asset) for asset in assets}
    if len(paths) != len(assets):
        raise ValueError("two assets share a path")
    quirks = LOST_PARENT | NO_PARENT | SPELT_RIGHT | TRAILING_SPACE | EXPORTED_IN_HALVES | EXPORTED_TWICE
    if unknown := sorted(quirks - paths):
        raise ValueError(f"quirks declared for unknown assets: {', '.join(unknown)}")


def render(pages: list[list[dict]]) -> str:
    """One asset a line, so that a change reads as one."""
    blocks = (",\n".join(json.dumps(asset, ensure_ascii=False) for asset in page) for page in pages)
    return "[\n" + ",\n".join(f"[\n{block}\n]" for block in blocks) + "\n]\n"


def main() -> None:
    pages = export()
    check(pages)
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.write(render(pages))


if __name__ == "__main__":
    main()
