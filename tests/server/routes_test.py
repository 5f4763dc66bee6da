"""The server's API: the real binary, asked as other systems ask it."""
import re
import signal
import threading
import unittest

from http_client import Client
from serving import GREET, ServerTest

PATIENCE_S = 60


class Starting(ServerTest):
    def test_who_waits_gets_the_output_itself(self):
        self.serve()
        answer = self.client.post("/v1/workflows/test/greet/runs", {"name": "Ada"}, Prefer="wait=30")
        self.assertEqual((answer.status, answer.json), (200, {"text": "Hello, Ada"}))
        self.assertEqual(answer.headers["Preference-Applied"], "wait=30")
        run = answer.headers["Cairn-Run"]
        self.assertEqual(answer.headers["Location"], f"/v1/runs/{run}")
        self.assertEqual(self.client.get(f"/v1/runs/{run}").json["status"], "completed")

    def test_who_does_not_wait_gets_the_id_of_a_run_that_is_on_disk(self):
        process = self.serve()
        answer = self.client.post("/v1/workflows/test/long/1.0.0/runs")
        self.assertEqual(answer.status, 202)
        process.kill()
        process.wait(PATIENCE_S)
        self.serve()
        self.assertEqual(self.client.get(answer.headers["Location"]).json["status"], "waiting")

    def test_a_fault_is_answered_with_its_problem_and_status(self):
        self.serve()
        answer = self.client.post("/v1/workflows/test/fail/runs", {}, Prefer="wait=30")
        self.assertEqual(answer.status, 410)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertEqual(answer.json["type"], "https://example.com/out-of-stock")
        self.assertIn("Cairn-Run", answer.headers)

    def test_an_input_that_the_workflow_refuses_is_a_bad_request(self):
        self.serve()
        answer = self.client.post("/v1/workflows/test/greet/runs", {"name": 5}, Prefer="wait=30")
        self.assertEqual(answer.status, 400, answer)

    def test_a_run_that_takes_longer_than_is_waited_is_accepted(self):
        self.serve()
        answer = self.client.post("/v1/workflows/test/long/runs", {}, Prefer="respond-async, wait=1")
        self.assertEqual(answer.status, 202)
        self.assertEqual(answer.json["run"], answer.headers["Cairn-Run"])

    def test_the_same_key_names_the_same_run(self):
        process = self.serve()
        first = self.client.post("/v1/workflows/test/greet/runs", {"name": "A"}, Idempotency_Key="k1")
        again = self.client.post("/v1/workflows/test/greet/runs", {"name": "A"}, Idempotency_Key="k1")
        self.assertEqual(first.json["run"], again.json["run"])
        self.assertEqual((first.json["existing"], again.json["existing"]), (False, True))
        waited = self.client.post("/v1/workflows/test/greet/runs", {"name": "A"}, Idempotency_Key="k1", Prefer="wait=9")
        self.assertEqual((waited.status, waited.json), (200, {"text": "Hello, A"}))
        self.assertEqual(waited.headers["Cairn-Existing"], "true")
        (self.folder / "workflows/greet.yaml").write_text(GREET.replace("1.0.0", "1.1.0").replace("Hello", "Hi"))
        process.send_signal(signal.SIGHUP)
        self.await_that("the new version", lambda: self.client.get("/v1/workflows/test/greet").json["version"] == "1.1.0")
        later = self.client.post("/v1/workflows/test/greet/runs", {"name": "A"}, Idempotency_Key="k1", Prefer="wait=9")
        self.assertEqual((later.headers["Cairn-Run"], later.json), (first.json["run"], {"text": "Hello, A"}))
        other = self.client.post("/v1/workflows/test/greet/runs", {"name": "B"}, Idempotency_Key="k1")
        self.assertEqual((other.status, other.json["type"]), (409, "urn:cairn:error:conflict"))

    def test_what_makes_no_sense_is_refused_and_starts_nothing(self):
        self.serve()
        path = "/v1/workflows/test/greet/runs"
        for answer, status in [
            (self.client.post("/v1/workflows/test/nobody/runs"), 404),
            (self.client.post("/v1/workflows/test/greet/9.9.9/runs"), 404),
            (self.client.post(path, "{", Content_Type="application/json"), 400),
            (self.client.post(path, "{}", Content_Type="text/plain"), 400),
            (self.client.post(path, "{}"), 400),
            (self.client.post(path, {}, Cairn_Priority="10"), 400),
            (self.client.post(path + "?wait=30", {}), 400),
            (self.client.post(path, {}, Content_Encoding="gzip"), 415),
            (self.client.post(path, {}, Cairn_Delay="PT1S"), 422),
            (self.client.post(path, {}, Idempotency_Key="x" * 257), 400),
            (self.client.post(path, b"[" * 600 + b"]" * 600, Content_Type="application/json"), 413),
            (self.client.request("DELETE", path), 405),
        ]:
            self.assertEqual(answer.status, status, answer)
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
            self.assertEqual(answer.json["status"], status)
        self.assertEqual(self.client.get("/v1/runs").json, {"runs": [], "next": None})

    def test_when_the_server_ends_who_waits_is_told_of_the_run(self):
        process = self.serve()
        kept = []
        waiting = threading.Thread(
            target=lambda: kept.append(self.client.post("/v1/workflows/test/long/runs", {}, Prefer="wait=60"))
        )
        waiting.start()
        self.await_that("the run", lambda: self.client.get("/v1/runs").json["runs"])
        process.send_signal(signal.SIGTERM)
        waiting.join(PATIENCE_S)
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(kept[0].status, 202)


