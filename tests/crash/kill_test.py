"""SIGKILL at random instants of a run of sixty tasks: nothing is lost, nothing that was recorded happens again.

CAIRN_KILLS (200) says how often, CAIRN_SEED which instants; a failure prints the seed that repeats it.
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import BINARY, PATIENCE_S, EndToEnd  # noqa: E402
import sixty_tasks  # noqa: E402

KILLS = int(os.environ.get("CAIRN_KILLS", "200"))
SEED = int(os.environ.get("CAIRN_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
LONGEST_LIFE_S = 0.6  # a run of its own takes about twice that


class KillTest(EndToEnd):
    def setUp(self):
        super().setUp()
        self.service = self.stand_in()
        self.random = random.Random(SEED)
        self.workflow = self.folder / "workflow.yaml"
        self.workflow.write_text(sixty_tasks.definition())

    def start(self, data, *arguments):
        environment = dict(self.environment, CAIRN_DATA=str(data))
        return subprocess.Popen([BINARY, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ask(self, data, *arguments, exit_code=0):
        process = self.start(data, *arguments)
        out, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, exit_code, f"cairn {' '.join(map(str, arguments))}: {out}{err}")
        return out

    def events(self, data):
        out = self.ask(data, "events", "last", "--json")
        text = out.strip()
        if text.startswith("["):
            return json.loads(text)
        return [json.loads(line) for line in text.splitlines()]

    def recorded_keys(self, data, run):
        """Idempotency keys of the effects whose result is in the log."""
        key_of, done = {}, set()
        for event in self.events(data):
            if event["type"] == "EffectScheduled":
                key_of[event["number"]] = f"{run}-{event['data']['key'] or event['number']}"
            elif event["type"] in ("EffectCompleted", "EffectFailed"):
                # A failed attempt may rightly be made again, under the same key.
                if event["type"] == "EffectCompleted":
                    done.add(key_of[event["data"]["effect"]])
        return done

    def check_history(self, data):
        self.ask(data, "log", "verify")
        self.ask(data, "replay", "last", "--verify")

    def one_life(self, number):
        """Kills one run again and again until it has ended; returns how often it was killed."""
        data = self.folder / f"data-{number}"
        given = json.dumps({"service": self.service.address})
        expected = sixty_tasks.expected(self.service.address)
        ledger_start = len(self.service.ledger())
        done_at = []  # (ledger length at the kill, keys recorded by then)
        kills, started = 0, False
        while True:
            command = ("resume", "last") if started else ("run", self.workflow, "--input", given)
            process = self.start(data, *command)
            try:
                out, err = process.communicate(timeout=self.random.uniform(0.0, LONGEST_LIFE_S))
                self.assertEqual(process.returncode, 0, err)
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                kills += 1
            runs = json.loads(self.ask(data, "runs", "--json")) if data.exists() else []
            started = bool(runs)
            if not started:
                continue
            self.check_history(data)
            done_at.append((len(self.service.ledger()), self.recorded_keys(data, runs[0]["id"])))
            if runs[0]["status"] == "completed":
                out = self.ask(data, "resume", "last")
                break
        self.assertEqual(json.loads(out), expected)
        self.check_history(data)
        ledger = self.service.ledger()
        for length, keys in done_at:
            again = [line["idempotencyKey"] for line in ledger[length:] if line["idempotencyKey"] in keys]
            self.assertEqual(again, [], "an effect was executed again after its result was recorded")
        posts = [line for line in ledger[ledger_start:] if line["method"] == "POST" and line["path"] == "/crm/contacts"]
        keys = {line["idempotencyKey"] for line in posts if line["done"]}
        self.assertEqual(len(keys), 50, "every effect has one key, whatever happened on the way")
        return kills

    def test_kills_lose_nothing_and_repeat_nothing_recorded(self):
        self.assertGreaterEqual(sixty_tasks.count_tasks(), 60)
        print(f"kill_test: CAIRN_SEED={SEED} CAIRN_KILLS={KILLS} repeats this", flush=True)
        kills = lives = 0
        begun = time.monotonic()
        while kills < KILLS:
            kills += self.one_life(lives)
            lives += 1
        print(f"kill_test: {kills} kills over {lives} runs in {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
