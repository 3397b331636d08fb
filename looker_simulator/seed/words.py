"""Words that the seeded instance is made of, and titles that break naive tools."""

from random import Random

FIRST_NAMES = (
    "Ada", "Björn", "Chidi", "Dolores", "Eun-ji", "Farid", "Grace", "Héloïse", "Ikram", "João", "Katarzyna", "Liam",
    "Mei", "Ngozi", "Oluwaseun", "Priya", "Quentin", "Rosa", "Søren", "Tomás", "Uma", "Valentina", "Wei", "Ximena",
    "Yusuf", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Lovelace", "Nyström", "Okafor", "de la Cruz", "Kim", "Haddad", "O'Brien", "Brontë", "Benali", "Conceição",
    "Wiśniewska", "Murphy", "Lín", "Eze", "Adeyemi", "Iyer", "Marchand", "Ibáñez", "Ødegård", "Peña", "Rao", "Rossi",
    "Zhang", "Fuentes", "Yılmaz", "van der Berg",
)  # fmt: skip
SUBJECTS = (
    "Revenue", "Bookings", "Churn", "Inventory", "Shipments", "Support Tickets", "Web Sessions", "Ad Spend", "Pipeline",
    "Headcount", "Gross Margin", "Cash Flow", "Returns", "Conversion", "Active Users", "Retention", "Suppliers",
    "Warehouse", "Fraud", "Latency", "Uptime", "Costs", "Forecast", "Orders", "Subscriptions", "Invoices", "Campaigns",
)  # fmt: skip
ANGLES = (
    "Overview", "by Region", "by Channel", "Deep Dive", "Weekly", "Month to Date", "vs. Plan", "Trend", "Health Check",
    "Cohorts", "for the Board", "Monitor", "Breakdown", "Year over Year", "Top Accounts", "Exceptions",
)  # fmt: skip
TEAMS = (
    "Finance", "Sales", "Marketing", "Operations", "Product", "Engineering", "Support", "People", "Legal", "Logistics",
    "Data Platform", "Growth", "Procurement", "Security", "Research",
)  # fmt: skip
ODD_TITLES = (
    "100% of quota_met / Q1 (draft)",
    "日本の売上 📈 四半期",
    "لوحة المبيعات الشهرية",
    'He said "ship it" \\ <b>now</b> & then',
    "  leading and trailing blanks  ",
    "Ünïcödé — ѕlіghtlу ⅽоnfusable",
    "a_b%c",
    "aXbYc",
    "line one\nline two\ttabbed",
    "👩🏽‍🚀 zero‑width\u200b joiners & combining e\u0301",
    "Sales/Pipeline/West∕East",
    "null",
    "42",
    "x" * 255,
)
VIEWS = ("orders", "users", "order_items", "products", "events", "sessions", "inventory_items", "accounts", "tickets")
DIMENSIONS = (
    "id", "created_date", "created_month", "status", "region", "country", "channel", "category", "brand", "segment",
    "owner_name", "priority", "source", "tier", "city", "device_type", "plan_name",
)  # fmt: skip
MEASURES = (
    "count", "total_revenue", "average_order_value", "total_cost", "gross_margin", "conversion_rate", "count_distinct",
    "median_days", "total_quantity", "return_rate", "lifetime_value", "running_total",
)  # fmt: skip
VALUES = (
    "last 30 days", "7 days ago for 7 days", "this quarter", "EMEA,APAC", "-cancelled", "complete", ">=100", "NOT NULL",
    "Organic", "Enterprise", "%phone%", "yes", "2 years", "", "\"Smith, John\"", "[18, 65)",
)  # fmt: skip
SENTENCES = (
    "Figures are refreshed hourly from the warehouse.",
    "Excludes internal test accounts and refunds issued after closing.",
    "Owner: see the data dictionary; ask before changing filters.",
    "Compare with the previous period to see seasonal effects.",
    "Targets were agreed with the regional leads and are fixed for the year.",
    "Late arriving events may change yesterday's numbers.",
)


def pick(random: Random, items: tuple[str, ...]) -> str:
    """Return one of *items*; several times faster than ``random.choice``."""
    return items[int(random.random() * len(items))]


def title(random: Random) -> str:
    """Return an ordinary title."""
    return f"{pick(random, SUBJECTS)} {pick(random, ANGLES)}"


def token(random: Random, length: int = 22) -> str:
    """Return random letters and digits, as in Looker's slugs."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    bits = random.getrandbits(6 * length)
    return "".join(alphabet[(bits >> 6 * i & 63) % 62] for i in range(length))


def uuid(random: Random) -> str:
    """Return a random UUID."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def color(random: Random) -> str:
    """Return a random colour."""
    return f"#{random.getrandbits(24):06x}"
