"""Defects with their code and three wordings each, which pairwise share at most half of their content words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """`code` is a function whose line `at` (0-based) is wrong, `fixed` is the corrected line; wordings are (title, body)."""

    name: str
    category: str
    severity: str
    code: tuple[str, ...]
    at: int
    fixed: str
    wordings: tuple[tuple[str, str], ...]

    @property
    def quote(self) -> str:
        return self.code[self.at]


def _defect(name: str, kind: str, code: str, right: tuple[int, str], *wordings: tuple[str, str]) -> Defect:
    category, _, severity = kind.partition("/")
    return Defect(name, category, severity, tuple(code.strip("\n").split("\n")), right[0], right[1], wordings)


DEFECTS = (
    _defect(
        "mean",
        "correctness/high",
        "def mean(values):\n    total = sum(values)\n    return total / len(values)",
        (2, "    return total / max(1, len(values))"),
        ("An empty list divides by zero", "With no values `len(values)` is 0 and the call raises ZeroDivisionError."),
        ("mean() crashes on nothing", "The denominator vanishes when a caller passes an empty sequence; guard that case first."),
        ("Missing guard before the quotient", "Callers that hold no samples get an exception here instead of 0."),
    ),
    _defect(
        "load",
        "errors/medium",
        "def load(path):\n    handle = open(path)\n    return handle.read()",
        (1, "    handle = contextlib.closing(open(path))"),
        ("The file is never closed", "`open` hands out a descriptor and nobody gives it back, so many calls run out of them."),
        ("Descriptor leak in load()", "Without a `with` block each invocation keeps one handle until garbage collection."),
        ("Resources stay allocated after reading", "A busy server hits the process limit because close is missing on every path."),
    ),
    _defect(
        "find",
        "security/high",
        "def find(db, name):\n    query = f\"SELECT * FROM users WHERE name = '{name}'\"\n    return db.execute(query)",
        (1, '    query = ("SELECT * FROM users WHERE name = ?", name)'),
        ("SQL injection through the name", "A quote in `name` ends the string and the rest runs as a statement. Bind it as a parameter."),
        ("User input is pasted into the query text", "Anybody who controls that argument can read other tables; use placeholders."),
        ("Unescaped interpolation reaches the database", "An attacker closes the literal and appends UNION clauses of his own."),
    ),
    _defect(
        "fetch",
        "errors/high",
        "def fetch(session, url):\n    answer = session.get(url)\n    return answer.json()",
        (1, "    answer = session.get(url, timeout=10)"),
        ("The request has no timeout", "A server that never answers blocks the worker for ever. Pass `timeout=`."),
        ("fetch() may hang indefinitely", "Nothing bounds the wait on a silent peer, which holds up one thread each time."),
        ("Unbounded network wait", "When the remote stalls, callers pile up behind this and the pool is exhausted."),
    ),
    _defect(
        "last_page",
        "correctness/medium",
        "def last_page(rows, size):\n    pages = len(rows) // size\n    return rows[pages * size :]",
        (1, "    pages = (len(rows) - 1) // size"),
        ("The last page is empty for an exact multiple", "Ten rows by five give 2, and the slice begins behind the end."),
        ("Off by one in the page count", "Floor division forgets to step back, so a full final batch is never returned."),
        ("Boundary case of pagination is wrong", "Where `size` divides evenly users see nothing at all on their closing screen."),
    ),
    _defect(
        "add_tag",
        "correctness/medium",
        "def add_tag(tag, tags=[]):\n    tags.append(tag)\n    return tags",
        (0, "def add_tag(tag, tags=()):"),
        ("The default list is shared between calls", "`tags=[]` is made once, so every call sees what earlier ones appended."),
        ("Mutable default argument", "State leaks from one invocation into the next; use None and create it inside."),
        ("add_tag() remembers strangers", "Two unrelated users end up with each other's labels in the same object."),
    ),
    _defect(
        "withdraw",
        "concurrency/critical",
        "def withdraw(account, amount):\n    if account.balance >= amount:\n        account.balance -= amount\n    return account",
        (1, "    if account.lock() and account.balance >= amount:"),
        ("Two withdrawals race", "Both threads pass the check before either subtracts, and the balance goes negative."),
        ("Check and update are not atomic", "Between comparing and writing another request may spend the same money."),
        ("Missing lock around the account", "Concurrent callers overdraw it, since nothing serialises them."),
    ),
    _defect(
        "token",
        "security/medium",
        "def token(user):\n    seed = str(random.random())\n    return hash_of(user + seed)",
        (1, "    seed = secrets.token_hex(16)"),
        ("The token is guessable", "`random` is no source for secrets: its state can be derived from a few outputs."),
        ("Predictable generator for credentials", "Use the `secrets` module, or attackers reproduce the sequence offline."),
        ("Weak entropy in token()", "Sessions can be taken over by whoever observes enough earlier values."),
    ),
    _defect(
        "parse_date",
        "correctness/medium",
        'def parse_date(text):\n    day, month, year = text.split("/")\n    return date(int(year), int(day), int(month))',
        (2, "    return date(int(year), int(month), int(day))"),
        ("Day and month are swapped", "`date` takes year, month, day, so the 3rd of April becomes the 4th of March."),
        ("Wrong argument order for date()", "Values above twelve raise ValueError, lower ones silently give another moment."),
        ("Calendar fields are mixed up", "European input is read the American way around after the split."),
    ),
    _defect(
        "retry",
        "errors/medium",
        "def retry(call, times):\n    for _ in range(times):\n        with suppress(Exception):\n            return call()",
        (2, "        with suppress(ConnectionError):"),
        ("Every exception is swallowed", "A bug in `call` looks like an outage; only connection errors may be retried."),
        ("retry() hides programming mistakes", "Suppressing so broadly turns a TypeError into a quiet nothing."),
        ("Overly wide suppression", "Failures that no repetition can cure are tried again and then lost without a trace."),
    ),
    _defect(
        "export",
        "performance/medium",
        "def export(users, orders):\n    rows = [[o for o in orders if o.user == u.id] for u in users]\n    return rows",
        (1, "    rows = [orders_by_user(orders).get(u.id, []) for u in users]"),
        ("Quadratic scan over all orders", "For each user the whole list is walked: 10,000 of both are 100 million steps."),
        ("Nested loop where an index would do", "Group them by id once, otherwise the nightly job times out on large customers."),
        ("export() slows down with the square of the data", "Build a dictionary keyed on the owner before the comprehension."),
    ),
    _defect(
        "discount",
        "data/high",
        "def discount(price, percent):\n    reduced = price - price * percent\n    return reduced",
        (1, "    reduced = price - price * percent / 100"),
        ("Percent is used as a fraction", "15 percent takes fifteen times the price off, and the result is negative."),
        ("Missing division by one hundred", "Callers pass whole numbers like 20, so customers would be paid to buy."),
        ("Unit mismatch in the reduction", "The amount is scaled a hundredfold, which every invoice with a rebate shows."),
    ),
    _defect(
        "greet",
        "security/high",
        'def greet(name):\n    html = "<p>Hello " + name + "</p>"\n    return html',
        (1, '    html = "<p>Hello " + escape(name) + "</p>"'),
        ("The name is put into HTML as it is", "A script tag in it runs in the reader's browser. Escape it."),
        ("Cross-site scripting in greet()", "Markup from a profile is rendered unchanged for whoever visits the page."),
        ("Unsanitised output", "Attackers inject elements via their display field and steal cookies."),
    ),
    _defect(
        "cleanup",
        "data/critical",
        "def cleanup(root, keep):\n    for path in root.iterdir():\n        if path.name in keep:\n            path.unlink()",
        (2, "        if path.name not in keep:"),
        ("Exactly the files to keep are deleted", "The condition is inverted: `in keep` removes what should stay."),
        ("Inverted membership test destroys data", "It should say not in; protected entries vanish and garbage survives."),
        ("cleanup() erases the wrong half", "Whatever was listed for preservation is unlinked, with no way back."),
    ),
)

# A one-line defect that fits into any function.
LOGGED = Defect(
    "logged",
    "security",
    "high",
    ("    logger.info(current_user().password)",),
    0,
    "",
    (
        ("The password is written to the log", "Whoever reads the log files learns it; leave it out."),
        ("Credentials end up in plain text on disk", "`logger.info` keeps them for as long as archives last."),
        ("Secret disclosed by a debugging statement", "Operators and backup services see what a visitor typed to sign in."),
    ),
)
