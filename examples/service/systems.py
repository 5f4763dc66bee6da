"""The outside systems the examples talk to, imitated in memory: CRM, enrichment, payment, stock, shipping, quotes, jobs,
accounts and chat. Pure bookkeeping: stand_in.py does HTTP, idempotency and misbehaving, and holds a lock while it calls.

Answers depend on the requests alone (no clock, no chance), so that the same run gives the same output every time.
"""
import hashlib
import re


class Refusal(Exception):
    """An answer that is an error, as RFC 7807."""

    def __init__(self, status, title, detail=""):
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail


COMPANIES = {
    "hillside-bakery.example": {"name": "Hillside Bakery", "employees": 14, "industry": "food", "country": "IE"},
    "northwind.example": {"name": "Northwind Traders", "employees": 420, "industry": "wholesale", "country": "DE"},
    "orbital.example": {"name": "Orbital Freight", "employees": 2600, "industry": "logistics", "country": "NL"},
}
SUPPLIERS = {
    "swift": {"price": 112.50, "days": 2},
    "steady": {"price": 97.00, "days": 5},
    "thorough": {"price": 89.90, "days": 9},
}
SHIPS_TO = {"DE", "FR", "IE", "NL", "SE"}


def short_id(prefix, *parts):
    return f"{prefix}-{hashlib.sha256('|'.join(map(str, parts)).encode()).hexdigest()[:8]}"


def need(body, *names):
    if not isinstance(body, dict):
        raise Refusal(400, "Bad Request", "the body must be a JSON object")
    missing = [name for name in names if body.get(name) in (None, "")]
    if missing:
        raise Refusal(400, "Bad Request", f"missing in the body: {', '.join(missing)}")
    return [body[name] for name in names]


