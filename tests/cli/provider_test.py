"""OpenID Connect against a real provider: npm's oidc-provider, where build/npm has it.

    npm install --prefix build/npm oidc-provider@8
"""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

from cli import CommandTest
from harness import ROOT
from workflows import workflow

MODULES = pathlib.Path(os.environ.get("CAIRN_NODE_MODULES", ROOT / "build/npm/node_modules"))
SECRET = "a-secret-of-at-least-32-characters-for-hs256"


@unittest.skipUnless((MODULES / "oidc-provider").exists() and shutil.which("node"), "oidc-provider is not in build/npm")
class RealProvider(CommandTest):
    def setUp(self):
        super().setUp()
        self.provider = subprocess.Popen(["node", pathlib.Path(__file__).with_name("provider.mjs"), MODULES],
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.provider.stdout.close)
        self.addCleanup(self.provider.wait)
        self.addCleanup(self.provider.kill)
        self.about = json.loads(self.provider.stdout.readline())
        self.environment |= {"CAIRN_SECRET_CLIENT": SECRET, "CAIRN_SECRET_KEY": self.about["key"], "CAIRN_HTTP_PROXY": ""}

    def call(self, client, kind="oidc", more="", exit_code=0):
        policy = f"{{authority: '{self.about['issuer']}', grant: client_credentials, scopes: [read], client: {client}{more}}}"
        text = workflow(
            f"  - a: {{call: http, with: {{method: get, endpoint: {{uri: '{self.about['issuer']}/api', "
            f"authentication: {{{kind}: {policy}}}}}}}}}\n", use="{secrets: [client, key]}")
        return self.run_text(text, exit_code=exit_code)

    def test_takes_each_way_in_which_a_client_proves_itself(self):
        for client, policy in (
            ("basic", "{id: basic, secret: '${ $secrets.client }', authentication: client_secret_basic}"),
            ("post", "{id: post, secret: '${ $secrets.client }'}"),
            ("jwt", "{id: jwt, secret: '${ $secrets.client }', authentication: client_secret_jwt}"),
            ("key", "{id: key, assertion: '${ $secrets.key }', authentication: private_key_jwt}"),
        ):
            with self.subTest(client):
                self.assertEqual(json.loads(self.call(policy).stdout), {"client": client, "scope": "read"})

    def test_an_endpoint_that_is_given_needs_no_discovery(self):
        answer = self.call("{id: post, secret: '${ $secrets.client }'}", "oauth2", ", endpoints: {token: /token}")
        self.assertEqual(json.loads(answer.stdout)["client"], "post")

    def test_what_the_provider_says_is_told_without_the_secret(self):
        self.environment["CAIRN_SECRET_CLIENT"] = "wrong-secret-of-at-least-32-characters"
        says = self.call("{id: post, secret: '${ $secrets.client }'}", exit_code=1).stderr
        self.assertEqual(json.loads(says)["status"], 401)
        self.assertIn("invalid_client", says)
        self.assertNotIn("wrong-secret", says)


if __name__ == "__main__":
    unittest.main()