class Looking(ServerTest):
    def test_runs_come_in_pages_and_by_filter(self):
        self.serve()
        for name in ["a", "b", "c", "d", "e"]:
            self.client.post("/v1/workflows/test/greet/runs", {"name": name}, Prefer="wait=30")
        self.client.post("/v1/workflows/test/fail/runs", {}, Prefer="wait=30")
        seen, cursor, pages = [], "", 0
        while cursor is not None:
            page = self.client.get("/v1/runs?limit=2" + (f"&before={cursor}" if cursor else "")).json
            self.assertLessEqual(len(page["runs"]), 2)
            seen += [run["id"] for run in page["runs"]]
            cursor, pages = page["next"], pages + 1
        self.assertEqual((len(seen), len(set(seen)), pages), (6, 6, 3))
        faulted = self.client.get("/v1/runs?status=faulted&workflow=test/fail").json["runs"]
        self.assertEqual([run["workflow"]["name"] for run in faulted], ["fail"])
        same = self.client.get("/v1/workflows/test/fail/runs").json["runs"]
        self.assertEqual([run["id"] for run in same], [run["id"] for run in faulted])
        for query in ["status=odd", "limit=0", "limit=x", "limit=1001", "since=yesterday", "before=1", "stauts=faulted"]:
            self.assertEqual(self.client.get("/v1/runs?" + query).status, 400, query)
        self.assertIn("did you mean 'status'", self.client.get("/v1/runs?stauts=faulted").json["detail"])

    def test_a_run_its_events_its_state_and_its_graph(self):
        self.serve()
        run = self.client.post("/v1/workflows/test/greet/runs", {"name": "A"}, Prefer="wait=30").headers["Cairn-Run"]
        shown = self.client.get(f"/v1/runs/{run}").json
        self.assertEqual((shown["output"], [task["name"] for task in shown["tasks"]]), ({"text": "Hello, A"}, ["hello"]))
        events = self.client.get(f"/v1/runs/{run}/events").json
        self.assertIsNone(events["next"])
        numbers = [event["number"] for event in events["events"]]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        page = self.client.get(f"/v1/runs/{run}/events?from=2&limit=2").json
        self.assertEqual(([event["number"] for event in page["events"]], page["next"]), ([2, 3], 4))
        self.assertEqual(self.client.get(f"/v1/runs/{run}/state?at=1").json["input"], {"name": "A"})
        self.assertIn("/do/0/hello", self.client.get(f"/v1/runs/{run}/graph").json["marks"])
        self.assertEqual(self.client.get(f"/v1/runs/{run[:13]}/why").status, 200)
        self.assertEqual(self.client.get("/v1/runs/0123/why").status, 404)
        self.assertEqual(self.client.get("/v1/runs/no%20run").status, 404)

    def test_workflows_their_text_and_diagram(self):
        self.serve()
        names = [workflow["name"] for workflow in self.client.get("/v1/workflows").json["workflows"]]
        self.assertEqual(names, ["ask", "fail", "greet", "long"])
        greet = self.client.get("/v1/workflows/test/greet")
        self.assertEqual((greet.json["title"], greet.json["version"]), ("Says hello", "1.0.0"))
        self.assertEqual(self.client.get(greet.json["links"]["text"]).body.decode(), GREET)
        self.assertTrue(self.client.get(greet.json["links"]["diagram"]).body.startswith(b"flowchart"))
        again = self.client.get("/v1/workflows/test/greet", If_None_Match=greet.headers["ETag"])
        self.assertEqual((again.status, again.body), (304, b""))

    def test_a_definition_is_checked_without_being_deployed(self):
        self.serve()
        path = "/v1/workflows:validate"
        good = self.client.post(path, GREET, Content_Type="application/yaml").json
        self.assertEqual((good["valid"], good["workflow"]), (True, "test/greet:1.0.0"))
        bad = self.client.post(path, "document: {dsl: '1.0.3'}\ndo: 5\n", Content_Type="text/yaml").json
        self.assertFalse(bad["valid"])
        self.assertIn({"line": 2, "column": 5}, [{"line": d["line"], "column": d["column"]} for d in bad["diagnostics"]])

    def test_figures_health_and_the_description(self):
        self.serve()
        self.assertEqual(self.client.get("/healthz").json["status"], "alive")
        self.assertEqual(self.client.get("/readyz").json["status"], "ready")
        metrics = self.client.get("/metrics").body.decode()
        self.assertIn("\ncairn_ready 1\n", metrics)
        self.assertIn("\ncairn_workflows 4\n", metrics)
        paths = self.client.get("/openapi.json").json["paths"]
        self.assertIn("/v1/runs/{run}", paths)
        self.assertEqual(self.client.request("HEAD", "/healthz").body, b"")

    def test_what_is_described_is_there_with_these_methods_and_no_others(self):
        self.serve()
        paths = self.client.get("/openapi.json").json["paths"]
        self.assertGreater(len(paths), 20)
        for path, described in paths.items():
            allowed = self.client.request("OPTIONS", re.sub(r"{\w+}", "x", path)).headers["Allow"] or ""
            methods = {method.upper() for method in described if method != "parameters"}
            self.assertEqual(set(allowed.split(", ")) - {"HEAD", "OPTIONS"}, methods, path)

    def test_the_folder_read_again_is_what_may_be_started(self):
        process = self.serve()
        (self.folder / "workflows/greet.yaml").write_text(GREET.replace("1.0.0", "1.1.0").replace("Hello", "Hi"))
        process.send_signal(signal.SIGHUP)
        self.await_that("the new version", lambda: self.client.get("/v1/workflows/test/greet").json["version"] == "1.1.0")
        answer = self.client.post("/v1/workflows/test/greet/runs", {"name": "A"}, Prefer="wait=30")
        self.assertEqual(answer.json, {"text": "Hi, A"})


