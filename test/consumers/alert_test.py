"""Tests of alerts over plain HTTP: Python's standard library, no sleeps, a tenant for each test."""

import json
import os
import unittest
import uuid
from urllib.request import Request, urlopen

URL = os.environ["POCKET_CORTEX_URL"]
RULES = """
name: availability
interval: 1m
rules:
  - alert: Down
    expr: up == 0
    for: 5m
"""


class AlertTest(unittest.TestCase):
    def setUp(self):
        self.tenant = f"python-{uuid.uuid4().hex}"
        self.now_ms = self.call("GET", "/pocket/v1/clock")["nowMs"]

    def call(self, method, path, body=None):
        headers = {"X-Scope-OrgID": self.tenant, "Content-Type": "text/plain"}
        data = None if body is None else body.encode()
        with urlopen(Request(URL + path, data=data, method=method, headers=headers)) as answer:
            return json.load(answer)

    def load(self, series):
        self.call("POST", f"/pocket/v1/tenants/{self.tenant}/load?step=15s&start={self.now_ms}", series)

    def alerts(self):
        found = self.call("GET", "/prometheus/api/v1/alerts")["data"]["alerts"]
        return [(alert["labels"]["job"], alert["state"]) for alert in found]

    def test_fires_after_five_minutes(self):
        self.load('up{job="a"} 0x60\nup{job="b"} 1x60')
        self.call("POST", "/api/v1/rules/tests", RULES)
        self.call("POST", "/pocket/v1/clock/advance?by=4m")
        self.assertEqual(self.alerts(), [("a", "pending")])
        self.call("POST", "/pocket/v1/clock/advance?by=3m")
        self.assertEqual(self.alerts(), [("a", "firing")])

    def test_is_empty_after_a_reset(self):
        self.load('up{job="a"} 0x60')
        self.call("POST", "/api/v1/rules/tests", RULES)
        self.call("POST", "/pocket/v1/clock/advance?by=6m")
        self.call("POST", f"/pocket/v1/tenants/{self.tenant}/reset")
        self.assertEqual(self.alerts(), [])


if __name__ == "__main__":
    unittest.main()