class Systems:
    def __init__(self):
        self.contacts, self.tasks, self.payments, self.reservations = {}, [], {}, {}
        self.shipments, self.jobs, self.accounts, self.messages = {}, {}, {}, []
        # (method, pattern of the path) → what answers it; the pattern's groups become arguments.
        self.routes = [
            ("GET", r"/enrichment/companies/([^/]+)", self.company),
            ("GET", r"/enrichment/people/([^/]+)", self.person),
            ("GET", r"/crm/contacts", self.find_contacts),
            ("POST", r"/crm/contacts", self.upsert_contact),
            ("POST", r"/crm/tasks", self.add_task),
            ("POST", r"/payments", self.charge),
            ("POST", r"/payments/([^/]+)/refund", self.refund),
            ("POST", r"/stock/reservations", self.reserve),
            ("DELETE", r"/stock/reservations/([^/]+)", self.release),
            ("POST", r"/shipments", self.ship),
            ("GET", r"/quotes/([^/]+)", self.quote),
            ("POST", r"/jobs", self.submit_job),
            ("GET", r"/jobs/([^/]+)", self.poll_job),
            ("PUT", r"/accounts/([^/]+)/([^/]+)", self.open_account),
            ("POST", r"/chat/messages", self.post_message),
            ("GET", r"/chat/messages", lambda query, body: (200, {"messages": self.messages})),
        ]

    def answer(self, method, path, query, body):
        """(status, JSON value) of a request, or a Refusal."""
        other_method = False
        for route_method, pattern, handler in self.routes:
            if match := re.fullmatch(pattern, path):
                if route_method == method:
                    return handler(*match.groups(), query, body)
                other_method = True
        if other_method:
            raise Refusal(405, "Method Not Allowed", f"{path} does not know {method}")
        raise Refusal(404, "Not Found", f"nothing lives at {path}")

    # ---- enrichment ----

    def company(self, domain, query, body):
        if domain not in COMPANIES:
            raise Refusal(404, "Not Found", f"no company known under {domain}")
        return 200, {"domain": domain, **COMPANIES[domain]}

    def person(self, email, query, body):
        words = re.split(r"[._+-]", email.split("@")[0])
        role = "owner" if words[0] in ("ceo", "owner", "maeve") else "employee"
        return 200, {"email": email, "name": " ".join(w.capitalize() for w in words), "role": role}

    # ---- CRM ----

    def find_contacts(self, query, body):
        wanted = query.get("email")
        return 200, {"contacts": [c for c in self.contacts.values() if wanted in (None, c["email"])]}

    def upsert_contact(self, query, body):
        email, = need(body, "email")
        known = self.contacts.get(email)
        contact = {**(known or {"id": short_id("contact", email), "stage": "lead", "revision": 0}), **body}
        contact["revision"] = (known or {}).get("revision", 0) + 1
        self.contacts[email] = contact
        return (200 if known else 201), {**contact, "created": known is None}

    def add_task(self, query, body):
        need(body, "contact", "what")
        self.tasks.append(body)
        return 201, {"id": short_id("task", len(self.tasks), body["contact"]), **body}

    # ---- an order: stock, payment, shipping ----

    def reserve(self, query, body):
        order, items = need(body, "orderId", "items")
        if any(item.get("quantity", 1) > 100 for item in items):
            raise Refusal(409, "Conflict", "not that many in stock")
        reservation = {"id": short_id("reservation", order), "orderId": order, "items": len(items), "state": "held"}
        self.reservations[reservation["id"]] = reservation
        return 201, reservation

    def release(self, reservation, query, body):
        if reservation not in self.reservations:
            raise Refusal(404, "Not Found", f"no reservation {reservation}")
        self.reservations[reservation]["state"] = "released"
        return 200, self.reservations[reservation]

    def charge(self, query, body):
        order, amount, card = need(body, "orderId", "amount", "card")
        if card == "declined":
            raise Refusal(402, "Payment Required", "the card was declined")
        payment = {"id": short_id("payment", order), "orderId": order, "amount": amount, "state": "captured"}
        self.payments[payment["id"]] = payment
        return 201, payment

    def refund(self, payment, query, body):
        if payment not in self.payments:
            raise Refusal(404, "Not Found", f"no payment {payment}")
        self.payments[payment]["state"] = "refunded"
        return 200, self.payments[payment]

    def ship(self, query, body):
        order, address = need(body, "orderId", "address")
        if address.get("country") not in SHIPS_TO:
            raise Refusal(422, "Unprocessable Content", f"no carrier goes to {address.get('country')}")
        shipment = {"id": short_id("shipment", order), "orderId": order, "tracking": short_id("trk", order, "label").upper()}
        self.shipments[shipment["id"]] = shipment
        return 201, shipment

    def quote(self, supplier, query, body):
        if supplier not in SUPPLIERS:
            raise Refusal(404, "Not Found", f"no supplier {supplier}")
        quantity = int(query.get("quantity", "1"))
        offer = SUPPLIERS[supplier]
        return 200, {"supplier": supplier, "total": round(offer["price"] * quantity, 2), "days": offer["days"]}

    # ---- jobs, accounts, chat ----

    def submit_job(self, query, body):
        """`polls` is how many times the job says "running" before it is done; kind "doomed" fails instead."""
        kind, = need(body, "kind")
        job = {"id": short_id("job", kind, len(self.jobs)), "kind": kind, "left": int(body.get("polls", 3))}
        self.jobs[job["id"]] = job
        return 202, {"id": job["id"], "status": "queued"}

    def poll_job(self, job_id, query, body):
        job = self.jobs.get(job_id)
        if job is None:
            raise Refusal(404, "Not Found", f"no job {job_id}")
        if job["left"] > 0:
            job["left"] -= 1
            return 200, {"id": job_id, "status": "running"}
        if job["kind"] == "doomed":
            return 200, {"id": job_id, "status": "failed", "reason": "the renderer ran out of paper"}
        return 200, {"id": job_id, "status": "done", "result": {"kind": job["kind"], "pages": 42}}

    def open_account(self, system, user, query, body):
        known = (system, user) in self.accounts
        self.accounts[(system, user)] = account = {"system": system, "user": user, "groups": (body or {}).get("groups", [])}
        return (200 if known else 201), {**account, "created": not known}

    def post_message(self, query, body):
        channel, text = need(body, "channel", "text")
        self.messages.append({"number": len(self.messages) + 1, "channel": channel, "text": text})
        return 201, self.messages[-1]