class Steering(ServerTest):
    def test_suspend_continue_cancel_retry_priority(self):
        self.serve()
        run = self.client.post("/v1/workflows/test/long/runs").json["run"]
        status = lambda: self.client.get(f"/v1/runs/{run}").json["status"]  # noqa: E731
        self.assertEqual(self.client.post(f"/v1/runs/{run}/suspend", {"reason": "a look"}).status, 200)
        self.assertEqual(status(), "suspended")
        self.assertEqual(self.client.post(f"/v1/runs/{run}/continue").status, 200)
        self.assertEqual(status(), "waiting")
        self.assertEqual(self.client.request("PUT", f"/v1/runs/{run}/priority", {"priority": 9}).status, 200)
        self.assertEqual(self.client.request("PUT", f"/v1/runs/{run}/priority", {"priority": 10}).status, 400)
        self.assertEqual(self.client.post(f"/v1/runs/{run}/cancel").status, 200)
        self.assertEqual(status(), "cancelled")
        self.assertEqual(self.client.post(f"/v1/runs/{run}/cancel").status, 409)
        again = self.client.post(f"/v1/runs/{run}/retry")
        self.assertEqual((again.status, again.json["retryOf"]), (202, run))
        self.assertEqual(self.client.get(again.headers["Location"]).json["status"], "waiting")

    def test_events_come_in_once_and_reach_who_listens(self):
        self.serve()
        run = self.client.post("/v1/workflows/test/ask/runs").json["run"]
        event = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "com.example.paid", "data": {"order": 7}}
        sent = self.client.post("/v1/events", event, Content_Type="application/cloudevents+json")
        self.assertEqual((sent.status, sent.json["events"][0]["existing"]), (200, False))
        self.await_that("the end", lambda: self.client.get(f"/v1/runs/{run}").json["status"] == "completed")
        batch = [event, {**event, "id": "2"}]
        again = self.client.post("/v1/events", batch, Content_Type="application/cloudevents-batch+json")
        self.assertEqual([place["existing"] for place in again.json["events"]], [True, False])
        listed = self.client.get("/v1/events?limit=1").json
        self.assertEqual((listed["events"][0]["event"]["id"], listed["next"], listed["more"]), ("1", listed["events"][0]["position"], True))
        rest = self.client.get(f"/v1/events?after={listed['next']}&type=com.example.paid").json
        self.assertEqual(([e["event"]["id"] for e in rest["events"]], rest["more"]), (["2"], False))
        self.assertEqual(self.client.get(f"/v1/events?after={rest['next']}").json, {"events": [], "next": rest["next"], "more": False})
        binary = {"ce-specversion": "1.0", "ce-id": "3", "ce-source": "/shop", "ce-type": "com.example.paid", "ce-subject": "caf%C3%A9"}
        sent = self.client.request("POST", "/v1/events", '{"order": 8}', {**binary, "Content-Type": "application/json"})
        self.assertEqual(sent.status, 200, sent)
        kept = self.client.get(f"/v1/events?after={rest['events'][0]['position']}").json["events"][0]["event"]
        self.assertEqual((kept["id"], kept["data"], kept["subject"]), ("3", {"order": 8}, "café"))
        bad = self.client.post("/v1/events", {"id": "1"}, Content_Type="application/cloudevents+json")
        self.assertEqual(bad.status, 400)

    def test_schedules_are_listed_and_steered(self):
        (self.folder / "workflows/tick.yaml").write_text(
            "document: {dsl: '1.0.3', namespace: test, name: tick, version: '1.0.0'}\nschedule: {every: PT1H}\ndo: []\n"
        )
        self.serve()
        line = self.client.get("/v1/schedules").json["schedules"][0]
        self.assertEqual((line["workflow"]["name"], line["state"]), ("tick", "hosted"))
        self.assertTrue(self.client.post("/v1/schedules/test/tick/pause").json["paused"])
        self.assertEqual(self.client.post("/v1/schedules/test/tick/trigger").status, 200)
        self.assertEqual(self.client.post("/v1/schedules/test/none/trigger").status, 404)
        self.assertEqual(self.client.post("/v1/schedules/test/tick/pause", {"from": "x"}).status, 400)


