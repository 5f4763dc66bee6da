"""Approvals by link: the real binary, answered as a browser and as a program."""
import unittest
import urllib.parse

from serving import ServerTest

ASK = """
document: {dsl: '1.0.3', namespace: test, name: pay, version: '1.0.0'}
do:
- ask:
    call: human.approve
    with:
      title: 'Pay ${ .amount }?'
      assignees: [ann, bob]
      form: {type: object, required: [centre], properties: {centre: {type: string, pattern: '^4'}, urgent: {type: boolean}}}
"""
FORM = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}


class Approvals(ServerTest):
    WORKFLOWS = {"pay": ASK}

    def begin(self):
        self.serve()
        self.run_id = self.client.post("/v1/workflows/test/pay/runs", {"amount": 5}).json["run"]
        self.await_that("the approval", lambda: self.client.get("/v1/approvals").json["approvals"])
        return {link["assignee"]: link["path"] for link in self.client.get("/v1/approvals").json["approvals"][0]["links"]}

    def ended(self):
        self.await_that("the end", lambda: self.client.get(f"/v1/runs/{self.run_id}").json["status"] == "completed")
        return self.client.get(f"/v1/runs/{self.run_id}").json["output"]

    def test_a_browser_fills_in_the_form(self):
        path = self.begin()["ann"]
        page = self.client.get(path, Accept="text/html,*/*")
        self.assertEqual(page.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        self.assertEqual((page.headers["Cache-Control"], page.headers["Referrer-Policy"]), ("no-store", "same-origin"))
        self.assertIn("<h1>Pay 5?</h1>", page.body.decode())
        wrong = self.client.request("POST", path, urllib.parse.urlencode({"decision": "approve", "form.centre": "12"}), FORM)
        self.assertEqual(wrong.status, 400)
        self.assertIn('value="12"', wrong.body.decode())
        right = {"decision": "approve", "form.centre": "4711", "form.urgent": "true"}
        # As a browser sends it: with the origin of the page.
        here = {**FORM, "Origin": f"http://127.0.0.1:{self.client.port}"}
        done = self.client.request("POST", path, urllib.parse.urlencode(right), here)
        self.assertEqual(done.status, 200, done)
        output = self.ended()
        self.assertEqual((output["approved"], output["by"], output["answer"]), (True, "ann", {"centre": "4711", "urgent": True}))
        again = self.client.request("POST", path, urllib.parse.urlencode(right), FORM)
        self.assertEqual(again.status, 409)
        self.assertIn("decided", self.client.get(path, Accept="text/html").body.decode())

    def test_a_program_answers_with_json(self):
        links = self.begin()
        self.assertEqual(self.client.get(links["bob"]).json["assignee"], "bob")
        self.assertEqual(self.client.post(links["bob"], {"approved": True, "answer": {"centre": 4}}).status, 400)
        for wrong in [{"aproved": True}, {}, {"answer": {"centre": "4"}}, None, {"approved": "yes"}]:
            self.assertEqual(self.client.post(links["bob"], wrong).status, 400, wrong)
        answered = self.client.post(links["bob"], {"approved": False})
        self.assertEqual((answered.status, answered.json["state"]), (200, "rejected"))
        self.assertEqual(self.client.post(links["ann"], {"approved": True, "answer": {"centre": "4"}}).status, 409)
        self.assertEqual((self.ended()["approved"], self.ended()["by"]), (False, "bob"))
        self.assertEqual(self.client.get("/v1/approvals").json["approvals"], [])

    def test_a_token_that_is_none_says_nothing(self):
        path = self.begin()["ann"]
        for wrong in [path[:-1], path + "A", "/approvals/" + path[len("/approvals/"):].swapcase(), "/approvals/x", "/approvals/" + "A" * 500]:
            self.assertEqual(self.client.get(wrong).status, 404, wrong)
            page = self.client.get(wrong, Accept="text/html")
            self.assertEqual((page.status, page.headers["Content-Type"]), (404, "text/html; charset=utf-8"))
            self.assertNotIn("Pay", page.body.decode())
            self.assertEqual(self.client.post(wrong, {"approved": True}).status, 404)


class Lifecycle(ServerTest):
    def test_what_happened_comes_in_pages_in_one_order(self):
        self.serve()
        run = self.client.post("/v1/workflows/test/greet/runs", {}, Prefer="wait=30").headers["Cairn-Run"]
        self.client.post("/v1/workflows/test/fail/runs", {}, Prefer="wait=30")
        seen, page = [], {"next": "0", "more": True}
        while page["more"]:
            page = self.client.get(f"/v1/lifecycle?limit=3&after={page['next']}").json
            seen += page["events"]
        self.assertEqual(self.client.get(f"/v1/lifecycle?after={page['next']}").json, {"events": [], "next": page["next"], "more": False})
        ids = [event["event"]["id"] for event in seen]
        self.assertEqual(len(ids), len(set(ids)))
        types = [event["event"]["type"] for event in seen if event["run"] == run]
        self.assertEqual((types[0], types[-1]), ("io.serverlessworkflow.workflow.started.v1", "io.serverlessworkflow.workflow.completed.v1"))
        faults = self.client.get("/v1/lifecycle?type=task.faulted&type=workflow.faulted&workflow=test/fail").json["events"]
        self.assertEqual(len(faults), 2)
        self.assertEqual(self.client.get("/v1/lifecycle?type=nothing").status, 400)
        for wrong in ["x", "0.0", "0.5"]:
            self.assertEqual(self.client.get(f"/v1/lifecycle?after={wrong}").status, 400)


if __name__ == "__main__":
    unittest.main()
