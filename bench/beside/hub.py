"""The hub's calls, as both whole-job programs make them."""

import requests

ROWS_PER_CALL = 5_000


class Hub:
    def __init__(self, base_url, username, password):
        self.base_url = base_url
        # One pooled connection, kept open.
        self.session = requests.Session()
        answer = self.session.post(
            f"{base_url}/login", headers={"username": username}, json={"password": password}, timeout=60
        )
        answer.raise_for_status()
        data = answer.json()["data"]
        self.session.headers.update(
            {"x-auth-ph-key": data["token"], "channel-id": str(data["channel"]["id"]), "username": username}
        )

    def add_bulk(self, bills):
        """Makes one call of (title, identifier, paisa, due date, late paisa); its number, and who was taken."""
        payments = [
            {
                "title": title,
                "identifier": identifier,
                "amount": rupees(amount),
                "dueDate": str(due),
                "amountAfterDueDate": rupees(late),
            }
            for title, identifier, amount, due, late in bills
        ]
        answer = self.session.post(
            f"{self.base_url}/add-bulk", params={"contentType": "JSON"}, json={"payments": payments}, timeout=300
        )
        answer.raise_for_status()
        data = one(answer.json()["data"])
        return data["bulkPaymentRequestId"]

    def payments(self, number):
        """What became of a call: (identifier, status, psid) of each of its rows."""
        answer = self.session.get(f"{self.base_url}/bulk-payment-request/{number}", timeout=300)
        answer.raise_for_status()
        content = one(answer.json()["data"])["payments"]
        content = content["content"] if isinstance(content, dict) else content
        return [(row["identifier"], row["status"], row.get("psid")) for row in content]


def one(data):
    """The hub writes an object, or a list of one."""
    return data[0] if isinstance(data, list) else data


def rupees(paisa):
    paisa = int(paisa)
    return f"{paisa // 100}.{paisa % 100:02}"