class Bounds(ServerTest):
    def test_pages_of_other_sites_and_other_names_of_this_machine_are_turned_away(self):
        self.serve()
        self.assertEqual(self.client.get("/healthz", Origin="https://evil.example").status, 403)
        self.assertEqual(self.client.get("/healthz", Origin="null").status, 403)
        self.assertEqual(self.client.get("/healthz", Host="evil.example").status, 421)
        self.assertEqual(self.client.get("/healthz", Host="localhost:1").status, 200)
        self.assertEqual(self.client.get("/healthz", Origin="http://localhost:3000").status, 200)

    def test_other_machines_are_let_in_on_request_only(self):
        refused = self.cairn("serve", "--workflows", "workflows", "--listen", "0.0.0.0:0", exit_code=2)
        self.assertIn("--insecure", refused.stderr)
        self.serve("--listen", "0.0.0.0:0", "--insecure")
        self.assertEqual(Client(f"127.0.0.1:{self.client.port}").get("/healthz").status, 200)

    def test_an_address_that_is_none_or_taken_is_named(self):
        for address in ["here", "127.0.0.1", "127.0.0.1:99999", "::1:80", "example.com:80"]:
            failed = self.cairn("serve", "--workflows", "workflows", "--listen", address, exit_code=2)
            self.assertIn(f"'{address}' is no address to listen at", failed.stderr)
        self.serve()
        taken = f"127.0.0.1:{self.client.port}"
        failed = self.cairn("serve", "--data", "other", "--workflows", "workflows", "--listen", taken, exit_code=None)
        self.assertIn(f"cannot listen at {taken}", failed.stderr)

    def test_off_is_no_address_at_all(self):
        process = self.start("serve", "--workflows", "workflows", "--listen", "off")
        seen = ""
        while "cairn: serving " not in seen:
            seen += process.stderr.readline()
        self.assertNotIn("listening", seen)


if __name__ == "__main__":
    unittest.main()
