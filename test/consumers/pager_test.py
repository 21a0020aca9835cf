"""Tests of the service over plain HTTP: Python's standard library, no sleeps, one Cortex for all, a tenant for each test.

POCKET_CORTEX names the program of the installed package, main.js is the service.
"""

import json
import os
import subprocess
import unittest
import uuid
from urllib.parse import urlencode
from urllib.request import Request, urlopen

HERE = os.path.dirname(os.path.abspath(__file__))
START_MS = 1767225600000
RULES = """
name: shop
interval: 1m
rules:
  - record: service:errors:ratio_rate5m
    expr: |
      sum by (service) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m]))
  - alert: TooManyErrors
    expr: service:errors:ratio_rate5m > 0.05
    for: 5m
"""
SERIES = """
http_requests_total{service="checkout",code="200"} 0+15x80 1212+12x79 2175+15x160
http_requests_total{service="checkout",code="500"} 0x80 3+3x79 240x160
"""


def setUpModule():
    global process, url
    command = ["node", os.environ["POCKET_CORTEX"], "-server.http-listen-port=0", "-pocket.data-file=:memory:",
               "-pocket.journal-requests=100"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    # It tells where it listens, and answers from then on.
    for line in process.stderr:
        if "http://" in line:
            url = "http://127.0.0.1:" + line.split("http://")[1].split('"')[0].split()[0].rsplit(":", 1)[1].strip("/")
            break


def tearDownModule():
    process.terminate()
    process.stderr.close()
    process.wait()


class PagerTest(unittest.TestCase):
    def setUp(self):
        self.tenant = f"python-{uuid.uuid4().hex}"
        self.call("POST", "/pocket/v1/clock/freeze")
        self.call("POST", f"/pocket/v1/clock/set?to={START_MS}")
        self.call("POST", f"/pocket/v1/tenants/{self.tenant}/load?step=15s&start={START_MS}", SERIES)
        self.call("POST", "/api/v1/rules/shop", RULES)

    def call(self, method, path, body=None):
        headers = {"X-Scope-OrgID": self.tenant, "Content-Type": "text/plain"}
        data = None if body is None else body.encode()
        with urlopen(Request(url + path, data=data, method=method, headers=headers)) as answer:
            return json.load(answer)

    def advance(self, by):
        return self.call("POST", f"/pocket/v1/clock/advance?by={by}")["nowMs"]

    def query(self, text):
        result = self.call("GET", "/prometheus/api/v1/query?" + urlencode({"query": text}))["data"]["result"]
        return [(element["metric"].get("service"), float(element["value"][1])) for element in result]

    def pages(self, now_ms):
        environment = {**os.environ, "CORTEX_URL": url, "TENANT": self.tenant, "NOW_MS": str(now_ms)}
        service = subprocess.run(["node", os.path.join(HERE, "main.js")], env=environment, capture_output=True,
                                 text=True, check=True)
        return service.stdout.splitlines()

    def test_pages_somebody(self):
        now_ms = self.advance("40m")
        [(service, ratio)] = self.query("service:errors:ratio_rate5m")
        self.assertEqual(service, "checkout")
        # A group is evaluated at seconds of its own, which its tenant decides: windows differ by that in the last places.
        self.assertAlmostEqual(ratio, 0.2)
        self.assertEqual(self.pages(now_ms), ["TooManyErrors: checkout fails 20%"])
        path = f"/pocket/v1/journal?tenant={self.tenant}&protocol=otlp"
        self.assertEqual([entry["status"] for entry in self.call("GET", path)["requests"]], [200])

    def test_is_quiet_when_it_is_over(self):
        self.assertEqual(self.pages(self.advance("70m")), [])
        self.assertEqual(self.query("ALERTS"), [])

    def test_is_quiet_when_the_alerts_cannot_be_read(self):
        now_ms = self.advance("40m")
        path = urlencode({"tenant": self.tenant, "path": "/prometheus/api/v1/alerts"})
        self.call("PUT", f"/pocket/v1/faults?{path}", "500")
        self.assertEqual(self.pages(now_ms), [])
        self.assertEqual(len(self.pages(now_ms)), 1)

    def test_starts_over_after_a_reset(self):
        self.advance("40m")
        self.call("POST", f"/pocket/v1/tenants/{self.tenant}/reset")
        self.assertEqual(self.query('{service=~".+"}'), [])


if __name__ == "__main__":
    unittest.main()
